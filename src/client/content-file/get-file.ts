import type { Hex } from '../../base/bytes.ts';
import { partBytes } from '../../content/manifest.ts';
import { refuseExisting } from '../refuse-existing.ts';
import type { RequestSigner } from '../request-signature.ts';
import type { Transport } from '../transport.ts';
import { openPartSource, type PartSource } from './part-source.ts';
import { openPartialFile } from './partial-file.ts';

export interface Progressed {
  readonly bytes: number;
  readonly of: number;
}

export interface GetFile {
  readonly digest: Hex;
  /** A file that is not there yet. */
  readonly target: string;
  /** Other nodes of the chain, asked in turn for a part that the first does not give rightly. */
  readonly peers?: readonly Transport[];
  readonly onProgress?: (done: Progressed) => void;
}

/**
 * Fetches content into a file, part by part, each checked as it comes; in constant memory. The file
 * appears when all of it is right; until then `.NAME.dxl-part` and `.NAME.dxl-state` stand beside it, by
 * which the same call goes on at the part where it was cut. Throws ProblemError for refusals,
 * OperationalError CONTENT_ALTERED, CONTENT_BROKEN_OFF, FILE_EXISTS, or as Transport.send.
 */
export async function getFile(
  transport: Transport,
  signer: RequestSigner,
  { digest, target, peers = [], onProgress }: GetFile,
): Promise<void> {
  await refuseExisting(target);
  const source = await openPartSource([transport, ...peers], signer, digest);
  await saveParts(source, { digest, target, ...(onProgress ? { onProgress } : {}) });
}

/** As getFile, from any source. */
export async function saveParts(
  source: PartSource,
  { digest, target, onProgress = () => undefined }: Omit<GetFile, 'peers'>,
): Promise<void> {
  const { parts, bytes: of } = source.content;
  const file = await openPartialFile(target, { id: digest, partBytes });
  try {
    for (const [index, part] of parts.entries()) {
      if (index < file.done) continue;
      const start = index * partBytes;
      await source.read(index, async (piece, at) => {
        await file.write(piece, start + at);
        onProgress({ bytes: start + at + piece.length, of });
      });
      await file.keep(index + 1);
      if (part.bytes === 0) onProgress({ bytes: of, of });
    }
    await file.finish(of);
  } finally {
    await file.close();
  }
}
