import type { DataSource } from 'typeorm';
import { createContentClaims, type NamingField } from './content-claims.ts';
import { createContentRemovals } from './content-removals.ts';
import { createContentSweep } from './content-sweep.ts';
import { openContentFolder } from './content-store.ts';
import { createNonceStore } from './nonce-store.ts';
import { openUploadFiles } from './upload-files.ts';
import { openUnusedContent } from './unused-content.ts';
import { createUploads } from './uploads.ts';

export interface ContentsOptions {
  readonly contentDir: string;
  /** For claims, uploads and nonces: the connections of requests. */
  readonly reads: DataSource;
  /** Fields of records that name content: what they name is not swept. */
  readonly namingFields: readonly NamingField[];
}

/** All that signed requests for content need of the disk and the database, and what sweeps it. */
export async function openContents({ contentDir, reads, namingFields }: ContentsOptions) {
  const content = await openContentFolder(contentDir);
  const claims = createContentClaims(reads);
  const unused = openUnusedContent({ dataSource: reads, claims, content, fields: namingFields });
  return {
    content,
    claims,
    unused,
    removals: createContentRemovals(reads),
    nonces: createNonceStore(reads),
    sweep: createContentSweep({ claims, unused }),
    uploads: createUploads(reads, openUploadFiles(content.incoming)),
  };
}
