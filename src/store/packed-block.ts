/** A block as its rows: what a thread is given to write, all of it in a few buffers. */
import { assert } from '../base/assert.ts';
import type { CommittedBlock, StateWrite } from '../chain/engine/ports.ts';
import { digestBytes, storableText } from './columns.ts';
import { CopyRows } from './copy-rows.ts';

export interface PackedBlock {
  readonly height: number;
  /** Of its row, in the order of the columns of `block`. */
  readonly row: readonly (number | Uint8Array)[];
  readonly leafCount: number;
  /** In the format of COPY; null where there is none. */
  readonly envelopes: Uint8Array | null;
  readonly leaves: Uint8Array | null;
  readonly state: PackedState;
}

export interface PackedState {
  /** Values as rows of COPY, where they are many. */
  readonly copied: Uint8Array | null;
  /** Where they are few: by position the keys and their values. */
  readonly keys: readonly string[];
  readonly values: readonly Uint8Array[];
  readonly deleted: readonly string[];
}

/** One row at most; PostgreSQL itself stops at 1 GB. */
const bytesMax = 64 * 1024 * 1024;

function stored(bytes: Uint8Array, what: string): Uint8Array {
  assert(bytes.length <= bytesMax, `${what} has ${bytes.length} bytes, more than ${bytesMax}`);
  return bytes;
}

export function packBlock(block: CommittedBlock, state: readonly StateWrite[]): PackedBlock {
  return {
    height: block.height,
    row: [
      block.height,
      block.timeMs,
      digestBytes(block.appHash, 'block.appHash'),
      digestBytes(block.headerHash, 'block.headerHash'),
      stored(block.header, 'a header'),
      stored(block.signature, 'a signature'),
      block.logSize,
    ],
    leafCount: block.leaves.length,
    envelopes: packEnvelopes(block),
    leaves: packLeaves(block),
    state: packState(state),
  };
}

const sumOf = (parts: readonly { readonly bytes: Uint8Array }[], each: number): number =>
  parts.reduce((sum, { bytes }) => sum + bytes.length + each, 0);

function packEnvelopes({ envelopes, height }: CommittedBlock): Uint8Array | null {
  if (envelopes.length === 0) return null;
  const rows = new CopyRows(sumOf(envelopes, 128));
  for (const envelope of envelopes) {
    rows.row(8);
    rows.int8(height);
    rows.int4(envelope.position);
    rows.bytes(digestBytes(envelope.id, 'envelope.id'));
    rows.bytes(stored(envelope.bytes, 'an envelope'));
    rows.int4(envelope.resultCode);
    if (envelope.failedOperation === null) rows.null();
    else rows.int4(envelope.failedOperation);
    rows.text(storableText(envelope.detail));
    rows.int8(envelope.logIndex);
  }
  return rows.finish();
}

function packLeaves({ leaves, logSize, height }: CommittedBlock): Uint8Array | null {
  const first = logSize - leaves.length;
  assert(
    leaves.every((leaf, at) => leaf.logIndex === first + at),
    `the leaves of block ${height} are not the log's next ones in order`,
  );
  if (leaves.length === 0) return null;
  const rows = new CopyRows(sumOf(leaves, 32));
  for (const leaf of leaves) {
    rows.row(3);
    rows.int8(leaf.logIndex);
    rows.int8(height);
    rows.bytes(stored(leaf.bytes, 'a leaf'));
  }
  return rows.finish();
}

/** From here on the round trips of a table in between cost less than arrays of text. */
const copiedFrom = 256;

/** A key may be written once per block. */
export function packState(writes: readonly StateWrite[]): PackedState {
  assert(new Set(writes.map(({ key }) => key)).size === writes.length, 'a state key written twice');
  assert(
    writes.every(({ key }) => storableText(key) === key),
    'a state key holds U+0000 or a lone surrogate',
  );
  const kept = writes.flatMap(({ key, value }) =>
    value === null ? [] : [{ key, bytes: stored(value, 'a state value') }],
  );
  const deleted = writes.flatMap(({ key, value }) => (value === null ? [key] : []));
  if (kept.length < copiedFrom) {
    const keys = kept.map(({ key }) => key);
    return { copied: null, keys, values: kept.map(({ bytes }) => bytes), deleted };
  }
  const rows = new CopyRows(sumOf(kept, 96));
  for (const { key, bytes } of kept) {
    rows.row(2);
    rows.text(key);
    rows.bytes(bytes);
  }
  return { copied: rows.finish(), keys: [], values: [], deleted };
}
