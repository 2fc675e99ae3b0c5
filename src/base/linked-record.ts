/**
 * M-134: a record as an event wrote it, with its place among all events of that record. Both stand behind
 * the record's fields in one array, in the log as in the state, so that whoever is shown some events
 * sees which are missing, and a state proof of the record says how many there were.
 */
import { toHex, type Hex } from './bytes.ts';
import { CborReader } from './cbor-reader.ts';
import type { CborWriter } from './cbor-writer.ts';
import { CodecError } from './codec-error.ts';
import { fieldsOf, itemsIn, wrongCount } from './codec.ts';
import { sha256, tagged, type Sha256 } from './hash.ts';
import type { Static, TObject } from './schema.ts';

export interface Link {
  /** From 1; of a record from before machine version 2, from its first event by version 2. */
  readonly number: number;
  /** `valueDigest` of the record as the event before left it; null: there was none. */
  readonly previous: Hex | null;
}

export interface LinkedRecord<Record = unknown> {
  readonly value: Record;
  /** null: written by machine version 1, which numbered nothing. */
  readonly link: Link | null;
}

const linkItems = 2;

/** T('dxl/record/1', the record with its link, canonical CBOR): so each digest is over all before it. */
export const valueDigest = (bytes: Uint8Array, hash: Sha256 = sha256): Hex =>
  toHex(hash(tagged('dxl/record/1', bytes)));

/** Throws CodecError where the record does not fit. */
export function writeLinked<Schema extends TObject>(
  schema: Schema,
  { value, link }: LinkedRecord<Static<Schema>>,
  to: CborWriter,
): void {
  const fields = fieldsOf(schema);
  to.array(fields.count + (link === null ? 0 : linkItems));
  fields.write(value, to);
  if (link === null) return;
  to.unsigned(link.number);
  if (link.previous === null) to.null();
  else to.hex(link.previous);
}

/** What is next in the reader, frozen. Throws CodecError where it does not fit. */
export function readLinked<Schema extends TObject>(
  schema: Schema,
  from: CborReader,
): LinkedRecord<Static<Schema>> {
  const fields = fieldsOf(schema);
  const length = itemsIn(from, 'a record');
  if (length !== fields.count && length !== fields.count + linkItems) {
    throw wrongCount(length, fields.count);
  }
  const value = fields.read(from) as Static<Schema>;
  return { value, link: length === fields.count ? null : readLink(from) };
}

/** Of bytes that are the record and nothing else. Throws CborError, too, where they are not canonical. */
export function decodeLinked<Schema extends TObject>(
  schema: Schema,
  bytes: Uint8Array,
): LinkedRecord<Static<Schema>> {
  const reader = new CborReader(bytes);
  const linked = readLinked(schema, reader);
  reader.end();
  return linked;
}

function readLink(from: CborReader): Link {
  if (from.kind() !== 'integer') throw new CodecError('', 'its number is no integer');
  const number = from.number();
  if (!Number.isSafeInteger(number) || number < 1)
    throw new CodecError('', 'its number is below 1');
  if (from.kind() === 'null') return { number, previous: from.null() };
  const bytes = from.kind() === 'bytes' ? from.bytes() : null;
  if (bytes?.length !== 32) throw new CodecError('', 'what it names as before is no digest');
  return { number, previous: toHex(bytes) };
}
