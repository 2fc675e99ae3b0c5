/** What stands in the frames of an export, to and from bytes (docs/export-format.md). */
import { promisify } from 'node:util';
import { deflateRaw, inflateRaw } from 'node:zlib';
import { fromHex, toHex, type Hex } from '../../base/bytes.ts';
import { decodeCbor, encodeCbor, type CborValue } from '../../base/cbor.ts';
import { sha256Hex } from '../../base/hash.ts';
import type { BlockRow, EnvelopeRow, LeafRow } from '../engine/ports.ts';
import { decodeGenesis, type Genesis } from '../machine/genesis.ts';
import { decodeHeader, headerHash, type Header } from '../machine/header.ts';
import { ArchiveError } from './archive-error.ts';
import { bodyBytesMax, type Frame } from './frame.ts';

/** A block as a file holds it, in rows as an audit compares them. */
export interface ArchivedBlock {
  readonly row: BlockRow;
  readonly envelopes: readonly EnvelopeRow[];
  readonly leaves: readonly LeafRow[];
}

/** What the end frame says of all before it. */
export interface ArchiveEnd {
  readonly height: number;
  readonly timeMs: number;
  readonly appHash: Hex;
  readonly headerHash: Hex;
  readonly logSize: number;
  readonly logRoot: Hex;
  readonly envelopes: number;
}

/** A run of blocks that follow each other. */
export interface BlockRun {
  readonly firstHeight: number;
  readonly firstLogIndex: number;
  readonly blocks: readonly ArchivedBlock[];
}

const plain = 0n;
const deflated = 1n;
const deflate = promisify(deflateRaw);
const inflate = promisify(inflateRaw);
const number = (value: number | null): CborValue => (value === null ? null : BigInt(value));

export const blockItem = ({ row, envelopes, leaves }: ArchivedBlock): CborValue => [
  row.header,
  row.signature,
  envelopes.map(({ bytes, resultCode, failedOperation, logIndex, detail }) => [
    ...[bytes, number(resultCode), number(failedOperation), number(logIndex)],
    detail,
  ]),
  leaves.map(({ bytes }) => bytes),
];

/** About how many bytes a block takes in a run, before compression. */
export const itemBytes = ({ row, envelopes, leaves }: ArchivedBlock): number =>
  row.header.length +
  row.signature.length +
  envelopes.reduce((sum, { bytes, detail }) => sum + bytes.length + detail.length + 16, 16) +
  leaves.reduce((sum, { bytes }) => sum + bytes.length + 4, 0);

/** @param level of zlib, 1 to 9; 0 leaves the run as it is. */
export async function encodeRun(
  firstHeight: number,
  firstLogIndex: number,
  items: readonly CborValue[],
  level: number,
): Promise<Uint8Array> {
  const raw = encodeCbor(items);
  const packed = level === 0 ? raw : await deflate(raw, { level });
  return encodeCbor([
    ...[number(firstHeight), number(items.length), number(firstLogIndex)],
    level === 0 ? plain : deflated,
    number(raw.length),
    new Uint8Array(packed),
  ]);
}

/** Throws ArchiveError where the frame is no run of blocks. */
export async function decodeRun(frame: Frame): Promise<BlockRun> {
  const fail = (problem: string) => new ArchiveError('ARCHIVE_DAMAGED', problem, frame.at);
  const [height, count, logIndex, encoding, rawBytes, data] = decodeList(frame, 6);
  const none = () => fail('it is no run of blocks');
  if (!(data instanceof Uint8Array) || (encoding !== plain && encoding !== deflated)) throw none();
  const [firstHeight, firstLogIndex] = [countOf(height, none), countOf(logIndex, none)];
  const length = countOf(rawBytes, none);
  if (length > bodyBytesMax) throw fail(`its blocks claim ${length} bytes`);
  const raw = encoding === plain ? data : await unpack(data, length);
  if (raw?.length !== length) throw fail('its blocks do not unpack');
  const items = listOf(read(raw, fail), countOf(count, none), fail);
  let next = firstLogIndex;
  return {
    ...{ firstHeight, firstLogIndex },
    blocks: items.map((item, at) => {
      const block = readBlock(item, firstHeight + at, next, fail);
      next += block.leaves.length;
      return block;
    }),
  };
}

type Fail = (problem: string) => ArchiveError;

/** null where it is none. */
async function unpack(data: Uint8Array, length: number): Promise<Uint8Array | null> {
  const raw = await inflate(data, { maxOutputLength: Math.max(length, 1) }).catch(() => null);
  return raw && new Uint8Array(raw.buffer, raw.byteOffset, raw.length);
}

function readBlock(
  item: CborValue,
  height: number,
  firstLogIndex: number,
  fail: Fail,
): ArchivedBlock {
  const [header, signature, envelopes, leaves] = listOf(item, 4, fail);
  if (!(header instanceof Uint8Array) || !(signature instanceof Uint8Array)) {
    throw fail(`block ${height} has no header`);
  }
  const found = readHeader(header);
  return {
    row: {
      ...{ height, header, signature },
      timeMs: found?.timeMs ?? 0,
      appHash: found?.appHash ?? '',
      logSize: found?.logSize ?? 0,
      headerHash: headerHash(header),
    },
    envelopes: listOf(envelopes, null, fail).map((one, position) =>
      readEnvelope(one, height, position, fail),
    ),
    leaves: listOf(leaves, null, fail).map((bytes, at) => {
      if (!(bytes instanceof Uint8Array)) throw fail(`block ${height} has a leaf without bytes`);
      return { logIndex: firstLogIndex + at, height, bytes };
    }),
  };
}

function readEnvelope(item: CborValue, height: number, position: number, fail: Fail): EnvelopeRow {
  const [bytes, code, failed, logIndex, detail] = listOf(item, 5, fail);
  const none = () => fail(`envelope ${height}/${position} is not laid out as one`);
  if (!(bytes instanceof Uint8Array) || typeof detail !== 'string') throw none();
  return {
    ...{ height, position, bytes, detail, id: sha256Hex(bytes) },
    resultCode: countOf(code, none),
    failedOperation: failed === null ? null : countOf(failed, none),
    logIndex: countOf(logIndex, none),
  };
}

function readHeader(bytes: Uint8Array): Header | null {
  try {
    return decodeHeader(bytes);
  } catch {
    return null;
  }
}

export const encodeEnd = (end: ArchiveEnd): Uint8Array =>
  encodeCbor([
    ...[number(end.height), number(end.timeMs)],
    ...[end.appHash, end.headerHash].map(fromHex),
    number(end.logSize),
    fromHex(end.logRoot),
    number(end.envelopes),
  ]);

export function decodeEnd(frame: Frame): ArchiveEnd {
  const [height, timeMs, appHash, header, logSize, logRoot, envelopes] = decodeList(frame, 7);
  const none = () => new ArchiveError('ARCHIVE_DAMAGED', 'it is no end frame', frame.at);
  const digest = (value: CborValue | undefined): Hex => {
    if (value instanceof Uint8Array) return toHex(value);
    throw none();
  };
  return {
    ...{ height: countOf(height, none), timeMs: countOf(timeMs, none) },
    ...{ appHash: digest(appHash), headerHash: digest(header), logRoot: digest(logRoot) },
    ...{ logSize: countOf(logSize, none), envelopes: countOf(envelopes, none) },
  };
}

/** A frame's body as a list of `length` items. Throws ArchiveError where it is none. */
export function decodeList(frame: Frame, length: number): readonly CborValue[] {
  const fail = (problem: string) => new ArchiveError('ARCHIVE_DAMAGED', problem, frame.at);
  return listOf(read(frame.body, fail), length, fail);
}

function read(bytes: Uint8Array, fail: Fail): CborValue {
  try {
    return decodeCbor(bytes);
  } catch (error) {
    throw fail((error as Error).message);
  }
}

function listOf(value: CborValue | undefined, length: number | null, fail: Fail) {
  if (!Array.isArray(value) || (length !== null && value.length !== length)) {
    throw fail(
      length === null ? 'a list is missing in it' : `a list of ${length} is missing in it`,
    );
  }
  return value as readonly CborValue[];
}

/** A whole number from 0 on. */
function countOf(value: CborValue | undefined, none: () => ArchiveError): number {
  const count = typeof value === 'bigint' ? Number(value) : NaN;
  if (Number.isSafeInteger(count) && count >= 0) return count;
  throw none();
}

/** What the machine is made of: the genesis document, and verification keys that are not our own. */
export interface GenesisFrame {
  readonly document: Uint8Array;
  /** Files of keys that genesis pins by hash, by circuit. */
  readonly circuitKeys: ReadonlyMap<string, Uint8Array>;
}

export const encodeGenesisFrame = ({ document, circuitKeys }: GenesisFrame): Uint8Array =>
  encodeCbor([document, [...circuitKeys].map(([id, bytes]) => [id, bytes])]);

export function decodeGenesisFrame(frame: Frame): GenesisFrame {
  const fail = (problem: string) => new ArchiveError('ARCHIVE_DAMAGED', problem, frame.at);
  const [document, keys] = decodeList(frame, 2);
  if (!(document instanceof Uint8Array)) throw fail('it holds no genesis document');
  const circuitKeys = new Map<string, Uint8Array>();
  for (const item of listOf(keys, null, fail)) {
    const [id, bytes] = listOf(item, 2, fail);
    if (typeof id !== 'string' || !(bytes instanceof Uint8Array)) throw fail('a key is malformed');
    circuitKeys.set(id, bytes);
  }
  return { document, circuitKeys };
}

/** The genesis document of a file's first frame. Throws ArchiveError ARCHIVE_ALTERED. */
export function genesisIn(document: Uint8Array): Genesis {
  try {
    return decodeGenesis(document);
  } catch (cause) {
    const problem = `its genesis document cannot be read (${(cause as Error).message})`;
    throw new ArchiveError('ARCHIVE_ALTERED', problem, { frame: 0, offset: 0 });
  }
}
