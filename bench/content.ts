/**
 * A delivery of 10 GB for real: `npm run bench -- content`. On a node of its own (embedded engine,
 * PostgreSQL, fsync on) a whole trade is played and another begun, in which the seller's program encrypts
 * and sends so many pseudo-random bytes and is killed on the way, as the node is; the buyer's program
 * receives and opens them and is killed on the way, as the node is. What comes is compared by SHA-256.
 * A stranger's program asks for it, too. Takes three times the bytes of the disk, and gives them back.
 *
 * The bound beside it is the least that does the same once: read, SHA-256, encrypt, SHA-256, write and
 * sync, in one program, of the beginning of the same file on the same disk, before, between and after.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { toHex } from '../src/base/bytes.ts';
import type { Decrypted } from '../src/client/delivery/decrypt-parts.ts';
import type { SentDelivery } from '../src/client/delivery/send.ts';
import { loadDataset } from '../src/demo/dataset.ts';
import { play } from '../src/demo/play.ts';
import { act, ids } from '../src/demo/scenario.ts';
import { registrationRecord } from '../src/rights/state.ts';
import { deliverCommand } from '../src/trading/schema.ts';
import { leaveTestServer } from '../test/support/database.ts';
import { openFolder } from '../test/support/open-folder.ts';
import { embedded } from '../test/scenario/support/driver.ts';
import { openMidTrade, openTrade, type MidTrade } from '../test/scenario/support/mid-trade.ts';
import { makeExchange } from '../test/scenario/support/exchange.ts';
import { otherBuyer, type PlayedTrade } from '../test/scenario/support/played-trade.ts';
import { silentStage } from '../test/scenario/support/stage.ts';
import { boundBytesPerSecond } from './content/bound.ts';
import { makeData } from './content/made-data.ts';
import type { Order } from './content/party.ts';
import { childRunning, residentPeakMiBOf } from './content/resident-peak.ts';
import { runParty, type Ran, type Trouble } from './content/run-party.ts';
import { median, positive, readOptions, resultsFolder, round, writeResult } from './harness.ts';

const options = readOptions({ megabytes: { type: 'string' } });
const bytes = positive('megabytes', options.megabytes, 10_000) * 1_000_000;
/** Of which the bound is taken, each time. */
const boundBytes = Math.min(bytes, 2 ** 29);
const tradeId = 'ten-gigabytes';
const [seller, buyer, stranger] = ['seller', 'buyer', 'other-buyer'] as const;

/**
 * Stated before anything was measured. To send writes all of it twice, at the seller's and at the node's,
 * and reads it three times; to receive writes once and reads twice. What was killed repeats a part.
 */
const mayBe = { sendToBound: 5, receiveToBound: 3, partyPeakMiB: 400, nodeAddedMiB: 300 } as const;

/** Highest resident set of the node in any of its lives. */
let nodePeakMiB = 0;
const lookAtNode = (): void => {
  nodePeakMiB = Math.max(nodePeakMiB, residentPeakMiBOf(childRunning('node-main')));
};

const rates: number[] = [];

async function takeBound(plain: string): Promise<void> {
  rates.push(await boundBytesPerSecond(plain, `${plain}.copy`, boundBytes));
  console.log(`bound: ${round((rates.at(-1) ?? 0) / 1e6, 1)} MB/s`);
}

const orderOf = (
  { exchange, nodes }: MidTrade,
  id: string,
  rest: Pick<Order, 'file' | 'recipient' | 'delivery'>,
): Order => {
  const seeds = exchange.seeds.get(id);
  if (!seeds) throw new Error(`${id} has no keys`);
  const hex = { signing: toHex(seeds.signing), sealing: toHex(seeds.sealing) };
  return { url: nodes.url, organisationId: id, seeds: hex, tradeId, ...rest };
};

/** Once killed at 40 % of what it does; then to its end, with the node killed at 70 %. */
async function cutAndGoneOn(world: MidTrade, order: Order, doing: string): Promise<readonly Ran[]> {
  const killed: Trouble = { doing, atBytes: bytes * 0.4, happens: async (kill) => kill() };
  const nodeKilled: Trouble = {
    ...{ doing, atBytes: bytes * 0.7 },
    async happens() {
      lookAtNode();
      await world.nodes.killOne(0);
    },
  };
  const runs = [await runParty(order, [killed]), await runParty(order, [nodeKilled])];
  lookAtNode();
  for (const { seconds, peakMiB } of runs) {
    console.log(`${doing}: ${round(seconds, 1)} s, at most ${round(peakMiB)} MiB`);
  }
  return runs;
}

const secondsOf = (runs: readonly Ran[]): number =>
  runs.reduce((sum, { seconds }) => sum + seconds, 0);

async function folderBytes(folder: string): Promise<number> {
  let sum = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) sum += (await stat(join(entry.parentPath, entry.name))).size;
  }
  return sum;
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

async function deliver(world: MidTrade, sent: SentDelivery): Promise<void> {
  const { fingerprint } = await world.player(seller).read(registrationRecord, ids.registration);
  const { rowsRoot, contentCommitment } = fingerprint;
  const facts = { tradeId, ...sent, rowsRoot, contentCommitment };
  await world.player(seller).submit(act('trading.deliver', deliverCommand, facts));
}

async function measure(world: MidTrade) {
  const { exchange, player } = world;
  const [plain, opened] = [join(exchange.folder, 'plain'), join(exchange.folder, 'opened')];
  const madeDigest = await makeData(plain, bytes);
  console.log(`made ${bytes} bytes`);
  await takeBound(plain);
  await openTrade(world, tradeId, 'DELIVERY');
  lookAtNode();
  const nodeBeforeMiB = nodePeakMiB;
  const recipient = player(buyer).party.encryptionKey;
  const sending = await cutAndGoneOn(
    world,
    orderOf(world, seller, { file: plain, recipient }),
    'send',
  );
  const sent = sending.at(-1)?.result as SentDelivery;
  await deliver(world, sent);
  await takeBound(plain);
  const delivery = sent;
  const refused = await runParty(orderOf(world, stranger, { file: `${opened}-no`, delivery }));
  if (refused.refused !== 'NOT_FOUND') throw new Error('a stranger was not refused');
  const order = orderOf(world, buyer, { file: opened, delivery });
  const receiving = await cutAndGoneOn(world, order, 'receive');
  await takeBound(plain);
  const received = receiving.at(-1)?.result as Decrypted;
  if (received.plaintextDigest !== madeDigest) throw new Error('other bytes came than were made');
  // Read anew from the disk, by other code than wrote it.
  if ((await digestOf(opened)) !== madeDigest) throw new Error('the file is not what was received');
  const contentBytes = await folderBytes(exchange.contentDir);
  return { sending, receiving, sent, contentBytes, nodeBeforeMiB, madeDigest };
}

function figuresOf({ sending, receiving, sent, contentBytes, nodeBeforeMiB }: Measured) {
  const boundSeconds = bytes / median(rates);
  const encryptSeconds = sending[0]?.begun.get('send') ?? 0;
  const peakMiB = (runs: readonly Ran[]): number =>
    round(Math.max(...runs.map(({ peakMiB }) => peakMiB)));
  return {
    boundSeconds: round(boundSeconds, 1),
    encryptSeconds: round(encryptSeconds, 1),
    sendSeconds: round(secondsOf(sending), 1),
    receiveSeconds: round(secondsOf(receiving), 1),
    sellerPeakMiB: peakMiB(sending),
    buyerPeakMiB: peakMiB(receiving),
    nodeBeforeMiB: round(nodeBeforeMiB),
    nodePeakMiB: round(nodePeakMiB),
    ciphertextBytes: sent.ciphertextBytes,
    nodeContentBytes: contentBytes,
  };
}

type Measured = Awaited<ReturnType<typeof measure>>;

const cleanUp: (() => Promise<void>)[] = [() => leaveTestServer()];

/** The demonstration's, which would end the trade after ten minutes. */
async function patientRules(): Promise<string> {
  const folder = await openFolder('dxl-bench-rules-');
  cleanUp.push(() => rm(folder, { recursive: true }));
  const pack = await readFile(new URL('../rules/demo.json', import.meta.url), 'utf8');
  const { periods, ...rest } = JSON.parse(pack) as { readonly periods: object };
  const day = { unit: 'day', count: 1 };
  const file = join(folder, 'patient.json');
  const patient = { ...rest, periods: { ...periods, delivery: day, buyerAcceptance: day } };
  await writeFile(file, JSON.stringify(patient));
  return file;
}

/** A trade of the demonstration's small file, by which the parties have rights, a listing and a review. */
async function playOne(): Promise<PlayedTrade> {
  const exchange = await makeExchange({ others: [otherBuyer], rules: await patientRules() });
  cleanUp.push(() => exchange.remove());
  const nodes = await embedded.start(exchange);
  cleanUp.push(() => nodes.stop());
  const { outDir, parties, artefacts } = exchange;
  const stage = silentStage();
  const played = await play({ url: nodes.url, outDir, stage, parties, artefacts });
  return { exchange, nodes, played, stage, dataset: await loadDataset(), killed: 0, drawn: [] };
}

try {
  const world = await openMidTrade(await playOne());
  const measured = await measure(world);
  const figures = figuresOf(measured);
  const { boundSeconds, sendSeconds, receiveSeconds, nodeBeforeMiB } = figures;
  const is = {
    sendToBound: round(sendSeconds / boundSeconds, 2),
    receiveToBound: round(receiveSeconds / boundSeconds, 2),
    partyPeakMiB: Math.max(figures.sellerPeakMiB, figures.buyerPeakMiB),
    nodeAddedMiB: round(nodePeakMiB - nodeBeforeMiB),
  };
  console.table(figures);
  console.table({ mayBe, is });
  await writeResult(resultsFolder(options.results), 'content', {
    what: 'a delivery encrypted, sent, received and opened, with programs and node killed on the way',
    bytes,
    plaintextSha256: measured.madeDigest,
    figures,
    mayBe,
    is,
    holds: Object.entries(is).every(([name, value]) => value <= mayBe[name as keyof typeof mayBe]),
    raw: {
      boundMegabytesPerSecond: rates.map((rate) => round(rate / 1e6, 1)),
      send: measured.sending.map(({ seconds }) => round(seconds, 1)),
      receive: measured.receiving.map(({ seconds }) => round(seconds, 1)),
    },
    ratios: { sendToBound: is.sendToBound, receiveToBound: is.receiveToBound },
  });
} finally {
  for (let undo = cleanUp.pop(); undo; undo = cleanUp.pop()) await undo();
}
