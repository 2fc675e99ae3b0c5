import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { Hex } from '../../base/bytes.ts';
import { OperationalError } from '../../base/operational-error.ts';
import { encodeManifest, partBytes, type ContentPart } from '../../content/manifest.ts';
import { putContent } from '../content.ts';
import { ProblemError } from '../problem-error.ts';
import { signedHeaders, type RequestSigner } from '../request-signature.ts';
import { pause, readJson, type Transport } from '../transport.ts';
import { describeFile, type FileContent } from './describe.ts';
import type { Progressed } from './get-file.ts';
import { readState, removeState, writeState } from './state-file.ts';

export interface PutFile {
  readonly file: string;
  /** The record that needs it: `trade/id`. */
  readonly about?: string;
  /** Remembers digests of a run before; `<file>.dxl-upload` unless given. */
  readonly stateFile?: string;
  /** Its description, where that is known: else the file is read for it. */
  readonly content?: FileContent;
  readonly onProgress?: (done: Progressed) => void;
}

const attemptsMax = 8;
const pauseMs = 500;

/**
 * Keeps a file at the exchange and returns the digest to fetch it by; in constant memory, of any length
 * up to 100 GiB. Encrypt first. Cut off, the same call sends what is missing. Throws ProblemError for
 * refusals (no room, before the first byte), OperationalError as describeFile and Transport.send.
 */
export async function putFile(
  transport: Transport,
  signer: RequestSigner,
  options: PutFile,
): Promise<Hex> {
  const { file, about, stateFile = `${file}.dxl-upload` } = options;
  const content = options.content ?? (await describe(file, stateFile));
  const { digest, bytes, parts } = content;
  if (parts.length === 1) {
    await putContent(transport, signer, { file }, about);
    options.onProgress?.({ bytes, of: bytes });
    return digest;
  }
  const missing = await announce(transport, signer, content, about);
  if (missing.length === 0) options.onProgress?.({ bytes, of: bytes });
  let done = bytes - missing.reduce((sum, index) => sum + (parts[index]?.bytes ?? 0), 0);
  for (const index of missing) {
    const part = parts[index];
    if (!part) continue;
    const before = done;
    const onBytes = (sent: number): void =>
      options.onProgress?.({ bytes: before + sent, of: bytes });
    await sendPart({ transport, signer, file, digest, part, index, onBytes });
    done += part.bytes;
  }
  const left = missing.length === 0 ? [] : await announce(transport, signer, content, about);
  if (left.length > 0) {
    throw new OperationalError(
      'CONTENT_INCOMPLETE',
      `${left.length} parts of ${file} are missing at the exchange. Send it again.`,
    );
  }
  await removeState(stateFile);
  return digest;
}

/** To hash 100 GiB takes minutes: a file that is as it was is not hashed again. */
async function describe(file: string, stateFile: string): Promise<FileContent> {
  const before = await readState(stateFile);
  const { size, mtimeMs } = await stat(file).catch(() => ({ size: -1, mtimeMs: -1 }));
  if (before?.['size'] === size && before['mtimeMs'] === mtimeMs && size > partBytes) {
    return before['content'] as FileContent;
  }
  const content = await describeFile(file);
  if (content.parts.length > 1) await writeState(stateFile, { size, mtimeMs, content });
  return content;
}

async function announce(
  transport: Transport,
  signer: RequestSigner,
  { digest, bytes, parts }: FileContent,
  about: string | undefined,
): Promise<readonly number[]> {
  const more: Record<string, string> = about === undefined ? {} : { 'dxl-about': about };
  const type = { 'content-type': 'application/octet-stream' };
  const response = await transport.send({
    method: 'PUT',
    path: `/v1/content/${digest}`,
    body: encodeManifest({ bytes, parts }),
    headers: (url) =>
      signedHeaders(signer, {
        ...{ method: 'PUT', url, bodyDigest: digest },
        headers: { ...type, ...more },
        covered: Object.keys(more),
      }),
  });
  return ((await readJson(response)) as { readonly missing: readonly number[] }).missing;
}

interface Sending {
  readonly transport: Transport;
  readonly signer: RequestSigner;
  readonly file: string;
  readonly digest: Hex;
  readonly part: ContentPart;
  readonly index: number;
  /** Told how much of the part went out. */
  readonly onBytes: (bytes: number) => void;
}

const tus = { 'tus-resumable': '1.0.0' };
const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** By tus: where the connection broke off it goes on from where the exchange stands. */
async function sendPart(sending: Sending): Promise<void> {
  const path = await begin(sending);
  for (let attempt = 1, offset = 0; ; attempt += 1) {
    try {
      await append(sending, path, offset);
      return;
    } catch (error) {
      if (!mayPass(error) || attempt >= attemptsMax) throw error;
      await pause(pauseMs * attempt);
      offset = await offsetOf(sending, path);
    }
  }
}

/** A connection that broke off, a node that is busy, or one that has more than we know. */
const mayPass = (error: unknown): boolean =>
  error instanceof ProblemError
    ? error.problem.status >= 500 || error.resultName === 'UPLOAD_OFFSET'
    : error instanceof OperationalError;

async function begin({ transport, signer, digest, part }: Sending): Promise<string> {
  const headers = {
    'upload-length': String(part.bytes),
    'upload-metadata': `sha256 ${base64(part.sha256)},content ${base64(digest)}`,
  };
  const response = await transport.send({
    method: 'POST',
    path: '/v1/uploads',
    headers: async (url) => ({
      ...tus,
      ...(await signedHeaders(signer, {
        ...{ method: 'POST', url, headers },
        covered: Object.keys(headers),
      })),
    }),
  });
  return new URL(response.headers.get('location') ?? '', response.url).pathname;
}

async function offsetOf({ transport, signer }: Sending, path: string): Promise<number> {
  const response = await transport.send({
    method: 'HEAD',
    path,
    headers: async (url) => ({ ...tus, ...(await signedHeaders(signer, { method: 'HEAD', url })) }),
  });
  return Number(response.headers.get('upload-offset'));
}

async function append(
  { transport, signer, file, part, index, onBytes }: Sending,
  path: string,
  offset: number,
): Promise<void> {
  const start = index * partBytes + offset;
  const end = index * partBytes + part.bytes - 1;
  const headers = { 'upload-offset': String(offset) };
  await transport.send({
    method: 'PATCH',
    path,
    retried: false,
    body: () => webStream(createReadStream(file, { start, end }), offset, onBytes),
    headers: async (url) => ({
      ...{ ...tus, 'content-type': 'application/offset+octet-stream' },
      ...(await signedHeaders(signer, {
        ...{ method: 'PATCH', url, headers },
        covered: Object.keys(headers),
      })),
    }),
  });
}

function webStream(
  source: Readable,
  offset: number,
  onBytes: (bytes: number) => void,
): ReadableStream<Uint8Array> {
  let sent = offset;
  const told = source.on('data', (piece: Buffer) => onBytes((sent += piece.length))).pause();
  return Readable.toWeb(told) as ReadableStream<Uint8Array>;
}
