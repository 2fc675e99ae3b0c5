/**
 * Envelopes and operations per second of the embedded engine in process, every one acknowledged
 * after its block is on disk, against what bounds it in the same run: bare Ed25519 verification on
 * all cores. The operations are a market's, under the real rules, with the state tree on.
 */
import { rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { EmbeddedEngine } from '../src/chain/engine/embedded.ts';
import type { Check } from '../src/chain/engine/verify-batch.ts';
import { openMachine } from '../src/chain/engine/open.ts';
import { CachedState } from '../src/chain/machine/cached-state.ts';
import { Machine } from '../src/chain/machine/machine.ts';
import { openBlockStore } from '../src/store/block-store.ts';
import { openDataSource } from '../src/store/data-source.ts';
import { startPostgres, type RunningPostgres } from '../src/store/postgres/start.ts';
import { createStateSource } from '../src/store/state-source.ts';
import { bareVerifications } from './bare-verification.ts';
import { median, positive, readOptions, resultsFolder, round, writeResult } from './harness.ts';
import { ledgerCpuSeconds, type LedgerCpu } from './ledger-cpu.ts';
import { blockSigner, marketGenesis, marketParts, openMarket } from './market.ts';
import { profileOf } from './profile.ts';
import { openFolder } from '../test/support/open-folder.ts';

const options = readOptions({ rounds: { type: 'string' }, operations: { type: 'string' } });
const rounds = positive('rounds', options.rounds, 3);
/** Operations of each measured run of several a envelope; a fifth as many envelopes of one. */
const operationsARun = positive('operations', options.operations, 200_000);

/**
 * Envelopes on their way at once: enough for three blocks, so that one is executed while another is
 * written and a third is verified.
 */
const inFlight = { 1: 8_000, 16: 1_024, 64: 320 } as const;
const verifyingSeconds = 2;

async function openNode(url: string) {
  const dataSource = await openDataSource(url);
  const store = await openBlockStore({ dataSource, url });
  const machine = new Machine(await marketGenesis(), marketParts, new CachedState(128 * 2 ** 20));
  const engine = new EmbeddedEngine({
    machine,
    store,
    source: createStateSource(dataSource),
    blockSigner,
    checkpoint: await openMachine(machine, store),
    clock: Date.now,
    clockConfirmed: true,
    blockIntervalMs: 5,
    pendingMax: 20_000,
    pendingPerKeyMax: 1_024,
    // What waits for the engine is rejected with it.
    onFailure: () => undefined,
  });
  const close = async (): Promise<void> => {
    await engine.stop();
    await store.close();
    await dataSource.destroy();
  };
  return { machine, engine, close };
}

const scenarios = [1, 16, 64] as const;
/** Of one envelope. */
type Operations = (typeof scenarios)[number];

interface Run {
  readonly seconds: number;
  readonly envelopes: number;
  readonly operations: number;
  readonly blocks: number;
  readonly bytesPerEnvelope: number;
  /** By who spent it; where there is no /proc, zeros. */
  readonly cpuUsPerEnvelope: LedgerCpu;
}

/** Keeps envelopes on their way until all have their receipts; signed before. */
async function run(
  engine: EmbeddedEngine,
  sent: readonly Uint8Array[],
  operations: Operations,
  postmaster: number,
): Promise<Run> {
  const before = engine.status().height;
  let at = 0;
  const cpuBefore = await ledgerCpuSeconds(postmaster);
  const start = performance.now();
  const lane = async (): Promise<void> => {
    for (let bytes = sent[at++]; bytes; bytes = sent[at++]) {
      const outcome = await engine.submit(bytes);
      if (!outcome.ok) throw new Error(`${outcome.result.name}: ${outcome.detail}`);
      if (outcome.value.resultCode !== 0) throw new Error(outcome.value.detail);
    }
  };
  const lanes = Math.min(inFlight[operations], sent.length);
  await Promise.all(Array.from({ length: lanes }, lane));
  const seconds = (performance.now() - start) / 1_000;
  const cpu = await ledgerCpuSeconds(postmaster);
  const us = (part: keyof LedgerCpu): number =>
    round(((cpu[part] - cpuBefore[part]) * 1e6) / sent.length, 1);
  const bytes = sent.reduce((sum, { length }) => sum + length, 0);
  return {
    seconds: round(seconds, 4),
    envelopes: sent.length,
    operations: sent.length * operations,
    blocks: engine.status().height - before,
    bytesPerEnvelope: round(bytes / sent.length),
    cpuUsPerEnvelope: {
      executing: us('executing'),
      otherThreads: us('otherThreads'),
      postgres: us('postgres'),
    },
  };
}

/** Signature checks of envelopes like those measured. */
function checksOf(machine: Machine, sent: readonly Uint8Array[]): Check[] {
  return sent.flatMap((bytes) => machine.signatureOf(bytes) ?? []);
}

const nameOf = (operations: Operations): string => `${operations} per envelope`;

async function measure({ url, pid }: RunningPostgres) {
  const { machine, engine, close } = await openNode(url);
  const market = openMarket();
  const sendAll = (operations: Operations, share = 1): Promise<Run> => {
    const wanted = (share * operationsARun) / (operations === 1 ? 5 : operations);
    const sent = market.envelopes(Math.max(1, Math.round(wanted)), operations);
    return run(engine, sent, operations, pid);
  };
  const checks = checksOf(machine, openMarket().envelopes(2_000, 1));
  for (const operations of scenarios) await sendAll(operations, 0.2);
  const bare = [await bareVerifications(checks, verifyingSeconds)];
  const raw: Record<string, Run[]> = {};
  for (let turn = 0; turn < rounds; turn += 1) {
    for (const operations of scenarios) {
      (raw[nameOf(operations)] ??= []).push(await sendAll(operations));
    }
    bare.push(await bareVerifications(checks, verifyingSeconds));
  }
  const profile: Record<string, Record<string, number>> = {};
  for (const operations of [1, 64] as const) {
    profile[nameOf(operations)] = await profileOf(() => sendAll(operations, 0.5));
  }
  await close();
  return { bare: bare.map((rate) => round(rate)), raw, profile };
}

const cpuOf = (runs: readonly Run[], part: keyof LedgerCpu): number =>
  round(median(runs.map(({ cpuUsPerEnvelope }) => cpuUsPerEnvelope[part])));

const rowOf = (scenario: string, runs: readonly Run[]) => ({
  scenario,
  'envelopes/s': round(median(runs.map(({ envelopes, seconds }) => envelopes / seconds))),
  'operations/s': round(median(runs.map(({ operations, seconds }) => operations / seconds))),
  'blocks/s': round(median(runs.map(({ blocks, seconds }) => blocks / seconds)), 1),
  'bytes/envelope': runs[0]?.bytesPerEnvelope ?? 0,
  'µs executing': cpuOf(runs, 'executing'),
  'µs other threads': cpuOf(runs, 'otherThreads'),
  'µs PostgreSQL': cpuOf(runs, 'postgres'),
});
type Row = ReturnType<typeof rowOf>;

/**
 * What it reached, and what no ledger that spends this much CPU time can go beyond on these cores,
 * however it shares the work out among them.
 */
function ratiosOf(operations: Operations, row: Row | undefined, bound: number): [string, number][] {
  if (!row) return [];
  const unit = operations === 1 ? 'envelopes' : 'operations';
  const rest = row['µs other threads'] + row['µs PostgreSQL'];
  const atMost = (us: number): number => (availableParallelism() * operations * 1e6) / us;
  const ratios = {
    [`${unit} to bare verifications`]: row['operations/s'],
    'at most, if no core were ever idle': atMost(row['µs executing'] + rest),
    'at most, if executing cost nothing besides': atMost(rest),
  };
  return Object.entries(ratios)
    .filter(([, rate]) => Number.isFinite(rate))
    .map(([name, rate]) => [`${row.scenario}: ${name}`, round(rate / bound, 3)]);
}

async function report(postgres: RunningPostgres): Promise<void> {
  const { bare, raw, profile } = await measure(postgres);
  const bound = median(bare);
  const rows = Object.entries(raw).map(([scenario, runs]) => rowOf(scenario, runs));
  const ratios = Object.fromEntries(
    scenarios.flatMap((operations, index) => ratiosOf(operations, rows[index], bound)),
  );
  const path = await writeResult(resultsFolder(options.results), 'ledger', {
    what:
      'registrations 1/8, listing drafts 1/8, orders 1/4, metered uses 1/2, through the embedded ' +
      'engine in process with the state tree, acknowledged after COMMIT, fsync on',
    postgres: postgres.version,
    settings: { inFlight, rounds, operationsARun },
    raw: { bareVerificationsPerSecond: bare, scenarios: raw },
    ratios,
    profileHundredths: profile,
  });
  console.log(`bare Ed25519 verification on all cores: ${round(bound)}/s`);
  console.table(rows);
  console.table(ratios);
  console.log(path);
}

const dataDir = await openFolder('dxl-bench-');
const postgres = await startPostgres({ dataDir, log: () => undefined });
try {
  await report(postgres);
} catch (error) {
  // Before the database goes, and with it the engine's next block.
  console.error(error);
  process.exitCode = 1;
} finally {
  await postgres.stop();
  await rm(dataDir, { recursive: true, force: true });
}
