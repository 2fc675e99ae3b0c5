/**
 * Envelopes through the API: `npm run bench -- http`. The node is the real one (`dxl node`: embedded
 * engine and PostgreSQL, fsync on, read model and logging on), its bound a bare Express + Ajv POST
 * that is sent the same bodies. One process each for node, bare server and load; runs alternate.
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
import type { Report, Saturated, Shape } from './http/load.ts';
import type { Latencies } from './http/open-loop.ts';
import { besideNode } from './http/beside-node.ts';
import { nodeDir, startBare, startLoad, type Load, type Server } from './http/processes.ts';

const options = readOptions({
  seconds: { type: 'string' },
  repetitions: { type: 'string' },
  connections: { type: 'string' },
  batches: { type: 'string' },
  smoke: { type: 'boolean' },
  profile: { type: 'string' },
});
const smoke = options.smoke === true;
const seconds = positive('seconds', options.seconds, smoke ? 1 : 8);
const repetitions = positive('repetitions', options.repetitions, smoke ? 1 : 3);
const connections = positive('connections', options.connections, smoke ? 4 : 512);
const keys = smoke ? 16 : 512;

const batches = (options.batches ?? (smoke ? '1,4' : '1,16,64,256'))
  .split(',')
  .map((batch) => positive('batches', batch, 1));
const formats = ['json', 'binary'] as const;

const nameOf = ({ batch, format }: Shape): string =>
  `${batch === 1 ? 'single' : `batch of ${batch}`}, ${format}`;

/** In flight together, of all connections: two blocks, and 8 of each key. */
const inFlightMax = 4_096;
const connectionsOf = ({ batch }: Shape): number =>
  Math.max(2, Math.min(connections, Math.floor(inFlightMax / batch)));

interface Bench {
  readonly load: Load;
  readonly node: Server;
  readonly bare: Server;
  readonly client: ExchangeClient;
}

interface Run extends Saturated {
  readonly server: 'node' | 'bare';
  readonly shape: Shape;
  /** Blocks that the envelopes came to stand in. */
  readonly blocks: number;
}

function expectKind<Kind extends Report['kind']>(report: Report, kind: Kind) {
  if (report.kind !== kind) throw new Error(`the load answered ${report.kind}`);
  return report as Report & { readonly kind: Kind };
}

/** Until the read model shows every block: what is left to do burdens no other run. */
async function settle(client: ExchangeClient) {
  for (;;) {
    const status = await client.status();
    if (status.pending === 0 && status.projection.height === status.height) return status;
    await pause(50);
  }
}

/** The bare server is sent the same envelopes again, in JSON, which is all that it knows. */
/** Its receipt, its registration, and that each of the two digests is taken; one refused has the receipt alone. */
const leavesOfApplied = 4;

async function saturate(
  { load, node, bare, client }: Bench,
  server: Run['server'],
  shape: Shape,
  requests: number,
): Promise<Run> {
  const before = await settle(client);
  const fresh = server === 'node';
  const { url } = fresh ? node : bare;
  const target = { url, fresh, requests, connections: connectionsOf(shape), ...shape };
  const run = expectKind(await load.run({ kind: 'saturate', ...target }), 'saturated');
  const after = await settle(client);
  if (run.failed > 0) {
    throw new Error(`${run.failed} requests to the ${server} failed; statuses ${run.statuses}`);
  }
  const applied = (after.logSize - before.logSize) / leavesOfApplied;
  if (fresh && applied !== run.envelopes) {
    const why = JSON.stringify(run.refusals);
    throw new Error(`${applied} of ${run.envelopes} envelopes were applied; refused: ${why}`);
  }
  return { ...run, server, shape, blocks: after.height - before.height };
}

const perSecond = ({ envelopes, seconds: spent }: Saturated): number => envelopes / spent;

/** As many requests as take about the time that a run is to take. Warms up, too. */
async function calibrate(bench: Bench, server: Run['server'], shape: Shape): Promise<number> {
  let requests = connectionsOf(shape);
  for (const spent of smoke ? [] : [1, seconds]) {
    const run = await saturate(bench, server, shape, requests);
    requests = Math.max(requests, Math.ceil((perSecond(run) / shape.batch) * spent));
  }
  return requests;
}

interface Series {
  readonly server: Run['server'];
  readonly shape: Shape;
  readonly requests: number;
}

/** The bare server once for each batch: the form of the envelopes is nothing to it. */
async function planSeries(bench: Bench): Promise<Series[]> {
  const series: Series[] = [];
  for (const batch of batches) {
    for (const format of formats) {
      const shape = { batch, format };
      const requests = await calibrate(bench, 'node', shape);
      series.push({ server: 'node', shape, requests });
    }
    const shape = { batch, format: 'json' } as const;
    series.push({ server: 'bare', shape, requests: await calibrate(bench, 'bare', shape) });
  }
  return series;
}

async function measure(bench: Bench): Promise<Run[]> {
  const series = await planSeries(bench);
  const runs: Run[] = [];
  for (let turn = 0; turn < repetitions; turn += 1) {
    // There and back, so that no series always comes after the same one.
    for (const { server, shape, requests } of turn % 2 === 0 ? series : [...series].reverse()) {
      const run = await saturate(bench, server, shape, requests);
      runs.push(run);
      console.log(`${turn + 1}. ${server}, ${nameOf(shape)}: ${round(perSecond(run))} envelopes/s`);
    }
  }
  return runs;
}

const medianOf = (runs: readonly Run[], server: Run['server'], { batch, format }: Shape): number =>
  median(
    runs
      .filter((run) => run.server === server && run.shape.batch === batch)
      .filter((run) => server === 'bare' || run.shape.format === format)
      .map(perSecond),
  );

interface Rated extends Latencies {
  readonly server: Run['server'];
  readonly shape: Shape;
}

/** At even intervals, half as many requests as at saturation. */
async function measureLatency(bench: Bench, runs: readonly Run[]): Promise<Rated[]> {
  const { load, node, bare, client } = bench;
  const rated: Rated[] = [];
  for (const batch of batches.filter((size) => size === 1 || size === 64)) {
    for (const server of ['node', 'bare'] as const) {
      const shape = { batch, format: 'json' } as const;
      await settle(client);
      const half = medianOf(runs, server, shape) / batch / 2;
      const requests = Math.max(10, Math.ceil(half * seconds));
      const { url } = server === 'node' ? node : bare;
      const target = { url, fresh: server === 'node', requests, perSecond: half, ...shape };
      const report = expectKind(await load.run({ kind: 'rate', ...target }), 'rated');
      if (report.failed > 0) throw new Error(`${report.failed} requests to the ${server} failed`);
      const { kind: _kind, ...latencies } = report;
      rated.push({ server, shape, ...latencies, perSecond: round(half, 1) });
    }
  }
  return rated;
}

function rowsOf(runs: readonly Run[]) {
  const shapes = batches.flatMap((batch) => formats.map((format) => ({ batch, format })));
  const bareSingle = medianOf(runs, 'bare', { batch: 1, format: 'json' });
  return shapes.map((shape) => {
    const ours = medianOf(runs, 'node', shape);
    const bare = medianOf(runs, 'bare', shape);
    return {
      scenario: nameOf(shape),
      'envelopes/s': round(ours),
      // One operation in each: told apart so that nobody takes one for the other.
      'operations/s': round(ours),
      'requests/s': round(ours / shape.batch, 1),
      'bare, envelopes/s': round(bare),
      'of bare': round(ours / bare, 3),
      // Of nothing where singles were left out.
      'of bare singles': bareSingle === 0 ? 0 : round(ours / bareSingle, 3),
    };
  });
}

async function run(bench: Bench, dataDir: string): Promise<void> {
  const { key, passphrase } = operatorFiles(dataFolder(dataDir));
  const prepared = await bench.load.run({
    kind: 'prepare',
    url: bench.node.url,
    keyFile: key,
    passphraseFile: passphrase,
    keys,
  });
  const { envelopeBytes } = expectKind(prepared, 'prepared');
  const runs = await measure(bench);
  const rows = rowsOf(runs);
  const latency = await measureLatency(bench, runs);
  const { cpu, cores, node } = hardware();
  console.log(`${cpu}, ${cores} cores for node, database and load together, Node ${node}`);
  console.table(rows);
  console.log('latency in ms at half of the saturated load');
  console.table(latency.map(({ shape, ...row }) => ({ scenario: nameOf(shape), ...row })));
  const ratios = Object.fromEntries(
    rows.flatMap((row) => [
      [`${row.scenario}: of bare with the same bodies`, row['of bare']],
      [`${row.scenario}: of bare singles`, row['of bare singles']],
    ]),
  );
  await writeResult(resultsFolder(options.results), 'http', {
    what:
      'rights.submit, one operation in an envelope, through the API of a node (embedded engine, ' +
      'fsync on, acknowledged after COMMIT), against a bare Express + Ajv POST',
    settings: { seconds, repetitions, connections, keys, envelopeBytes },
    scenarios: rows,
    latencyAtHalfLoad: latency,
    raw: runs,
    ratios,
  });
}

await besideNode('http', { profileDir: options.profile }, async ({ node, folder, closing }) => {
  const bare = closing(await startBare());
  const load = closing(await startLoad());
  const client = new ExchangeClient(node.url);
  await run({ load, node, bare, client }, nodeDir(folder));
});
