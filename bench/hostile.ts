/**
 * Honest envelopes beside strangers: `npm run bench -- hostile`. The node is the real one (`dxl node`:
 * embedded engine and PostgreSQL, fsync on) with its default limits. Each run beside an attack has a
 * twin in which the same attack is aimed at a sink that accepts and discards, so what the attackers
 * themselves take of the machine is in both; twins alternate.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { operatorFiles } from '../src/cli/new-chain.ts';
import { ExchangeClient } from '../src/client/exchange-client.ts';
import { dataFolder } from '../src/node/data-folder.ts';
import {
  hardware,
  median,
  positive,
  readOptions,
  resultsFolder,
  round,
  writeResult,
} from './harness.ts';
import { attackNames, attacks, type AttackName } from './hostile/attacks.ts';
import type { AttackJob, Attacked } from './hostile/attacker.ts';
import type { Honest, HonestJob } from './hostile/honest.ts';
import { addedMiBMax, highestDuring, residentMiBOf, threadMsOf } from './hostile/resident.ts';
import { besideNode } from './http/beside-node.ts';
import {
  nodeDir,
  startServer,
  startWorker,
  type NodeServer,
  type Server,
  type Worker,
} from './http/processes.ts';

const options = readOptions({
  seconds: { type: 'string' },
  pairs: { type: 'string' },
  strangers: { type: 'string' },
  attacks: { type: 'string' },
  profile: { type: 'string' },
});
const seconds = positive('seconds', options.seconds, 6);
const pairs = positive('pairs', options.pairs, 5);
const strangers = positive('strangers', options.strangers, 4);

/** Modest: what a machine of two cores bears beside the attackers, node and database. */
const honest = { addresses: 8, inFlight: 2, pauseMs: 20 };
const keys = 64;

/** What must hold of each attack. */
const goals = { envelopes: 0.8, p99: 2 };

/** Until the attackers have all their connections. */
const rampMs = 1_000;

const scenarios: readonly { readonly name: string; readonly names: readonly AttackName[] }[] = [
  ...attackNames.map((name) => ({ name, names: [name] })),
  { name: 'all at once', names: attackNames },
].filter(({ name }) => options.attacks?.split(',').includes(name) ?? true);

interface Bench {
  readonly node: NodeServer;
  readonly sink: Server;
  readonly client: ExchangeClient;
  readonly honest: Worker<HonestJob, Honest | null>;
  readonly attacker: Worker<AttackJob, Attacked>;
}

interface Run extends Honest {
  readonly scenario: string;
  readonly at: 'node' | 'sink';
  readonly pair: number;
  readonly highestMiB: number;
  /** Of the node’s main thread, in each second. */
  readonly threadMs: number;
  readonly attack: Attacked;
}

/** Until the read model shows every block: what is left to do burdens no other run. */
async function settle(client: ExchangeClient): Promise<void> {
  for (;;) {
    const status = await client.status();
    if (status.pending === 0 && status.projection.height === status.height) return;
    await pause(50);
  }
}

async function sendHonest({ node, honest: load }: Bench, spent: number): Promise<Honest> {
  const report = await load.run({ kind: 'send', url: node.url, seconds: spent, ...honest });
  if (report === null) throw new Error('the honest load reported nothing');
  return report;
}

async function runBeside(
  bench: Bench,
  { name, names }: (typeof scenarios)[number],
  at: Run['at'],
  pair: number,
): Promise<Run> {
  await settle(bench.client);
  const { url } = bench[at];
  const job = { url, names, strangers, ms: rampMs + seconds * 1_000 };
  const startMs = performance.now();
  const threadStartMs = threadMsOf(bench.node.pid);
  const attacked = bench.attacker.run(job);
  const both = pause(rampMs).then(() => Promise.all([sendHonest(bench, seconds), attacked]));
  const { value, highestMiB } = await highestDuring(bench.node.pid, both);
  const [report, attack] = value;
  const spent = (performance.now() - startMs) / 1_000;
  const threadMs = round((threadMsOf(bench.node.pid) - threadStartMs) / spent);
  const run = { scenario: name, at, pair, ...report, highestMiB, threadMs, attack };
  const rate = round(perSecond(run));
  console.log(
    `${pair + 1}. ${name}, at the ${at}: ${rate} envelopes/s, p99 ${run.p99Ms} ms, thread ${threadMs} ms/s`,
  );
  return run;
}

const perSecond = ({ acknowledged, seconds: spent }: Honest): number => acknowledged / spent;

async function measure(bench: Bench): Promise<Run[]> {
  const runs: Run[] = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    for (const scenario of scenarios) {
      // There and back, so that neither always comes first.
      const order = pair % 2 === 0 ? (['sink', 'node'] as const) : (['node', 'sink'] as const);
      for (const at of order) runs.push(await runBeside(bench, scenario, at, pair));
    }
  }
  return runs;
}

/** Medians of the pairs’ own ratios: what others took of the machine meanwhile is in both twins. */
function rowOf(all: readonly Run[], scenario: string) {
  const runs = all.filter((run) => run.scenario === scenario);
  const twins = runs
    .filter(({ at }) => at === 'node')
    .map((run) => [run, runs.find(({ at, pair }) => at === 'sink' && pair === run.pair)!] as const);
  const of = (value: (run: Run) => number) => ({
    node: median(twins.map(([run]) => value(run))),
    sink: median(twins.map(([, run]) => value(run))),
    ratio: median(twins.map(([run, twin]) => value(run) / value(twin))),
  });
  const [rate, p99] = [of(perSecond), of((run) => run.p99Ms)];
  const thread = of((run) => run.threadMs);
  const failed = twins.reduce(
    (sum, [run]) => sum + Object.values(run.failed).reduce((left, right) => left + right, 0),
    0,
  );
  return {
    scenario,
    'envelopes/s': round(rate.node),
    'with the sink': round(rate.sink),
    ratio: round(rate.ratio, 2),
    'p99, ms': round(p99.node, 1),
    'p99 with the sink': round(p99.sink, 1),
    'p99 ratio': round(p99.ratio, 2),
    'not acknowledged': failed,
    'thread, ms/s': thread.node,
    'thread with the sink': thread.sink,
    'highest MiB': Math.max(...twins.map(([run]) => run.highestMiB)),
  };
}

async function run(bench: Bench, dataDir: string): Promise<void> {
  const { key, passphrase } = operatorFiles(dataFolder(dataDir));
  const admission = { url: bench.node.url, keyFile: key, passphraseFile: passphrase, keys };
  await bench.honest.run({ kind: 'prepare', ...admission });
  await sendHonest(bench, Math.min(seconds, 4));
  await settle(bench.client);
  const idleMiB = residentMiBOf(bench.node.pid);
  const residentMiBMax = idleMiB + addedMiBMax();
  console.log(`Resident: ${idleMiB} MiB idle, at most ${residentMiBMax} by the limits`);
  const runs = await measure(bench);
  const rows = scenarios.map(({ name }) => rowOf(runs, name));
  const { cpu, cores, node } = hardware();
  console.log(`${cpu}, ${cores} cores for node, database, load and attackers, Node ${node}`);
  console.table(rows);
  const highestMiB = Math.max(...runs.map((one) => one.highestMiB));
  const missed = rows
    .filter((row) => row.ratio < goals.envelopes || row['p99 ratio'] > goals.p99)
    .map(({ scenario }) => scenario);
  console.log(`Highest resident set ${highestMiB} MiB of ${residentMiBMax}`);
  console.log(missed.length === 0 ? 'All goals are met' : `Missed by: ${missed.join(', ')}`);
  await writeResult(resultsFolder(options.results), 'hostile', {
    what:
      'rights.submit, one envelope a request, through the API of a node with its default limits, ' +
      'beside attacks, against the same attacks aimed at a sink',
    settings: { seconds, pairs, strangers, honest, keys, goals },
    attacks: Object.fromEntries(attackNames.map((name) => [name, attacks[name].what])),
    resident: { idleMiB, addedMiBMax: addedMiBMax(), residentMiBMax, highestMiB },
    scenarios: rows,
    missed,
    raw: runs,
    ratios: Object.fromEntries(
      rows.flatMap((row) => [
        [`${row.scenario}: envelopes/s`, row.ratio],
        [`${row.scenario}: p99`, row['p99 ratio']],
      ]),
    ),
  });
}

const limits = { DXL_LIMITS: '', DXL_REQUESTS_PER_MINUTE: '' };
await besideNode('hostile', { profileDir: options.profile, limits }, async (beside) => {
  const { node, folder, closing } = beside;
  const sink = closing(await startServer('hostile/sink.ts'));
  const load = closing(await startWorker<HonestJob, Honest | null>('hostile/honest.ts'));
  const attacker = closing(await startWorker<AttackJob, Attacked>('hostile/attacker.ts'));
  const client = new ExchangeClient(node.url);
  await run({ node, sink, client, honest: load, attacker }, nodeDir(folder));
});
