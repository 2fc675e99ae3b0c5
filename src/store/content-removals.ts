import type { DataSource } from 'typeorm';
import type { Hex } from '../base/bytes.ts';
import type { LastNeed } from '../content/retention.ts';
import { safeInteger } from './columns.ts';
import { aboutContent } from './content-claims.ts';
import { whileNobodyClaims } from './content-lock.ts';

/** Content that is due to be removed, or that was. Times are block times. */
export interface ContentRemoval extends Omit<LastNeed, 'atMs'> {
  readonly digest: Hex;
  /** Of all its parts. */
  readonly bytes: number;
  readonly neededUntilMs: number;
  readonly noticedAtMs: number;
  /** Not before this. */
  readonly dueAtMs: number;
  /** null: it is here still. */
  readonly removedAtMs: number | null;
}

export type NumberedRemoval = ContentRemoval & { readonly number: number };

/** What is marked as removed and may be here yet. */
export interface Uncleared {
  readonly digest: Hex;
  /** Of what is kept under digests of their own. */
  readonly parts: readonly Hex[];
}

export interface RemovalCounts {
  readonly due: number;
  readonly dueBytes: number;
  readonly removed: number;
}

export interface ContentRemovals {
  find(digest: Hex): Promise<ContentRemoval | null>;
  /** What an organisation is told of, in order of the notices, from behind `after` on. */
  listFor(
    organisationId: string,
    page: { readonly after?: number; readonly limit: number },
  ): Promise<NumberedRemoval[]>;
  /** Tells of it, or anew; what is removed already stays as it is. */
  notice(removal: ContentRemoval): Promise<void>;
  /** It is needed again: nothing of the notice is left. */
  withdraw(digest: Hex): Promise<void>;
  /**
   * Marks as removed what was told of, and forgets who has sent it, together. False where somebody has
   * begun to send it meanwhile, or it is a part of something. What is to be cleared then is in `uncleared`.
   * @param parts all parts of the content, beside itself
   */
  remove(digest: Hex, removedAtMs: number, parts: readonly Hex[]): Promise<boolean>;
  /** In order, so many at most. */
  uncleared(limit: number): Promise<Uncleared[]>;
  /** Of what is marked as removed: whether nothing of it is here any more. */
  clear(digest: Hex, cleared: boolean): Promise<void>;
  counts(): Promise<RemovalCounts>;
}

const columns =
  'digest, number, bytes, record, deadline, needed_until_ms AS "neededUntilMs", ' +
  'noticed_at_ms AS "noticedAtMs", due_at_ms AS "dueAtMs", told, removed_at_ms AS "removedAtMs"';

type Numbers = 'number' | 'bytes' | 'neededUntilMs' | 'noticedAtMs' | 'dueAtMs';
type Row = Omit<NumberedRemoval, Numbers | 'removedAtMs'> &
  Record<Numbers, string> & { removedAtMs: string | null };

const removalOf = ({ number, bytes, removedAtMs, ...row }: Row): NumberedRemoval => ({
  ...row,
  number: safeInteger(number),
  bytes: safeInteger(bytes),
  neededUntilMs: safeInteger(row.neededUntilMs),
  noticedAtMs: safeInteger(row.noticedAtMs),
  dueAtMs: safeInteger(row.dueAtMs),
  removedAtMs: removedAtMs === null ? null : safeInteger(removedAtMs),
});

export const createContentRemovals = (dataSource: DataSource): ContentRemovals => ({
  async find(digest) {
    const rows = await dataSource.query<Row[]>(
      `SELECT ${columns} FROM content_removal WHERE digest = $1`,
      [digest],
    );
    return rows[0] ? removalOf(rows[0]) : null;
  },
  async listFor(organisationId, { after = 0, limit }) {
    const rows = await dataSource.query<Row[]>(
      `SELECT ${columns} FROM content_removal WHERE told @> ARRAY[$1::text] AND number > $2
       ORDER BY number LIMIT $3`,
      [organisationId, after, limit],
    );
    return rows.map(removalOf);
  },
  async notice({ digest, bytes, record, deadline, neededUntilMs, noticedAtMs, dueAtMs, told }) {
    await dataSource.query(
      `INSERT INTO content_removal AS known
         (digest, bytes, record, deadline, needed_until_ms, noticed_at_ms, due_at_ms, told)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8::text[])
       ON CONFLICT (digest) DO UPDATE SET bytes = excluded.bytes, record = excluded.record,
         deadline = excluded.deadline, needed_until_ms = excluded.needed_until_ms,
         due_at_ms = excluded.due_at_ms, told = excluded.told
       WHERE known.removed_at_ms IS NULL`,
      [digest, bytes, record, deadline, neededUntilMs, noticedAtMs, dueAtMs, told],
    );
  },
  async withdraw(digest) {
    await dataSource.query(
      'DELETE FROM content_removal WHERE digest = $1 AND removed_at_ms IS NULL',
      [digest],
    );
  },
  remove: (digest, removedAtMs, parts) => markRemoved(dataSource, digest, removedAtMs, parts),
  async uncleared(limit) {
    return dataSource.query<Uncleared[]>(
      `SELECT digest, parts FROM content_removal
       WHERE removed_at_ms IS NOT NULL AND NOT cleared ORDER BY number LIMIT $1`,
      [limit],
    );
  },
  async clear(digest, cleared) {
    await dataSource.query(
      `UPDATE content_removal SET cleared = $2, parts = CASE WHEN $2 THEN '{}' ELSE parts END
       WHERE digest = $1 AND removed_at_ms IS NOT NULL`,
      [digest, cleared],
    );
  },
  async counts() {
    const [row] = await dataSource.query<Record<keyof RemovalCounts, string>[]>(
      `SELECT count(*) FILTER (WHERE removed_at_ms IS NULL) AS due,
         coalesce(sum(bytes) FILTER (WHERE removed_at_ms IS NULL), 0) AS "dueBytes",
         count(*) FILTER (WHERE removed_at_ms IS NOT NULL) AS removed
       FROM content_removal`,
    );
    return {
      due: safeInteger(row?.due ?? 0),
      dueBytes: safeInteger(row?.dueBytes ?? 0),
      removed: safeInteger(row?.removed ?? 0),
    };
  },
});

/**
 * Of parts only what was sent for this content goes, as anybody can write a manifest that names the
 * parts of another; of content that nobody has sent here (an import), all of them.
 */
const markRemoved = (
  dataSource: DataSource,
  digest: Hex,
  removedAtMs: number,
  parts: readonly Hex[],
): Promise<boolean> =>
  whileNobodyClaims(dataSource, async (client) => {
    const { rows: claims } = await client.query<{ about: string; pending: boolean }>(
      `SELECT about, until_ms IS NOT NULL AS pending FROM content_claim WHERE digest = $1`,
      [digest],
    );
    if (claims.some(({ about, pending }) => pending || about.startsWith(aboutContent))) {
      return false;
    }
    const { rows: sent } = await client.query<{ digest: string }>(
      'DELETE FROM content_claim WHERE about = $1 RETURNING digest',
      [`${aboutContent}${digest}`],
    );
    await client.query('DELETE FROM content_claim WHERE digest = $1', [digest]);
    const own = claims.length === 0 ? parts : [...new Set(sent.map((row) => row.digest))];
    const { rowCount } = await client.query(
      `UPDATE content_removal SET removed_at_ms = $2, parts = $3::text[], cleared = false
       WHERE digest = $1 AND removed_at_ms IS NULL`,
      [digest, removedAtMs, own],
    );
    return rowCount === 1;
  });
