/** One hash a table, by which two ledgers are seen to be equal row by row. */
import { createHash, type Hash } from 'node:crypto';
import type { Hex } from '../../base/bytes.ts';
import { encodeCbor, type CborValue } from '../../base/cbor.ts';
import type { AuditReader } from '../engine/ports.ts';
import { canonical } from './check-projection.ts';

export interface TableDigest {
  readonly table: string;
  readonly rows: number;
  /** SHA-256 over all rows in order of their key, each as CBOR after its length. */
  readonly sha256: Hex;
}

type Column = string | number | null | Uint8Array;

/**
 * Of every table that blocks write or that follows from them. Two nodes at one height, and a ledger
 * and its import, have the same; only words of refusals (`envelope.detail`) may differ between releases.
 */
export async function digestTables(reader: AuditReader): Promise<TableDigest[]> {
  const document = await reader.readGenesis();
  const head = await reader.readHead();
  const cursor = await reader.readCursor();
  const single = (row: object | null): Column[][] =>
    row === null ? [] : [Object.values(row) as Column[]];
  return [
    await digestOf('genesis', document === null ? [] : [[document]], (row) => row),
    await digestOf('head', single(head), (row) => row),
    await digestOf('block', reader.blocks(), (row) => [
      ...[row.height, row.timeMs, row.appHash, row.headerHash, row.header, row.signature],
      row.logSize,
    ]),
    await digestOf('envelope', reader.envelopes(), (row) => [
      ...[row.height, row.position, row.id, row.bytes, row.resultCode, row.failedOperation],
      ...[row.detail, row.logIndex],
    ]),
    await digestOf('leaf', reader.leaves(), (row) => [row.logIndex, row.height, row.bytes]),
    await digestOf('state', reader.state(), (row) => [row.key, row.value, row.height]),
    ...(await digestReadModels(reader)),
    await digestOf('projection_cursor', single(cursor), (row) => row),
  ];
}

/** Of the tables that `dxl rebuild` makes anew. */
export async function digestReadModels(
  reader: Pick<AuditReader, 'events' | 'records'>,
): Promise<TableDigest[]> {
  return [
    await digestOf('event', reader.events(), (row) => [
      ...[row.logIndex, row.height, row.stream, row.name, row.kind, row.recordId, row.envelopeId],
      ...[row.timeMs, canonical(row.body)],
    ]),
    await digestOf('record', reader.records(), (row) => [
      ...[row.kind, row.id, row.firstLogIndex, row.logIndex, row.height, row.status],
      ...[canonical(row.body), row.searchText],
    ]),
  ];
}

async function digestOf<Row>(
  table: string,
  rows: AsyncIterable<Row> | Iterable<Row>,
  columns: (row: Row) => readonly Column[],
): Promise<TableDigest> {
  const hash = createHash('sha256');
  let count = 0;
  for await (const row of rows) {
    add(hash, columns(row));
    count += 1;
  }
  return { table, rows: count, sha256: hash.digest('hex') };
}

function add(hash: Hash, columns: readonly Column[]): void {
  const row = encodeCbor(
    columns.map((value): CborValue => (typeof value === 'number' ? BigInt(value) : value)),
  );
  const length = Buffer.alloc(4);
  length.writeUInt32BE(row.length);
  hash.update(length).update(row);
}
