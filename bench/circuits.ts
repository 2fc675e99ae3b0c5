/**
 * The circuits of the sample sizes: `npm run bench -- circuits [--sizes N,N] [--proofs N]`. Each is built anew in a
 * folder that is removed afterwards, then proves a sample of a made table. Processor time is of the processes that
 * compile and prove: on a loaded machine it is what travels, not the time on the clock. One proof of each
 * is kept in the result, and test/circuits/kept-proofs.test.ts holds it to the key and to a recomputation.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toHex } from '../src/base/bytes.ts';
import { buildCircuit } from '../src/privacy/zk/build/build-circuit.ts';
import {
  loadCatalogue,
  loadDevelopmentKey,
  type CircuitEntry,
} from '../src/privacy/zk/catalogue.ts';
import { prove } from '../src/privacy/zk/prover/prove.ts';
import { AnonymousRows } from '../src/privacy/zk/statements/class-selection.ts';
import { quasiIdentifierElement } from '../src/privacy/zk/statements/k-anonymity.ts';
import { verifyProof } from '../src/privacy/zk/verifier/verify.ts';
import {
  hardware,
  median,
  positive,
  readOptions,
  resultsFolder,
  round,
  writeResult,
} from './harness.ts';
import { endedChildrenCpuSecondsOf } from './proc-stat.ts';
import { madeTable } from './circuits/made-table.ts';

const options = readOptions({ sizes: { type: 'string' }, proofs: { type: 'string' } });
const proofs = positive('proofs', options.proofs, 3);
const wanted = options.sizes?.split(',').map((rows) => positive('sizes', rows, 1));

const { circuits } = await loadCatalogue();
const chosen = circuits.filter(
  ({ parameters }) => wanted?.includes(parameters['rows'] ?? 0) ?? true,
);

/** What the processes of some work took: on the clock, of processors, and of memory at most. */
interface Cost {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMiB: number;
}

const childrenCpu = async (): Promise<number> =>
  endedChildrenCpuSecondsOf(await readFile('/proc/self/stat', 'utf8'));

/** VmHWM of each process that this one has started and that is still there. */
async function peakOfChildren(): Promise<number> {
  const children = await readFile(`/proc/self/task/${process.pid}/children`, 'utf8');
  const peaks = await Promise.all(
    children
      .trim()
      .split(' ')
      .map(async (pid) => {
        const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
        return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
      }),
  );
  return Math.max(0, ...peaks);
}

async function costOf<Value>(work: () => Promise<Value>): Promise<readonly [Value, Cost]> {
  const [cpu, start] = [await childrenCpu(), performance.now()];
  let peak = 0;
  const timer = setInterval(() => {
    void peakOfChildren().then((found) => (peak = Math.max(peak, found)));
  }, 50);
  const value = await work().finally(() => clearInterval(timer));
  const seconds = round((performance.now() - start) / 1000, 2);
  return [
    value,
    { seconds, cpuSeconds: round((await childrenCpu()) - cpu, 2), peakMiB: round(peak) },
  ];
}

const medianCost = (costs: readonly Cost[]): Cost => ({
  seconds: median(costs.map(({ seconds }) => seconds)),
  cpuSeconds: median(costs.map(({ cpuSeconds }) => cpuSeconds)),
  peakMiB: Math.max(...costs.map(({ peakMiB }) => peakMiB)),
});

async function measure({ id, parameters, constraints, publics }: CircuitEntry, cacheDir: string) {
  const { rows = 0, k = 0 } = parameters;
  const [artefacts, build] = await costOf(() => buildCircuit({ circuitId: id, cacheDir }));
  const table = madeTable(rows);
  const classes = new AnonymousRows(rows);
  for (const [row, cells] of table.entries()) classes.add(row, cells);
  const selected = classes.select({ rows, k });
  if (!selected.ok) throw new Error(selected.detail);
  const column = selected.value.map((row) => quasiIdentifierElement(table[row] ?? []));
  const inputs = { binding: BigInt(rows), salt: 20_261_201n, column };
  const costs: Cost[] = [];
  let kept = { proof: '', publics: [''] };
  const key = await loadDevelopmentKey(id);
  const verifyMs: number[] = [];
  for (let at = 0; at < proofs; at += 1) {
    const timeoutMs = 1_800_000;
    const [made, cost] = await costOf(() => prove({ circuitId: id, artefacts, inputs, timeoutMs }));
    costs.push(cost);
    // The first of a process is some times dearer than all that follow.
    if (at === 0) verifyProof(key, made.publics, made.proof);
    const start = performance.now();
    if (!verifyProof(key, made.publics, made.proof).ok) throw new Error(`${id} does not verify`);
    verifyMs.push(performance.now() - start);
    kept = { proof: toHex(made.proof), publics: made.publics.map(String) };
  }
  return {
    ...{ id, rows, k, constraints },
    domain: `2^${Math.ceil(Math.log2(constraints + publics.length + 1))}`,
    build: { ...build, compileMs: artefacts.compileMs, keysMs: artefacts.keysMs },
    prove: medianCost(costs),
    verifyMs: round(median(verifyMs), 1),
    kept,
  };
}

const { cpu, node } = hardware();
console.log(`${cpu}, Node ${node}`);
const cacheDir = await mkdtemp(join(tmpdir(), 'dxl-bench-circuits-'));
const measured: Awaited<ReturnType<typeof measure>>[] = [];
try {
  for (const circuit of chosen) measured.push(await measure(circuit, cacheDir));
} finally {
  await rm(cacheDir, { recursive: true, force: true });
}
console.table(
  measured.map(({ id, constraints, domain, build, prove: proving, verifyMs }) => ({
    ...{ circuit: id, constraints, domain, verifyMs },
    'build s': build.seconds,
    'build CPU s': build.cpuSeconds,
    'build MiB': build.peakMiB,
    'prove s': proving.seconds,
    'prove CPU s': proving.cpuSeconds,
    'prove MiB': proving.peakMiB,
  })),
);
const [least] = measured;
await writeResult(resultsFolder(options.results), 'circuits', {
  what: 'the circuits of the sample sizes, built anew, and a proof by each under its development key',
  raw: measured,
  ratios: Object.fromEntries(
    measured.map(({ rows, prove: proving }) => [
      `processor time to prove ${rows} rows, to that of ${least?.rows ?? 0}`,
      round(proving.cpuSeconds / (least?.prove.cpuSeconds ?? 1), 2),
    ]),
  ),
});
