/** `npm run sim -- --seed S --steps N [--replicas R] [--seeds COUNT] [--seconds T]` */
import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { exchangeParts } from '../../src/chain/rooms.ts';
import { chainId } from './cast.ts';
import { writeGolden } from './golden.ts';
import { writeSecond } from './golden-version-2.ts';
import { realVerifier, stubVerifier, writeProof } from './real-proof.ts';
import { Simulation, type Tally } from './simulation.ts';

const usage = `npm run sim -- [options]
  --seed S         first seed (default: by the clock; it is printed)
  --steps N        steps of each run (default 60)
  --replicas R     replicas (default 4)
  --seeds COUNT    seeds one after another (default 1)
  --seconds T      stop after T seconds
  --real-proofs    verify proofs with the development key, not the stub
  --results FILE   write the totals as JSON
  --write-golden   make the golden chain anew (a consensus-breaking change; see the golden test)
  --write-version-2  make the golden chain's blocks of machine version 2 anew (likewise)
  --write-proof    make the recorded proof anew`;

interface Totals {
  seeds: number;
  readonly sums: Record<string, number>;
  readonly applied: Map<string, number>;
  readonly codes: Map<string, number>;
}

function add(totals: Totals, tally: Tally): void {
  totals.seeds += 1;
  for (const [name, value] of Object.entries(tally)) {
    if (typeof value === 'number') totals.sums[name] = (totals.sums[name] ?? 0) + value;
  }
  for (const key of ['applied', 'codes'] as const) {
    for (const [name, count] of tally[key]) {
      totals[key].set(String(name), (totals[key].get(String(name)) ?? 0) + count);
    }
  }
}

async function simulate(values: Record<string, string | boolean | undefined>): Promise<void> {
  const first = Number(values['seed'] ?? Date.now() % 1_000_000_000);
  const steps = Number(values['steps'] ?? 60);
  const replicas = Number(values['replicas'] ?? 4);
  const count = Number(values['seeds'] ?? 1);
  const endMs = Date.now() + Number(values['seconds'] ?? Infinity) * 1000;
  const verifyProof = values['real-proofs'] ? await realVerifier() : stubVerifier;
  const parts = { ...exchangeParts, verifyProof };
  const totals: Totals = { seeds: 0, sums: {}, applied: new Map(), codes: new Map() };
  const startedMs = performance.now();
  for (let seed = first; seed < first + count && Date.now() < endMs; seed += 1) {
    try {
      add(totals, new Simulation({ seed, steps, replicas, partsOf: () => parts }).run());
    } catch (error) {
      console.error(`seed ${seed} fails: ${(error as Error).stack ?? String(error)}`);
      console.error(`again: npm run sim -- --seed ${seed} --steps ${steps} --replicas ${replicas}`);
      process.exitCode = 1;
      return;
    }
    if (totals.seeds % 100 === 0)
      console.log(`${totals.seeds} seeds, the last ${seed}: no rule broken`);
  }
  const report = {
    firstSeed: first,
    seeds: totals.seeds,
    steps,
    replicas,
    proofs: values['real-proofs'] ? 'verified' : 'stub verifier',
    failures: 0,
    seconds: Math.round((performance.now() - startedMs) / 1000),
    processor: cpus()[0]?.model ?? 'unknown',
    cores: 1,
    node: process.version,
    ...totals.sums,
    applied: Object.fromEntries([...totals.applied].sort()),
    codes: Object.fromEntries([...totals.codes].sort()),
  };
  console.log(JSON.stringify(report, null, 2));
  const file = values['results'];
  if (typeof file === 'string') await writeFile(file, `${JSON.stringify(report, null, 2)}\n`);
}

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const { values } = parseArgs({
  options: {
    seed: text,
    steps: text,
    replicas: text,
    seeds: text,
    seconds: text,
    results: text,
    'real-proofs': flag,
    'write-golden': flag,
    'write-version-2': flag,
    'write-proof': flag,
    help: flag,
  },
});
if (values.help) console.log(usage);
else if (values['write-proof']) await writeProof(chainId);
else if (values['write-golden']) console.log(await writeGolden());
else if (values['write-version-2']) console.log(await writeSecond());
else await simulate(values);
