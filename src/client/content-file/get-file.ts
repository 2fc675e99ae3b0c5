import { createHash } from 'node:crypto';
import { open, rename, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import type { Hex } from '../../base/bytes.ts';
import { OperationalError } from '../../base/operational-error.ts';
import { partBytes, type ContentManifest, type ContentPart } from '../../content/manifest.ts';
import { ProblemError } from '../problem-error.ts';
import { signedHeaders, type RequestSigner } from '../request-signature.ts';
import { readJson, type Transport } from '../transport.ts';
import { isOf } from './describe.ts';
import { readState, removeState, writeState } from './state-file.ts';
import { refuseExisting } from '../refuse-existing.ts';

export interface GetFile {
  readonly digest: Hex;
  /** A file that is not there yet. */
  readonly target: string;
  /** Other nodes of the chain, asked in turn for a part that the first does not give rightly. */
  readonly peers?: readonly Transport[];
  readonly onProgress?: (done: { readonly bytes: number; readonly of: number }) => void;
}

/**
 * Fetches content into a file, part by part, each checked as it comes; in constant memory. The file
 * appears when all of it is right; until then `.NAME.dxl-part` and `.NAME.dxl-state` stand beside it, by
 * which the same call goes on at the part where it was cut. Throws ProblemError for refusals,
 * OperationalError CONTENT_ALTERED, FILE_EXISTS, or as Transport.send.
 */
export async function getFile(
  transport: Transport,
  signer: RequestSigner,
  { digest, target, peers = [], onProgress = () => undefined }: GetFile,
): Promise<void> {
  await refuseExisting(target);
  const sources = [transport, ...peers];
  const content = await fromAny(sources, (source) => describe(source, signer, digest));
  const beside = (ending: string): string =>
    path.join(path.dirname(target), `.${path.basename(target)}.${ending}`);
  const stateFile = beside('dxl-state');
  const before = await readState(stateFile);
  const goesOn = before?.['digest'] === digest;
  const handle = await open(beside('dxl-part'), goesOn ? 'r+' : 'w', 0o600);
  try {
    let done = goesOn ? Number(before['done']) : 0;
    for (const [index, part] of content.parts.entries()) {
      if (index < done) continue;
      await fromAny(sources, (source) =>
        fetchPart({ source, signer, digest, part, index, handle }),
      );
      await handle.sync();
      done = index + 1;
      await writeState(stateFile, { digest, done });
      onProgress({ bytes: index * partBytes + part.bytes, of: content.bytes });
    }
    await handle.truncate(content.bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await refuseExisting(target);
  await rename(beside('dxl-part'), target);
  await removeState(stateFile);
}

/** The first source that does it; else what the last one said. */
async function fromAny<Value>(
  sources: readonly Transport[],
  step: (source: Transport) => Promise<Value>,
): Promise<Value> {
  let last: unknown;
  for (const source of sources) {
    try {
      return await step(source);
    } catch (error) {
      const passing = error instanceof ProblemError || error instanceof OperationalError;
      if (!passing && !(error instanceof TypeError)) throw error;
      last = error;
    }
  }
  throw last;
}

async function describe(
  source: Transport,
  signer: RequestSigner,
  digest: Hex,
): Promise<ContentManifest> {
  const response = await source.send({
    method: 'GET',
    path: `/v1/content/${digest}/parts`,
    headers: (url) => signedHeaders(signer, { method: 'GET', url }),
  });
  const { bytes, parts } = (await readJson(response)) as ContentManifest;
  if (!isOf(digest, { bytes, parts })) throw altered(digest);
  return { bytes, parts };
}

interface Fetching {
  readonly source: Transport;
  readonly signer: RequestSigner;
  readonly digest: Hex;
  readonly part: ContentPart;
  readonly index: number;
  readonly handle: FileHandle;
}

async function fetchPart({ source, signer, digest, part, index, handle }: Fetching): Promise<void> {
  const response = await source.send({
    method: 'GET',
    path: `/v1/content/${digest}/parts/${index}`,
    headers: (url) => signedHeaders(signer, { method: 'GET', url }),
  });
  const hash = createHash('sha256');
  let at = 0;
  for await (const piece of response.body as AsyncIterable<Uint8Array>) {
    if (at + piece.length > part.bytes) throw altered(part.sha256);
    hash.update(piece);
    for (let written = 0; written < piece.length;) {
      const place = index * partBytes + at;
      const { bytesWritten } = await handle.write(piece, written, piece.length - written, place);
      written += bytesWritten;
      at += bytesWritten;
    }
  }
  if (at !== part.bytes || hash.digest('hex') !== part.sha256) throw altered(part.sha256);
}

const altered = (digest: Hex): OperationalError =>
  new OperationalError(
    'CONTENT_ALTERED',
    `What the exchange sent as ${digest} has another digest. Try again; if it persists, ask the ` +
      'operator to restore it, or its owner to send it again.',
  );
