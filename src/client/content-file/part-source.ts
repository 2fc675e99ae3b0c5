/** Content as its parts, from nodes or from a file: each is checked as it is read. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Hex } from '../../base/bytes.ts';
import { OperationalError } from '../../base/operational-error.ts';
import { partBytes, type ContentManifest, type ContentPart } from '../../content/manifest.ts';
import { ProblemError } from '../problem-error.ts';
import { signedHeaders, type RequestSigner } from '../request-signature.ts';
import { pause, readJson, type Transport } from '../transport.ts';
import { describeFile, isOf } from './describe.ts';

/** Takes a piece of a part: `at` counts from the beginning of the part. */
export type TakePiece = (piece: Uint8Array, at: number) => Promise<void> | void;

export interface PartSource {
  readonly content: ContentManifest;
  /**
   * Reads a part from its beginning, and again from there where it broke off: what `take` was given is
   * right only when this resolves. Throws OperationalError CONTENT_ALTERED, or why nobody gives it.
   */
  read(index: number, take: TakePiece): Promise<void>;
}

/** How often a part is begun at most. */
const attemptsMax = 8;
const pauseMs = 500;
/** How long nothing may come of a part that has begun. */
const stalledMs = 60_000;

/**
 * Content at the exchange. @param sources nodes, asked in turn for what the first does not give rightly.
 * Throws ProblemError for refusals, OperationalError CONTENT_ALTERED, or as Transport.send.
 */
export async function openPartSource(
  sources: readonly Transport[],
  signer: RequestSigner,
  digest: Hex,
): Promise<PartSource> {
  const content = await fromAny(sources, (source) => describe(source, signer, digest));
  return {
    content,
    async read(index, take) {
      const part = partOf(content, index);
      await fromAny(sources, (source) => fetchPart({ source, signer, digest, part, index, take }));
    },
  };
}

/** A file on this machine, as content. Throws as describeFile. */
export async function openFileSource(file: string): Promise<PartSource> {
  const content = await describeFile(file);
  return {
    content,
    async read(index, take) {
      const part = partOf(content, index);
      const start = index * partBytes;
      const pieces = createReadStream(file, { start, end: start + part.bytes - 1 });
      await takeChecked(pieces as AsyncIterable<Uint8Array>, part, take);
    },
  };
}

function partOf({ parts }: ContentManifest, index: number): ContentPart {
  const part = parts[index];
  if (part) return part;
  throw new RangeError(`content of ${parts.length} parts has no part ${index}`);
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
      if (!(error instanceof ProblemError || error instanceof OperationalError)) throw error;
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
  readonly take: TakePiece;
}

/** Again, where the connection broke off within the part. */
async function fetchPart(fetching: Fetching): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await fetchOnce(fetching);
      return;
    } catch (error) {
      if (!(error instanceof BrokenOff) || attempt >= attemptsMax) throw error;
      await pause(pauseMs * attempt);
    }
  }
}

async function fetchOnce(fetching: Fetching): Promise<void> {
  const { source, signer, digest, part, index, take } = fetching;
  const response = await source.send({
    method: 'GET',
    path: `/v1/content/${digest}/parts/${index}`,
    headers: (url) => signedHeaders(signer, { method: 'GET', url }),
  });
  await takeChecked(piecesOf(response, index), part, take);
}

/** A failure of the connection, and of nothing else that is done with what it brings. */
async function* piecesOf(
  { body, url }: Response,
  index: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const pieces = (body as AsyncIterable<Uint8Array> | null)?.[Symbol.asyncIterator]();
  if (!pieces) return;
  let ended = false;
  try {
    for (;;) {
      const next = await inTime(pieces.next()).catch((cause: unknown) => {
        throw new BrokenOff(new URL(url).origin, index, cause);
      });
      ended = next.done === true;
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    // Not waited for: what stalls does not end, either.
    if (!ended) pieces.return?.().catch(() => undefined);
  }
}

async function inTime<Value>(next: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing came for ${stalledMs} ms`)), stalledMs);
  });
  return Promise.race([next, late]).finally(() => clearTimeout(timer));
}

class BrokenOff extends OperationalError {
  constructor(origin: string, index: number, cause: unknown) {
    super(
      'CONTENT_BROKEN_OFF',
      `${origin} broke off within part ${index}. Run the same again: it goes on at that part.`,
      { cause },
    );
  }
}

async function takeChecked(
  pieces: AsyncIterable<Uint8Array>,
  part: ContentPart,
  take: TakePiece,
): Promise<void> {
  const hash = createHash('sha256');
  let at = 0;
  for await (const piece of pieces) {
    if (at + piece.length > part.bytes) throw altered(part.sha256);
    hash.update(piece);
    await take(piece, at);
    at += piece.length;
  }
  if (at !== part.bytes || hash.digest('hex') !== part.sha256) throw altered(part.sha256);
}

const altered = (digest: Hex): OperationalError =>
  new OperationalError(
    'CONTENT_ALTERED',
    `What came as ${digest} has another digest. Try again; if it persists, ask the operator to ` +
      'restore it, or its owner to send it again.',
  );
