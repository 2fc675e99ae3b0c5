/**
 * What a buyer of a table gets: its file, and what lets the buyer's machine check it against the ledger.
 * Layout: `dxl-package/2` and a line feed ‖ length of the opening as 4 bytes, big-endian ‖ opening, JSON in
 * UTF-8 ‖ file. Of packages of version 1, which have the length first and CBOR, the reader alone is left.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { concat, utf8 } from '../base/bytes.ts';
import { CborError, decodeCbor, type CborValue } from '../base/cbor.ts';
import { OperationalError } from '../base/operational-error.ts';
import { readOpening, type Opening, type OpeningJson } from '../data/shell/opening.ts';
import { TableFault } from '../data/table-fault.ts';
import type { HeadedFile } from './delivery/source.ts';

/** What opens the commitment that was proved of the listing's sample. */
export interface SampleOpening {
  /** 31 bytes as an integer. */
  readonly salt: bigint;
  /** Indices into the file's rows, from 0, in the order of the proved column. */
  readonly rows: readonly number[];
}

export type DeliveryOpening =
  | { readonly version: 1; readonly tableSalt: Uint8Array; readonly sample: SampleOpening }
  | { readonly version: 2; readonly table: Opening; readonly sample: SampleOpening | null };

/** What a seller packs. */
export interface DeliveryPackage {
  readonly opening: OpeningJson;
  /** null where no sample was proved of the listing. */
  readonly sample: SampleOpening | null;
  /** Path of the file that is delivered. */
  readonly file: string;
}

const magic = utf8('dxl-package/2\n');
const format1 = 'dxl-package/1';
const lengthBytes = 4;
const saltDigits = 62;
/** An index of a table of 10,000 columns and 10 million rows is larger than all that is sold. */
const openingBytesMax = 2 ** 28;

/** The package, as what is to be encrypted: its file stays where it is. */
export function packDelivery({ opening, sample, file }: DeliveryPackage): HeadedFile {
  const bytes = utf8(JSON.stringify({ ...opening, sample: sample && sampleJson(sample) }));
  const length = new Uint8Array(lengthBytes);
  new DataView(length.buffer).setUint32(0, bytes.length);
  return { head: concat(magic, length, bytes), file };
}

/** Whether a file begins as a package of version 2. Throws what opening a file does. */
export async function isPackage(file: string): Promise<boolean> {
  const handle = await open(file, 'r');
  try {
    return Buffer.from(await bytesAt(handle, 0, magic.length)).equals(magic);
  } finally {
    await handle.close();
  }
}

/** As `readSample` reads it; secret until delivery. */
export const sampleJson = ({ salt, rows }: SampleOpening) => ({
  salt: salt.toString(16).padStart(saltDigits, '0'),
  rows: [...rows],
});

export interface Unpacked {
  readonly opening: DeliveryOpening;
  /** As it was packed, for a file of its own; null of version 1. */
  readonly openingText: string | null;
}

/**
 * Takes a package apart: the file goes to `target`, which is not there yet. Throws OperationalError
 * DELIVERY_PACKAGE_INVALID: a ground for rejecting the delivery.
 */
export async function unpackDelivery(source: string, target: string): Promise<Unpacked> {
  const handle = await open(source, 'r');
  let head: { readonly opening: Unpacked; readonly end: number };
  try {
    head = await readHead(handle);
  } finally {
    await handle.close();
  }
  try {
    await pipeline(
      createReadStream(source, { start: head.end }),
      createWriteStream(target, { flags: 'wx', mode: 0o600 }),
    );
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') await rm(target, { force: true });
    throw new OperationalError(
      'FILE_UNWRITABLE',
      `${target} cannot be written: ${(cause as Error).message}.`,
      { cause },
    );
  }
  return head.opening;
}

async function readHead(handle: FileHandle): Promise<{ opening: Unpacked; end: number }> {
  const begin = await bytesAt(handle, 0, magic.length);
  const isVersion2 = Buffer.from(begin).equals(magic);
  const lengthAt = isVersion2 ? magic.length : 0;
  const length = await bytesAt(handle, lengthAt, lengthBytes);
  if (length.length < lengthBytes) throw invalid('it is too short');
  const size = new DataView(length.buffer, length.byteOffset).getUint32(0);
  const { size: whole } = await handle.stat();
  const at = lengthAt + lengthBytes;
  if (at + size > whole) throw invalid('its opening is cut off');
  if (size > openingBytesMax) throw invalid(`its opening has more than ${openingBytesMax} bytes`);
  const bytes = await bytesAt(handle, at, size);
  const opening = isVersion2
    ? readOpeningOf2(bytes)
    : { opening: readOpeningOf1(bytes), openingText: null };
  return { opening, end: at + size };
}

/** Less where the file ends before. */
async function bytesAt(handle: FileHandle, at: number, count: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(count);
  let read = 0;
  while (read < count) {
    const { bytesRead } = await handle.read(bytes, read, count - read, at + read);
    if (bytesRead === 0) break;
    read += bytesRead;
  }
  return bytes.subarray(0, read);
}

function readOpeningOf2(bytes: Uint8Array): Unpacked {
  let openingText: string;
  let value: unknown;
  let table: Opening | null;
  try {
    openingText = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    value = JSON.parse(openingText);
    table = readOpening(value);
  } catch (error) {
    if (!(
      error instanceof TableFault ||
      error instanceof SyntaxError ||
      error instanceof TypeError
    ))
      throw error;
    throw invalid(`its opening does not read: ${error.message}`);
  }
  if (table === null) throw invalid('its opening is none of dxl-opening/2');
  const { sample } = value as { readonly sample?: unknown };
  return { opening: { version: 2, table, sample: readSample(sample) }, openingText };
}

/** null where an opening holds none. Throws OperationalError DELIVERY_PACKAGE_INVALID. */
export function readSample(value: unknown): SampleOpening | null {
  if (value === null || value === undefined) return null;
  const { salt, rows } = value as Readonly<Record<string, unknown>>;
  if (typeof salt !== 'string' || !/^[0-9a-f]{62}$/.test(salt)) throw invalid('no sample salt');
  if (!Array.isArray(rows) || !rows.every((row) => Number.isSafeInteger(row) && row >= 0)) {
    throw invalid('no sample rows');
  }
  return { salt: BigInt(`0x${salt}`), rows: rows as number[] };
}

function readOpeningOf1(bytes: Uint8Array): DeliveryOpening {
  let value: CborValue;
  try {
    value = decodeCbor(bytes);
  } catch (error) {
    if (error instanceof CborError) throw invalid(error.message);
    throw error;
  }
  const fields: readonly unknown[] = Array.isArray(value) ? value : [];
  const [version, tableSalt, salt, rows] = fields;
  if (version !== format1 || fields.length !== 4) throw invalid('its version is unknown');
  if (!(tableSalt instanceof Uint8Array) || tableSalt.length !== 32) throw invalid('no table salt');
  if (!Array.isArray(rows) || !rows.every((row) => typeof row === 'bigint')) {
    throw invalid('no sample rows');
  }
  const sample = readSample({ salt, rows: rows.map(Number) });
  if (sample === null) throw invalid('no sample rows');
  return { version: 1, tableSalt, sample };
}

const invalid = (problem: string): OperationalError =>
  new OperationalError(
    'DELIVERY_PACKAGE_INVALID',
    `The delivered package cannot be read: ${problem}. Reject the delivery.`,
  );
