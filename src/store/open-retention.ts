import type { DataSource } from 'typeorm';
import type { ReadRecord } from '../content/read-record.ts';
import { findLastNeed } from '../content/retention.ts';
import { namingFields } from '../content/uses.ts';
import type { ContentClaims } from './content-claims.ts';
import { ContentRetention, type RetentionParts } from './content-retention.ts';
import { recordChanges } from './record-changes.ts';

export interface RetentionOptions extends Omit<RetentionParts, 'findLastNeed' | 'claims'> {
  readonly claims: Pick<ContentClaims, 'of' | 'recordsNaming'>;
  readonly reads: DataSource;
  /** Of the committed state. */
  readonly read: ReadRecord;
}

/** Retention by the rules of `content/retention`, judged by the committed state. */
export function openContentRetention({ reads, read, ...parts }: RetentionOptions) {
  const ports = {
    read,
    recordsNaming: (digest: string) => parts.claims.recordsNaming(digest, namingFields),
    changedAtMs: recordChanges(reads),
  };
  return new ContentRetention({
    ...parts,
    findLastNeed: (digest, claims) => findLastNeed(ports, digest, claims),
  });
}
