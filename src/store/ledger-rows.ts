/** Rows of the tables of blocks as the database driver gives them, and what they are read as. */
import { toHex } from '../base/bytes.ts';
import type { CommittedEnvelope, CommittedLeaf, Head } from '../chain/engine/ports.ts';
import { safeInteger } from './columns.ts';

/** Of `head`, and what `block` has of it. */
export interface HeadRow {
  height: string;
  time_ms: string;
  app_hash: Buffer;
  header_hash: Buffer;
  log_size: string;
}

export interface EnvelopeRow {
  height: string;
  position: number;
  id: Buffer;
  bytes: Buffer;
  result_code: number;
  failed_operation: number | null;
  detail: string;
  log_index: string;
}

export interface LeafRow {
  log_index: string;
  height: string;
  bytes: Buffer;
}

export const headOf = (row: HeadRow): Head => ({
  height: safeInteger(row.height),
  timeMs: safeInteger(row.time_ms),
  appHash: toHex(row.app_hash),
  headerHash: toHex(row.header_hash),
  logSize: safeInteger(row.log_size),
});

export const envelopeOf = (row: Omit<EnvelopeRow, 'height'>): CommittedEnvelope => ({
  id: toHex(row.id),
  position: row.position,
  bytes: row.bytes,
  resultCode: row.result_code,
  failedOperation: row.failed_operation,
  detail: row.detail,
  logIndex: safeInteger(row.log_index),
});

export const leafOf = (row: Omit<LeafRow, 'height'>): CommittedLeaf => ({
  logIndex: safeInteger(row.log_index),
  bytes: row.bytes,
});
