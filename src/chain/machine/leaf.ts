/** Leaves of the event log, as canonical CBOR (M-70, M-71). Their layout is part of every proof and dossier. */
import { toHex, type Hex } from '../../base/bytes.ts';
import { assert } from '../../base/assert.ts';
import { CborReader } from '../../base/cbor-reader.ts';
import { CborWriter } from '../../base/cbor-writer.ts';
import type { CborValue } from '../../base/cbor.ts';
import { readLinked, writeLinked, type Link, type LinkedRecord } from '../../base/linked-record.ts';
import type { RecordKind, Stream } from '../../base/room.ts';
import type { Static, TObject } from '../../base/schema.ts';

/** What became of one envelope. */
export interface ReceiptLeaf {
  readonly type: 'receipt';
  readonly height: number;
  readonly position: number;
  readonly envelopeId: Hex;
  readonly keyId: Hex;
  /** 0 where every operation was applied. */
  readonly resultCode: number;
  readonly failedOperation: number | null;
}

/** One change of one record, by an operation of an envelope or (null) by a deadline. */
export interface EventLeaf {
  readonly type: 'event';
  readonly height: number;
  readonly timeMs: number;
  readonly envelopeId: Hex | null;
  readonly operation: number | null;
  readonly stream: Stream;
  /** `room.past-tense`. */
  readonly name: string;
  /** Record kind and id. */
  readonly kind: string;
  readonly id: string;
  /** The whole record after the change, as its schema's positional array; by version 2 with its link. */
  readonly record: CborValue;
}

export type Leaf = ReceiptLeaf | EventLeaf;

/** What an event says beside its record. */
export type EventHead = Omit<EventLeaf, 'type' | 'record'>;

/** One encoding for log and state. */
export interface WrittenEvent {
  readonly leaf: Uint8Array;
  /** The record's canonical CBOR, with its link: the end of the leaf, not a copy. */
  readonly record: Uint8Array;
}

export function encodeLeaf(leaf: Leaf): Uint8Array {
  if (leaf.type === 'receipt') return encodeReceipt(leaf);
  writeHead(leaf);
  writer.value(leaf.record);
  return writer.take();
}

const writer = new CborWriter();

function encodeReceipt(leaf: ReceiptLeaf): Uint8Array {
  writer.clear();
  writer.array(7);
  writer.unsigned(0);
  writer.unsigned(leaf.height);
  writer.unsigned(leaf.position);
  writer.hex(leaf.envelopeId);
  writer.hex(leaf.keyId);
  writer.unsigned(leaf.resultCode);
  if (leaf.failedOperation === null) writer.null();
  else writer.unsigned(leaf.failedOperation);
  return writer.take();
}

/** The leaf of an event, as `encodeLeaf` gives it. Throws CodecError where the record does not fit. */
export function encodeEvent<Schema extends TObject>(
  head: EventHead,
  schema: Schema,
  record: LinkedRecord<Static<Schema>>,
): WrittenEvent {
  writeHead(head);
  const from = writer.length;
  writeLinked(schema, record, writer);
  const leaf = writer.take();
  return { leaf, record: leaf.subarray(from) };
}

function writeHead(event: EventHead): void {
  writer.clear();
  writer.array(10);
  writer.unsigned(1);
  writer.unsigned(event.height);
  writer.unsigned(event.timeMs);
  if (event.envelopeId === null) writer.null();
  else writer.hex(event.envelopeId);
  if (event.operation === null) writer.null();
  else writer.unsigned(event.operation);
  writer.text(event.stream);
  writer.text(event.name);
  writer.text(event.kind);
  writer.text(event.id);
}

/** Throws CborError on bytes that are not canonical, InvariantError on another layout. */
export function decodeLeaf(bytes: Uint8Array): Leaf {
  const reader = new CborReader(bytes);
  const leaf =
    readReceipt(reader) ??
    ({ type: 'event', ...readHead(reader), record: reader.value(1) } satisfies EventLeaf);
  reader.end();
  return leaf;
}

/** An event with its record as the value of its kind's schema. */
export interface TypedEvent {
  readonly head: EventHead;
  readonly kind: RecordKind;
  readonly record: Static<RecordKind['schema']>;
  readonly link: Link | null;
}

/**
 * As `decodeLeaf`, an event's record read at once by the schema of its kind; null for a receipt.
 * Throws CodecError, too, where the record does not fit, and InvariantError on an unknown kind.
 */
export function decodeEvent(
  bytes: Uint8Array,
  kinds: ReadonlyMap<string, RecordKind>,
): TypedEvent | null {
  const reader = new CborReader(bytes);
  let event: TypedEvent | null = null;
  if (!readReceipt(reader)) {
    const head = readHead(reader);
    const kind = kinds.get(head.kind);
    assert(kind, `a leaf's record kind ${head.kind} is known`);
    const { value, link } = readLinked(kind.schema, reader);
    event = { head, kind, record: value, link };
  }
  reader.end();
  return event;
}

/** Null where the leaf is an event, whose head is next then. */
function readReceipt(from: CborReader): ReceiptLeaf | null {
  assert(from.kind() === 'array', 'a leaf is an array');
  const items = from.array();
  const type = number(from);
  if (type !== 0) {
    assert(items === 10 && type === 1, 'an event leaf has 10 items and type 1');
    return null;
  }
  assert(items === 7, 'a receipt leaf has 7 items');
  return {
    type: 'receipt',
    height: number(from),
    position: number(from),
    envelopeId: hex(from),
    keyId: hex(from),
    resultCode: number(from),
    failedOperation: from.kind() === 'null' ? from.null() : number(from),
  };
}

const readHead = (from: CborReader): EventHead => ({
  height: number(from),
  timeMs: number(from),
  envelopeId: from.kind() === 'null' ? from.null() : hex(from),
  operation: from.kind() === 'null' ? from.null() : number(from),
  stream: words(from) as Stream,
  name: words(from),
  kind: words(from),
  id: words(from),
});

function number(from: CborReader): number {
  assert(from.kind() === 'integer', 'a leaf holds an integer here');
  return from.number();
}

function hex(from: CborReader): Hex {
  const bytes = from.kind() === 'bytes' ? from.bytes() : null;
  assert(bytes?.length === 32, 'a leaf holds 32 bytes here');
  return toHex(bytes);
}

function words(from: CborReader): string {
  assert(from.kind() === 'text', 'a leaf holds text here');
  return from.text();
}
