import type { ClientBase } from 'pg';
import type { DataSource } from 'typeorm';
import type { Hex } from '../base/bytes.ts';
import { safeInteger } from './columns.ts';
import { inTransaction, shareContentLock } from './content-lock.ts';

/** Begins what a part is about: the content, by its digest, that it is a part of. */
export const aboutContent = 'content/';

/** What an organisation has sent, or announced, for a record: `kind/id`, or '' for none yet. */
export interface ClaimKey {
  readonly digest: Hex;
  readonly organisationId: string;
  readonly about: string;
}

export interface ContentClaim extends ClaimKey {
  /** Of which quota of the organisation it takes: `trade/id` of an open trade, or '' for all else. */
  readonly bucket: string;
  /** How much. */
  readonly bytes: number;
  readonly atMs: number;
  /** Not all of it is here yet: it is forgotten then. null: all is here. */
  readonly untilMs: number | null;
}

/** A field of a kind of record that holds digests of content. */
export interface NamingField {
  readonly kind: string;
  readonly path: readonly string[];
}

export interface NamingRecord {
  readonly kind: string;
  readonly id: string;
}

export interface ContentClaims {
  /**
   * Reserves room for what is to come; what is claimed already takes no more. Null where that passes
   * `quotaBytes` of the claim’s bucket, with how many are left otherwise.
   */
  take(claim: ContentClaim, quotaBytes: number): Promise<{ readonly leftBytes: number } | null>;
  /**
   * What of these the organisation has sent already is a part of the content too, and is not removed
   * while that is needed: ask only then whether it is here. @param key of the content
   */
  shareParts(key: ClaimKey, digests: readonly Hex[], atMs: number): Promise<void>;
  /** All of it is here. */
  settle(key: ClaimKey, bytes: number): Promise<void>;
  /** What is announced is waited for until then. */
  extend(key: ClaimKey, untilMs: number): Promise<void>;
  /** Which of the digests the organisation has sent, whole. */
  sentBy(organisationId: string, digests: readonly Hex[]): Promise<ReadonlySet<Hex>>;
  /** Forgets what has not come; what is here stays. */
  release(key: ClaimKey): Promise<void>;
  /** Of a digest: of what is here, and of what was announced. */
  of(digest: Hex): Promise<ContentClaim[]>;
  /** Records whose read model names the digest: to be looked at in the state, not believed. */
  recordsNaming(digest: Hex, fields: readonly NamingField[]): Promise<NamingRecord[]>;
  /** Of all that is announced and not here yet. */
  pendingBytes(): Promise<number>;
  /**
   * Forgets what was announced and did not come, with the parts of it that did. Returns how many
   * announcements, and what nobody has sent any more.
   */
  expire(nowMs: number): Promise<{ readonly expired: number; readonly unclaimed: Hex[] }>;
}

const claimColumns =
  'digest, organisation_id AS "organisationId", about, bucket, bytes, at_ms AS "atMs", until_ms AS "untilMs"';

interface ClaimRow {
  digest: string;
  organisationId: string;
  about: string;
  bucket: string;
  bytes: string;
  atMs: string;
  untilMs: string | null;
}

const claimOf = ({ bytes, atMs, untilMs, ...key }: ClaimRow): ContentClaim => ({
  ...key,
  bytes: safeInteger(bytes),
  atMs: safeInteger(atMs),
  untilMs: untilMs === null ? null : safeInteger(untilMs),
});

export function createContentClaims(dataSource: DataSource): ContentClaims {
  return {
    ...readingClaims(dataSource),
    take: (claim, quotaBytes) =>
      inTransaction(dataSource, (client) => takeIn(client, claim, quotaBytes)),
    shareParts: (key, digests, atMs) =>
      inTransaction(dataSource, (client) => sharePartsIn(client, key, digests, atMs)),
    settle: ({ digest, organisationId, about }, bytes) =>
      inTransaction(dataSource, async (client) => {
        await client.query(
          `UPDATE content_claim SET until_ms = NULL, bytes = $4
           WHERE digest = $1 AND organisation_id = $2 AND about = $3 AND until_ms IS NOT NULL`,
          [digest, organisationId, about, bytes],
        );
        // What was removed before is here anew, for as long as content is kept.
        await client.query(
          'DELETE FROM content_removal WHERE digest = $1 AND removed_at_ms IS NOT NULL',
          [digest],
        );
      }),
    async release({ digest, organisationId, about }) {
      await dataSource.query(
        `DELETE FROM content_claim WHERE digest = $1 AND organisation_id = $2 AND about = $3
           AND until_ms IS NOT NULL`,
        [digest, organisationId, about],
      );
    },
    async extend({ digest, organisationId, about }, untilMs) {
      await dataSource.query(
        `UPDATE content_claim SET until_ms = $4
         WHERE digest = $1 AND organisation_id = $2 AND about = $3 AND until_ms < $4`,
        [digest, organisationId, about, untilMs],
      );
    },
    async expire(nowMs) {
      const [expired] = await dataSource.query<[{ digest: string }[], number]>(
        'DELETE FROM content_claim WHERE until_ms <= $1 RETURNING digest, organisation_id',
        [nowMs],
      );
      const digests = expired.map(({ digest }) => digest);
      const [parts] = await dataSource.query<[{ digest: string }[], number]>(
        `DELETE FROM content_claim AS part WHERE about = ANY ($1::text[]) AND NOT EXISTS (
           SELECT FROM content_claim AS whole
           WHERE whole.organisation_id = part.organisation_id
             AND part.about = $2 || whole.digest)
         RETURNING digest`,
        [digests.map((digest) => `${aboutContent}${digest}`), aboutContent],
      );
      const gone = [...digests, ...parts.map(({ digest }) => digest)];
      const rows = await dataSource.query<{ digest: string }[]>(
        `SELECT DISTINCT gone AS digest FROM unnest($1::text[]) AS gone
         WHERE NOT EXISTS (SELECT FROM content_claim WHERE digest = gone)`,
        [gone],
      );
      return { expired: expired.length, unclaimed: rows.map(({ digest }) => digest) };
    },
  };
}

type Reading = Pick<ContentClaims, 'of' | 'sentBy' | 'recordsNaming' | 'pendingBytes'>;

function readingClaims(dataSource: DataSource): Reading {
  return {
    async of(digest) {
      const rows = await dataSource.query<ClaimRow[]>(
        `SELECT ${claimColumns} FROM content_claim WHERE digest = $1 ORDER BY at_ms`,
        [digest],
      );
      return rows.map(claimOf);
    },
    async sentBy(organisationId, digests) {
      const rows = await dataSource.query<{ digest: string }[]>(
        `SELECT DISTINCT digest FROM content_claim
         WHERE organisation_id = $1 AND digest = ANY ($2::text[]) AND until_ms IS NULL`,
        [organisationId, digests],
      );
      return new Set(rows.map(({ digest }) => digest));
    },
    async recordsNaming(digest, fields) {
      if (fields.length === 0) return [];
      const branches = fields.map(
        // Both are ours, of src/content/uses.ts: as text they fit the indexes of the migration.
        ({ kind, path }) =>
          `SELECT kind, id FROM record WHERE kind = '${kind}' AND body #>> '{${path.join(',')}}' = $1`,
      );
      return dataSource.query<NamingRecord[]>(branches.join(' UNION '), [digest]);
    },
    async pendingBytes() {
      const [row] = await dataSource.query<{ bytes: string }[]>(
        `SELECT coalesce(sum(bytes), 0) AS bytes FROM content_claim WHERE until_ms IS NOT NULL`,
      );
      return safeInteger(row?.bytes ?? 0);
    },
  };
}

async function takeIn(
  client: ClientBase,
  { digest, organisationId, about, bucket, bytes, atMs, untilMs }: ContentClaim,
  quotaBytes: number,
): Promise<{ readonly leftBytes: number } | null> {
  await shareContentLock(client);
  // Two that come at once must not both find the same room.
  await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [
    `content-claim ${organisationId} ${bucket}`,
  ]);
  const { rows } = await client.query<{ others: string }>(
    `SELECT coalesce(sum(bytes), 0) AS others FROM content_claim
     WHERE organisation_id = $1 AND bucket = $2 AND NOT (digest = $3 AND about = $4)`,
    [organisationId, bucket, digest, about],
  );
  const leftBytes = quotaBytes - safeInteger(rows[0]?.others ?? 0) - bytes;
  if (leftBytes < 0) return null;
  await client.query(
    `INSERT INTO content_claim AS held (digest, organisation_id, about, bucket, bytes, at_ms, until_ms)
     VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (digest, organisation_id, about) DO UPDATE
       SET at_ms = greatest(held.at_ms, excluded.at_ms),
         until_ms = CASE WHEN held.until_ms IS NULL THEN NULL ELSE excluded.until_ms END,
         bytes = CASE WHEN held.until_ms IS NULL THEN held.bytes ELSE excluded.bytes END`,
    [digest, organisationId, about, bucket, bytes, atMs, untilMs],
  );
  return { leftBytes };
}

async function sharePartsIn(
  client: ClientBase,
  { digest, organisationId }: ClaimKey,
  digests: readonly Hex[],
  atMs: number,
): Promise<void> {
  await shareContentLock(client);
  await client.query(
    `INSERT INTO content_claim (digest, organisation_id, about, bucket, bytes, at_ms)
     SELECT part, $2, $3, '', 0, $4 FROM unnest($1::text[]) AS part
     ON CONFLICT (digest, organisation_id, about) DO NOTHING`,
    [digests, organisationId, `${aboutContent}${digest}`, atMs],
  );
}
