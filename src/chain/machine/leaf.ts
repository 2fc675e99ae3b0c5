/** Leaves of the event log, as canonical CBOR (M-70, M-71). Their layout is part of every proof and dossier. */
import { toHex, type Hex } from '../../base/bytes.ts';
import { assert } from '../../base/assert.ts';
import { CborWriter } from '../../base/cbor-writer.ts';
import { decodeCbor, type CborValue } from '../../base/cbor.ts';
import { writeTyped } from '../../base/codec.ts';
import type { Stream } from '../../base/room.ts';
import type { Static, TSchema } from '../../base/schema.ts';

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
  /** The whole record after the change, as its schema's positional array. */
  readonly record: CborValue;
}

export type Leaf = ReceiptLeaf | EventLeaf;

/** What an event says beside its record. */
export type EventHead = Omit<EventLeaf, 'type' | 'record'>;

/** One encoding for log and state. */
export interface WrittenEvent {
  readonly leaf: Uint8Array;
  /** The record's canonical CBOR: the end of the leaf, not a copy. */
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
export function encodeEvent<Schema extends TSchema>(
  head: EventHead,
  schema: Schema,
  record: Static<Schema>,
): WrittenEvent {
  writeHead(head);
  const from = writer.length;
  writeTyped(schema, record, writer);
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
  const value = decodeCbor(bytes);
  assert(Array.isArray(value), 'a leaf is an array');
  return value[0] === 0n ? readReceipt(value) : readEvent(value);
}

function readReceipt(value: readonly CborValue[]): ReceiptLeaf {
  assert(value.length === 7, 'a receipt leaf has 7 items');
  return {
    type: 'receipt',
    height: number(value[1]),
    position: number(value[2]),
    envelopeId: hex(value[3]),
    keyId: hex(value[4]),
    resultCode: number(value[5]),
    failedOperation: value[6] === null ? null : number(value[6]),
  };
}

function readEvent(value: readonly CborValue[]): EventLeaf {
  assert(value.length === 10 && value[0] === 1n, 'an event leaf has 10 items and type 1');
  const record = value[9];
  assert(record !== undefined, 'an event leaf holds its record');
  return {
    type: 'event',
    height: number(value[1]),
    timeMs: number(value[2]),
    envelopeId: value[3] === null ? null : hex(value[3]),
    operation: value[4] === null ? null : number(value[4]),
    stream: words(value[5]) as Stream,
    name: words(value[6]),
    kind: words(value[7]),
    id: words(value[8]),
    record,
  };
}

function number(value: CborValue | undefined): number {
  assert(typeof value === 'bigint', 'a leaf holds an integer here');
  return Number(value);
}

function hex(value: CborValue | undefined): Hex {
  assert(value instanceof Uint8Array && value.length === 32, 'a leaf holds 32 bytes here');
  return toHex(value);
}

function words(value: CborValue | undefined): string {
  assert(typeof value === 'string', 'a leaf holds text here');
  return value;
}
