/**
 * A snapshot: the whole log and the whole state at one height, as a stream of CBOR items, each
 * after its length (4 bytes, big-endian). Nothing in it is believed: who restores it rebuilds the
 * app hash from it and compares that with the one that the validators signed.
 */
import { concat, fromHex, toHex } from '../../base/bytes.ts';
import { decodeCbor, encodeCbor, type CborValue } from '../../base/cbor.ts';
import { sha256Hex } from '../../base/hash.ts';
import type { BlockStore, CommittedBlock, Head, StateWrite } from '../engine/ports.ts';
import { decodeHeader, headerHash } from '../machine/header.ts';

export const snapshotFormat = 1;

/** The bytes do not read as a snapshot. */
export class SnapshotError extends Error {
  override readonly name = 'SnapshotError';
}

export interface SnapshotContent {
  readonly blocks: readonly CommittedBlock[];
  readonly state: readonly StateWrite[];
}

const blockMark = 0n;
const stateMark = 1n;

export function encodeBlockItem(block: CommittedBlock): Uint8Array {
  return item([
    blockMark,
    block.header,
    block.signature,
    block.envelopes.map(({ bytes, resultCode, failedOperation, detail, logIndex }) => [
      ...[bytes, BigInt(resultCode)],
      failedOperation === null ? null : BigInt(failedOperation),
      ...[detail, BigInt(logIndex)],
    ]),
    block.leaves.map(({ bytes }) => bytes),
  ]);
}

export const encodeStateItem = (key: string, value: Uint8Array): Uint8Array =>
  item([stateMark, key, value]);

function item(value: CborValue): Uint8Array {
  const bytes = encodeCbor(value);
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, bytes.length);
  return concat(length, bytes);
}

/** Throws SnapshotError where the bytes are no snapshot; that it is a true one is not its concern. */
export function decodeSnapshot(bytes: Uint8Array): SnapshotContent {
  const blocks: CommittedBlock[] = [];
  const state: StateWrite[] = [];
  let logSize = 0;
  try {
    for (const value of items(bytes)) {
      const [mark] = value;
      if (mark === blockMark) {
        const block = readBlock(value, logSize);
        logSize = block.logSize;
        blocks.push(block);
      } else {
        const [, key, stored] = value as [CborValue, string, Uint8Array];
        state.push({ key, value: stored });
      }
    }
  } catch (cause) {
    throw new SnapshotError((cause as Error).message, { cause });
  }
  return { blocks, state };
}

function* items(bytes: Uint8Array): Generator<readonly CborValue[]> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length;) {
    const end = at + 4 + view.getUint32(at);
    if (end > bytes.length) throw new SnapshotError('it ends within an item');
    const value = decodeCbor(bytes.subarray(at + 4, end));
    if (!Array.isArray(value)) throw new SnapshotError('an item is not an array');
    yield value as readonly CborValue[];
    at = end;
  }
}

type EnvelopeItem = [Uint8Array, bigint, bigint | null, string, bigint];

function readBlock(value: readonly CborValue[], firstLeaf: number): CommittedBlock {
  const [, headerBytes, signature, envelopes, leaves] = value as unknown as [
    bigint,
    Uint8Array,
    Uint8Array,
    EnvelopeItem[],
    Uint8Array[],
  ];
  const header = decodeHeader(headerBytes);
  const { height, timeMs, appHash, logSize } = header;
  if (firstLeaf + leaves.length !== logSize) throw new SnapshotError('leaves are missing');
  return {
    ...{ height, timeMs, appHash, logSize, signature },
    header: headerBytes,
    headerHash: headerHash(headerBytes),
    envelopes: envelopes.map(([bytes, code, failed, detail, logIndex], position) => ({
      ...{ position, bytes, detail },
      id: sha256Hex(bytes),
      resultCode: Number(code),
      failedOperation: failed === null ? null : Number(failed),
      logIndex: Number(logIndex),
    })),
    leaves: leaves.map((bytes, at) => ({ logIndex: firstLeaf + at, bytes })),
  };
}

/** A store of what a snapshot holds, to open a machine on before a byte of it is written. */
export function storeOfSnapshot(genesis: Uint8Array, content: SnapshotContent): BlockStore {
  const { blocks, state } = content;
  const readOnly = async () => {
    throw new SnapshotError('a snapshot is not written to');
  };
  return {
    readGenesis: async () => genesis,
    readHead: async (): Promise<Head | null> => {
      const last = blocks.at(-1);
      if (!last) return null;
      const { height, timeMs, appHash, logSize } = last;
      return { height, timeMs, appHash, logSize, headerHash: last.headerHash };
    },
    begin: readOnly,
    commit: readOnly,
    async *readState() {
      yield* state;
    },
    async *readBlocks(from, to) {
      for (const block of blocks) if (block.height >= from && block.height <= to) yield block;
    },
    async *readLeaves(from) {
      for (const { leaves } of blocks) {
        for (const leaf of leaves) if (leaf.logIndex >= from) yield leaf;
      }
    },
  };
}

/** Hash of a snapshot: SHA-256 over its chunks' hashes, which are its metadata. */
export const chunkHashes = (metadata: Uint8Array): string[] =>
  Array.from({ length: metadata.length / 32 }, (_, at) =>
    toHex(metadata.subarray(at * 32, at * 32 + 32)),
  );

export const metadataOf = (hashes: readonly string[]): Uint8Array => concat(...hashes.map(fromHex));
