/**
 * Throughput and memory as the state grows: `npm run bench -- growth [--max KEYS]`. Real engine,
 * real database, fsync on: every operation is acknowledged after COMMIT. Seven of eight operations
 * write a new record, one rewrites an old one at random. Writes growth.json and growth.svg.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EmbeddedEngine } from '../src/chain/engine/embedded.ts';
import { openMachine } from '../src/chain/engine/open.ts';
import { CachedState } from '../src/chain/machine/cached-state.ts';
import { Machine } from '../src/chain/machine/machine.ts';
import { StateTree, type KeyChange } from '../src/chain/tree/state-tree.ts';
import { openBlockStore } from '../src/store/block-store.ts';
import { openDataSource } from '../src/store/data-source.ts';
import { createStateSource } from '../src/store/state-source.ts';
import { defaultParameters } from '../src/node/make-genesis.ts';
import {
  blockSigner,
  operationOf,
  sign,
  testGenesis,
  testParts,
} from '../test/chain/test-chain.ts';
import { put } from '../test/chain/probe-room.ts';
import { freshDatabase, leaveTestServer } from '../test/support/database.ts';
import { growthPicture, type GrowthFigures } from './growth-picture.ts';
import {
  median,
  positive,
  random,
  readOptions,
  residentMiB,
  resultsFolder,
  round,
  writeResult,
} from './harness.ts';

const options = readOptions({ max: { type: 'string' }, redraw: { type: 'boolean' } });
const keysMax = positive('max', options.max, 1_000_000);
const folder = resultsFolder(options.results);
const name = keysMax > 1_000_000 ? `growth-${keysMax}` : 'growth';
const operationsPerEnvelope = 64;
const envelopesPerBlock = 32;
const cacheBytes = 32 * 2 ** 20;
/** Where a sample is taken: 10k, then every 100k, and at the end. */
const marks = [10_000, ...Array.from({ length: 1_000 }, (_, at) => (at + 1) * 100_000)]
  .filter((mark) => mark < keysMax)
  .concat(keysMax);

/** The tree alone: a block of 2,000 rewritten keys, values of 300 bytes. */
function treeCosts() {
  const tree = new StateTree();
  const below = random(1);
  const change = (at: number, round: number): KeyChange => {
    const value = new Uint8Array(300);
    new DataView(value.buffer).setUint32(0, at * 31 + round);
    return { key: `probe/probe-${at}`, value };
  };
  const costs: Record<string, number>[] = [];
  let keys = 0;
  let buildMs = 0;
  for (const size of [10_000, 100_000, 1_000_000, 10_000_000].filter((at) => at <= keysMax)) {
    for (; keys < size; keys += 10_000) {
      const rows = Array.from({ length: 10_000 }, (_, at) => change(keys + at, 0));
      const start = performance.now();
      tree.stage(rows);
      tree.commit();
      buildMs += performance.now() - start;
    }
    const blocksMs = Array.from({ length: 31 }, (_, round) => {
      const picked = new Set<number>();
      while (picked.size < 2_000) picked.add(below(size));
      const rows = [...picked].map((at) => change(at, round + 1));
      const start = performance.now();
      tree.stage(rows);
      tree.commit();
      return performance.now() - start;
    });
    const proofs = Array.from({ length: 1_000 }, () => tree.prove(`probe/probe-${below(size)}`));
    const absent = Array.from({ length: 1_000 }, (_, at) => tree.prove(`absent/${at}`));
    const mean = (list: Uint8Array[]): number =>
      Math.round(list.reduce((sum, { length }) => sum + length, 0) / list.length);
    costs.push({
      keys: size,
      block2000Ms: round(median(blocksMs), 1),
      buildMs: Math.round(buildMs),
      bytesPerKey: round(tree.allocatedBytes / size, 1),
      presenceProofBytes: mean(proofs),
      absenceProofBytes: mean(absent),
    });
  }
  return costs;
}

const genesis = testGenesis({
  parameters: {
    ...defaultParameters,
    envelopeBytesMax: 65_536,
    operationsMax: operationsPerEnvelope,
    sequenceWindow: 256,
    expirySpanMax: 10_000_000,
    blockEnvelopesMax: 1_000,
    blockBytesMax: 16_777_216,
  },
});

async function open(url: string) {
  const dataSource = await openDataSource(url);
  const store = await openBlockStore({ dataSource, url });
  const machine = new Machine(genesis, testParts, new CachedState(cacheBytes));
  const start = performance.now();
  const checkpoint = await openMachine(machine, store);
  const openMs = Math.round(performance.now() - start);
  const engine = new EmbeddedEngine({
    machine,
    store,
    source: createStateSource(dataSource),
    blockSigner,
    checkpoint,
    clock: Date.now,
    clockConfirmed: true,
    blockIntervalMs: 1,
    pendingMax: 1_000,
    pendingPerKeyMax: 1_000,
    onFailure: (error) => {
      throw error;
    },
  });
  const close = async (): Promise<void> => {
    await engine.stop();
    await store.close();
    await dataSource.destroy();
  };
  return { engine, machine, openMs, close };
}

interface Sample {
  readonly keys: number;
  readonly operationsPerSecond: number;
  readonly residentMiB: number;
}

async function grow(url: string): Promise<{ samples: Sample[]; appHash: string }> {
  const { engine, close } = await open(url);
  const below = random(2);
  const samples: Sample[] = [];
  let keys = 0;
  let sequence = 0;
  let [operations, spentMs] = [0, 0];
  const operation = () => {
    const at = keys > 0 && operations % 8 === 7 ? below(keys) : keys++;
    operations += 1;
    return operationOf(put, { id: `probe-${at}`, note: `n${operations} `.padEnd(150, '.') });
  };
  while (keys < keysMax) {
    const next = marks.find((mark) => mark > keys) ?? keysMax;
    const block: Uint8Array[] = [];
    while (block.length < envelopesPerBlock && keys < next) {
      const wanted = Array.from({ length: operationsPerEnvelope }, () =>
        keys < next ? [operation()] : [],
      ).flat();
      block.push(sign(wanted, { sequence: (sequence += 1), expiryHeight: 1_000_000 }));
    }
    const start = performance.now();
    const outcomes = await Promise.all(block.map((bytes) => engine.submit(bytes)));
    spentMs += performance.now() - start;
    if (!outcomes.every((outcome) => outcome.ok && outcome.value.resultCode === 0)) {
      throw new Error(`not applied: ${JSON.stringify(outcomes.find(({ ok }) => !ok))}`);
    }
    if (keys < next) continue;
    const rate = Math.round((1_000 * operations) / spentMs);
    samples.push({ keys, operationsPerSecond: rate, residentMiB: residentMiB() });
    console.log(samples.at(-1));
    [operations, spentMs] = [0, 0];
  }
  const { appHash } = engine.status();
  await close();
  return { samples, appHash };
}

async function measure(): Promise<void> {
  const database = await freshDatabase();
  const grown = await grow(database.url);
  const again = await open(database.url);
  if (again.engine.status().appHash !== grown.appHash) throw new Error('the restart differs');
  await again.close();
  await database.drop();
  await leaveTestServer();
  // Last, so that its memory is not in the picture.
  const tree = treeCosts();
  console.table(tree);
  const [first, last] = [grown.samples[0]!, grown.samples.at(-1)!];
  const ratios = {
    throughputAtEndToStart: round(last.operationsPerSecond / first.operationsPerSecond, 3),
    residentBytesPerAddedKey: round(
      ((last.residentMiB - first.residentMiB) * 2 ** 20) / Math.max(1, last.keys - first.keys),
      1,
    ),
  };
  const restart = { keys: last.keys, openMs: again.openMs };
  await writeResult(folder, name, {
    what: 'operations as the state grows, through the embedded engine, fsync on',
    settings: { operationsPerEnvelope, envelopesPerBlock, cacheMiB: cacheBytes / 2 ** 20 },
    raw: { samples: grown.samples, tree, restart },
    ratios,
  });
  console.table([restart, ratios]);
}

async function draw(): Promise<void> {
  const result = JSON.parse(await readFile(join(folder, `${name}.json`), 'utf8')) as GrowthFigures;
  await writeFile(join(folder, `${name}.svg`), growthPicture(result));
}

if (options.redraw !== true) await measure();
await draw();
