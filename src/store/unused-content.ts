import type { DataSource } from 'typeorm';
import type { Hex } from '../base/bytes.ts';
import type { ContentClaims, NamingField } from './content-claims.ts';
import { whileNobodyClaims } from './content-lock.ts';
import type { ContentStore } from './content-store.ts';

/** Removes files that nobody needs: whoever begins to need one waits, and then finds it gone. */
export interface UnusedContent {
  /** Where nobody has sent or announced it and no record names it. Returns whether that is so. */
  remove(digest: Hex): Promise<boolean>;
  /** Where nobody has sent or announced it, whatever names it. Returns whether that is so. */
  removeUnclaimed(digest: Hex): Promise<boolean>;
}

export interface UnusedContentParts {
  readonly dataSource: DataSource;
  readonly claims: Pick<ContentClaims, 'recordsNaming'>;
  readonly content: Pick<ContentStore, 'remove'>;
  /** Where records name content. */
  readonly fields: readonly NamingField[];
}

export function openUnusedContent(parts: UnusedContentParts): UnusedContent {
  const { dataSource, claims, content, fields } = parts;
  const removeUnclaimed = (digest: Hex): Promise<boolean> =>
    whileNobodyClaims(dataSource, async (client) => {
      const { rowCount } = await client.query(
        'SELECT FROM content_claim WHERE digest = $1 LIMIT 1',
        [digest],
      );
      if (rowCount !== 0) return false;
      await content.remove(digest);
      return true;
    });
  return {
    removeUnclaimed,
    async remove(digest) {
      if ((await claims.recordsNaming(digest, fields)).length > 0) return false;
      return removeUnclaimed(digest);
    },
  };
}
