/**
 * The golden chain: every operation type at least once, made by the generator, kept for ever. It is kept by
 * machine version: a file a version, of which each goes on from the one before it.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { fromHex, toHex, type Hex } from '../../src/base/bytes.ts';
import { decodeCbor, encodeCbor } from '../../src/base/cbor.ts';
import { decodeGenesis, encodeGenesis, type Genesis } from '../../src/chain/machine/genesis.ts';
import type { ProofVerifier } from '../../src/chain/machine/ledger.ts';
import type { FinalizedBlock } from '../../src/chain/machine/block.ts';
import { Machine } from '../../src/chain/machine/machine.ts';
import { exchangeParts, registry } from '../../src/chain/rooms.ts';
import { Auditor } from './audit/auditor.ts';
import { beginMs, simulationGenesis } from './cast.ts';
import { Generator, type Standing } from './generator.ts';
import { prologue } from './prologue.ts';
import { Random } from './random.ts';
import { realVerifier } from './real-proof.ts';
import type { Act } from './scene.ts';
import { View } from './view.ts';

export const goldenFile = new URL('../chain/golden/chain.cbor', import.meta.url);
/** Blocks after those of the first file: machine version 2 is decided on, and holds in most of them. */
export const secondFile = new URL('../chain/golden/version-2.cbor', import.meta.url);

export interface GoldenBlock {
  readonly timeMs: number;
  readonly envelopes: readonly Uint8Array[];
  /** By envelope. */
  readonly resultCodes: readonly number[];
  readonly appHash: Hex;
}

export interface GoldenChain {
  readonly genesis: Genesis;
  readonly blocks: readonly GoldenBlock[];
}

const blocksToCbor = (blocks: readonly GoldenBlock[]) =>
  blocks.map(({ timeMs, envelopes, resultCodes, appHash }) => [
    BigInt(timeMs),
    envelopes,
    resultCodes.map(BigInt),
    fromHex(appHash),
  ]);

type BlocksCbor = [bigint, Uint8Array[], bigint[], Uint8Array][];

const blocksOf = (blocks: BlocksCbor): GoldenBlock[] =>
  blocks.map(([timeMs, envelopes, codes, appHash]) => ({
    timeMs: Number(timeMs),
    envelopes,
    resultCodes: codes.map(Number),
    appHash: toHex(appHash),
  }));

/** The bytes of the first file. */
export const encodeGolden = ({ genesis, blocks }: GoldenChain): Uint8Array =>
  encodeCbor([encodeGenesis(genesis), blocksToCbor(blocks)]);

/** The bytes of a later file. */
export const encodeLater = (blocks: readonly GoldenBlock[]): Uint8Array =>
  encodeCbor(blocksToCbor(blocks));

const read = async (file: URL): Promise<unknown> =>
  decodeCbor(new Uint8Array(await readFile(file)));

export async function readFirst(): Promise<GoldenChain> {
  const [genesis, blocks] = (await read(goldenFile)) as [Uint8Array, BlocksCbor];
  return { genesis: decodeGenesis(genesis), blocks: blocksOf(blocks) };
}

export const readSecond = async (): Promise<GoldenBlock[]> =>
  blocksOf((await read(secondFile)) as BlocksCbor);

/** All of it, from genesis to the last block of the last version. */
export async function readGolden(): Promise<GoldenChain> {
  const { genesis, blocks } = await readFirst();
  return { genesis, blocks: [...blocks, ...(await readSecond())] };
}

export const codesOf = ({ results }: FinalizedBlock): number[] =>
  results.map(({ outcome }) => (outcome.ok ? 0 : outcome.result.code));

/** Executes the kept blocks on a new machine, with the proofs verified. */
export function* replayGolden(
  { genesis, blocks }: GoldenChain,
  verifyProof: ProofVerifier,
): Iterable<{ readonly expected: GoldenBlock; readonly found: FinalizedBlock }> {
  const machine = new Machine(genesis, { ...exchangeParts, verifyProof });
  machine.initChain();
  for (const [index, expected] of blocks.entries()) {
    const { timeMs, envelopes } = expected;
    const found = machine.finalizeBlock({ height: index + 1, timeMs, envelopes });
    machine.commit();
    yield { expected, found };
  }
}

const goldenSeed = 20_260_302;
const blocksMax = 400;
const triesMax = 40;

/** These take the one product with a proof off the market: they come when all others are done. */
const endings = ['rights.deregister', 'listing.edit', 'listing.delist'];

/** The first of some seeds by which every operation is applied within a few hundred blocks. */
export function makeGolden(verifyProof: ProofVerifier): GoldenChain {
  for (let seed = goldenSeed; seed < goldenSeed + triesMax; seed += 1) {
    const blocks = playGolden(seed, verifyProof);
    if (blocks) return { genesis: simulationGenesis, blocks };
  }
  throw new Error(`None of ${triesMax} seeds applies every operation in ${blocksMax} blocks.`);
}

function playGolden(seed: number, verifyProof: ProofVerifier): GoldenBlock[] | null {
  const machine = new Machine(simulationGenesis, { ...exchangeParts, verifyProof });
  machine.initChain();
  const view = new View();
  const auditor = new Auditor(view);
  const random = new Random(seed, 'golden time');
  const generator = new Generator(new Random(seed, 'golden'), view);
  const blocks: GoldenBlock[] = [];
  let timeMs = beginMs;
  const execute = (envelopes: readonly Uint8Array[]): void => {
    const height = blocks.length + 1;
    const block = machine.finalizeBlock({ height, timeMs, envelopes });
    machine.commit();
    auditor.judge({ height, timeMs, envelopes, leaves: block.leaves });
    blocks.push({ timeMs, envelopes, resultCodes: codesOf(block), appHash: block.appHash });
  };
  const standing = (): Standing => ({
    height: blocks.length,
    timeMs,
    nextSequence: (keyId) => machine.nextSequence(keyId),
  });
  execute(prologue(generator, false));
  while (blocks.length < blocksMax) {
    const missing = missingOf(auditor);
    if (missing.length === 0) return blocks;
    const ending = missing.every((name) => endings.includes(name));
    timeMs += random.chance(0.02) ? 600_001 : 500;
    const wanted = ({ name, weight }: Act): number => {
      if (endings.includes(name) && !ending) return 0;
      return missing.includes(name) ? 20 : weight;
    };
    const made = Array.from({ length: 4 }, () => generator.next(standing(), wanted));
    execute(made.filter((bytes) => bytes !== null));
  }
  return null;
}

/** Those that lead to a later version are in the file of that. */
const missingOf = ({ applied }: Auditor): string[] =>
  [...registry.operationsByName.keys()].filter(
    (name) => !applied.has(name) && !name.startsWith('governance.'),
  );

/** Replaces the kept chain; returns what it holds, in words. */
export async function writeGolden(): Promise<string> {
  const golden = makeGolden(await realVerifier());
  const bytes = encodeGolden(golden);
  await writeFile(goldenFile, bytes);
  const envelopes = golden.blocks.reduce((sum, block) => sum + block.envelopes.length, 0);
  return `${golden.blocks.length} blocks, ${envelopes} envelopes, ${bytes.length} bytes`;
}
