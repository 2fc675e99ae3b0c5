import type { ContentClaims } from './content-claims.ts';
import type { UnusedContent } from './unused-content.ts';

export interface SweepParts {
  readonly claims: Pick<ContentClaims, 'expire'>;
  readonly unused: Pick<UnusedContent, 'remove'>;
}

/**
 * Forgets what was announced and did not come, and removes what of it had come, where nobody else
 * has sent the same and no record names it.
 */
export const createContentSweep = ({ claims, unused }: SweepParts) => ({
  /** Returns how many announcements are forgotten. */
  async sweep(nowMs: number): Promise<number> {
    const { expired, unclaimed } = await claims.expire(nowMs);
    for (const digest of unclaimed) await unused.remove(digest);
    return expired;
  },
});
