import type { ContentClaims, NamingField } from './content-claims.ts';
import type { ContentStore } from './content-store.ts';

export interface SweepParts {
  readonly claims: ContentClaims;
  readonly content: Pick<ContentStore, 'remove'>;
  /** Where records name content: what one names stays, whoever has sent it. */
  readonly fields: readonly NamingField[];
}

/**
 * Forgets what was announced and did not come, and removes what of it had come, where nobody else
 * has sent the same and no record names it.
 */
export const createContentSweep = ({ claims, content, fields }: SweepParts) => ({
  /** Returns how many announcements are forgotten. */
  async sweep(nowMs: number): Promise<number> {
    const { expired, unclaimed } = await claims.expire(nowMs);
    for (const digest of unclaimed) {
      const naming = await claims.recordsNaming(digest, fields);
      if (naming.length === 0) await content.remove(digest);
    }
    return expired;
  },
});
