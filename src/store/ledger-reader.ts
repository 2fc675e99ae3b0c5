import type { DataSource } from 'typeorm';
import { toHex, type Hex } from '../base/bytes.ts';
import type { CommittedBlock, Head, LedgerReader } from '../chain/engine/ports.ts';
import { createBlockReader } from './block-reader.ts';
import { digestBytes, safeInteger } from './columns.ts';
import {
  envelopeOf,
  headOf,
  leafOf,
  type EnvelopeRow,
  type HeadRow,
  type LeafRow,
} from './ledger-rows.ts';

/** A block as lists show it. */
export interface BlockSummary extends Readonly<Head> {
  readonly envelopeCount: number;
}

/** An envelope with what of its block a receipt says. */
export type FoundEnvelope = NonNullable<Awaited<ReturnType<LedgerReader['readEnvelope']>>>;

/** A signed header without its block. */
export interface StoredHeader {
  readonly header: Uint8Array;
  readonly signature: Uint8Array;
}

export interface StoredLedger extends LedgerReader {
  /** Newest first, below `beforeHeight` where it is given. */
  listBlocks(page: {
    readonly beforeHeight?: number;
    readonly limit: number;
  }): Promise<BlockSummary[]>;
  /** Those of these envelopes that stand in a block, by id; one query for all. */
  readEnvelopes(ids: readonly Hex[]): Promise<ReadonlyMap<Hex, FoundEnvelope>>;
  /** Leaves that are there, by log index; one query for all. */
  readLeaves(logIndexes: readonly number[]): Promise<ReadonlyMap<number, Uint8Array>>;
  /** How much the leaves `from` (inclusive) to `to` are, and which is the longest of them. */
  measureLeaves(from: number, to: number): Promise<LeafMeasure>;
  /** Their bytes, in order, by pages: no connection is held between them. */
  streamLeaves(from: number, to: number, perPage?: number): AsyncIterable<Uint8Array>;
  /** The first header that commits to a log of this size, which is no less than 1. */
  readHeaderOfLogSize(logSize: number): Promise<StoredHeader | null>;
}

export interface LeafMeasure {
  /** That are there. */
  readonly count: number;
  /** Of all together. */
  readonly bytes: number;
  readonly longestBytes: number;
}

interface SummaryRow extends HeadRow {
  envelope_count: number;
}

type FoundRow = EnvelopeRow & Pick<HeadRow, 'time_ms' | 'app_hash'>;

const listBlocksSql = `
  SELECT block.height, time_ms, app_hash, header_hash, log_size,
    (SELECT count(*)::int FROM envelope WHERE envelope.height = block.height) AS envelope_count
  FROM block WHERE block.height < $1 ORDER BY block.height DESC LIMIT $2`;

/** An id is in one block only: its sequence number is used there. */
const readEnvelopesSql = `
  SELECT DISTINCT ON (id) id, block.height, time_ms, app_hash, position, bytes, result_code,
    failed_operation, detail, log_index
  FROM envelope JOIN block ON block.height = envelope.height
  WHERE id = ANY ($1::bytea[]) ORDER BY id, block.height`;

/** That `streamLeaves` has in memory at once, unless told otherwise. */
export const leavesPerPage = 32;

/** Committed blocks, envelopes and leaves, one by one. */
export function createLedgerReader(dataSource: DataSource): StoredLedger {
  const blocks = createBlockReader(dataSource);
  const readLeaves = async (logIndexes: readonly number[]): Promise<Map<number, Uint8Array>> => {
    const rows = await dataSource.query<Omit<LeafRow, 'height'>[]>(
      'SELECT log_index, bytes FROM leaf WHERE log_index = ANY ($1::int8[])',
      [logIndexes],
    );
    return new Map(rows.map(leafOf).map(({ logIndex, bytes }) => [logIndex, bytes]));
  };
  const readEnvelopes = async (ids: readonly Hex[]): Promise<Map<Hex, FoundEnvelope>> => {
    const wanted = ids.map((id) => digestBytes(id, 'id'));
    const rows = await dataSource.query<FoundRow[]>(readEnvelopesSql, [wanted]);
    return new Map(rows.map(foundOf).map((found) => [found.envelope.id, found]));
  };
  return {
    readLeaves,
    readEnvelopes,
    async readLeaf(logIndex) {
      return (await readLeaves([logIndex])).get(logIndex) ?? null;
    },
    async readBlock(height): Promise<CommittedBlock | null> {
      for await (const block of blocks.readBlocks(height, height)) return block;
      return null;
    },
    async readEnvelope(id) {
      return (await readEnvelopes([id])).get(id) ?? null;
    },
    async listBlocks({ beforeHeight = Number.MAX_SAFE_INTEGER, limit }) {
      const rows = await dataSource.query<SummaryRow[]>(listBlocksSql, [beforeHeight, limit]);
      return rows.map(summaryOf);
    },
    async measureLeaves(from, to) {
      const [row] = await dataSource.query<Record<'count' | 'bytes' | 'longest', string>[]>(
        `SELECT count(*) AS count, coalesce(sum(octet_length(bytes)), 0) AS bytes,
           coalesce(max(octet_length(bytes)), 0) AS longest
         FROM leaf WHERE log_index >= $1 AND log_index < $2`,
        [from, to],
      );
      return {
        count: Number(row?.count ?? 0),
        bytes: Number(row?.bytes ?? 0),
        longestBytes: Number(row?.longest ?? 0),
      };
    },
    async *streamLeaves(from, to, perPage = leavesPerPage) {
      // By pages: whoever takes them slowly keeps no connection of the pool meanwhile.
      for (let at = from; at < to; at += perPage) {
        const rows = await dataSource.query<Pick<LeafRow, 'bytes'>[]>(
          'SELECT bytes FROM leaf WHERE log_index >= $1 AND log_index < $2 ORDER BY log_index',
          [at, Math.min(to, at + perPage)],
        );
        for (const { bytes } of rows) yield bytes;
      }
    },
    async readHeaderOfLogSize(logSize) {
      // By the block of the last leaf: log sizes have no index of their own.
      const rows = await dataSource.query<{ header: Buffer; signature: Buffer }[]>(
        `SELECT header, signature FROM block
         WHERE height = (SELECT height FROM leaf WHERE log_index = $1::int8 - 1)
           AND log_size = $1::int8`,
        [logSize],
      );
      return rows[0] ?? null;
    },
  };
}

const foundOf = (row: FoundRow): FoundEnvelope => ({
  height: safeInteger(row.height),
  timeMs: safeInteger(row.time_ms),
  appHash: toHex(row.app_hash),
  envelope: envelopeOf(row),
});

const summaryOf = (row: SummaryRow): BlockSummary => ({
  ...headOf(row),
  envelopeCount: row.envelope_count,
});
