/** What becomes of an upload: begun with room reserved, gone on with, kept where its digest is right. */
import type { Request } from 'express';
import type { Readable } from 'node:stream';
import { isDigest } from '../store/columns.ts';
import { aboutContent } from '../store/content-claims.ts';
import { readManifest } from '../store/kept-manifest.ts';
import { isUploadId } from '../store/upload-files.ts';
import type { Upload } from '../store/uploads.ts';
import { partBytes } from '../content/manifest.ts';
import { tooLarge } from './body.ts';
import { claimRoom, contentDigestOf } from './content-room.ts';
import { Problem } from './problem.ts';
import type { Signer } from './request-signature.ts';
import { apiResults } from './results.ts';
import type { Services } from './route.ts';

export type Waiting = Upload;

const invalid = (detail: string): Problem =>
  new Problem(apiResults.UPLOAD_INVALID, detail, { headers: { Connection: 'close' } });

const closing = { headers: { Connection: 'close' } };

/** Throws Problem UPLOAD_INVALID where it is no whole number. */
export function numberHeader({ headers }: Request, name: string): number {
  const value = headers[name];
  if (typeof value === 'string' && /^(0|[1-9][0-9]{0,15})$/.test(value)) return Number(value);
  throw invalid(`${name} is no whole number.`);
}

/** Throws Problem: UPLOAD_INVALID, BODY_TOO_LARGE, or as `claimRoom`. */
export async function beginUpload(
  services: Services,
  signer: Signer,
  request: Request,
): Promise<Waiting> {
  const bytes = numberHeader(request, 'upload-length');
  if (bytes > partBytes) throw tooLarge(partBytes);
  if (bytes === 0) throw invalid('Upload-Length is 0; put an empty blob.');
  const metadata = readMetadata(request);
  const { sha256 = '', content, about = '' } = metadata;
  if (!isDigest(sha256)) throw invalid('Upload-Metadata has no `sha256` of 64 digits.');
  const { organisationId } = signer;
  const expiresAtMs = services.now() + services.limits.uploadKeepMs;
  const facts = { digest: sha256, organisationId, bytes, expiresAtMs };
  if (content !== undefined) {
    await checkAnnounced(services, signer, { content, sha256, bytes });
    return services.uploads.begin({ ...facts, about: `${aboutContent}${content}` });
  }
  await claimRoom(services, signer, { digest: sha256, bytes, about });
  return services.uploads.begin({ ...facts, about });
}

async function checkAnnounced(
  services: Services,
  { organisationId }: Signer,
  { content, sha256, bytes }: Record<'content' | 'sha256', string> & { readonly bytes: number },
): Promise<void> {
  const claims = isDigest(content) ? await services.claims.of(content) : [];
  const own = claims.some((claim) => claim.organisationId === organisationId);
  const manifest = own ? await readManifest(services.content, content) : null;
  const part = manifest?.parts.find((one) => one.sha256 === sha256);
  if (part?.bytes === bytes) return;
  throw invalid('No content that was announced has such a part: put its manifest first.');
}

/** Names once each; values are base64 of text. */
function readMetadata({ headers }: Request): Readonly<Record<string, string | undefined>> {
  const header = headers['upload-metadata'];
  if (typeof header !== 'string') throw invalid('Upload-Metadata is missing.');
  const found = new Map<string, string>();
  for (const pair of header.split(',')) {
    const [name = '', value = '', ...more] = pair.trim().split(' ');
    if (
      name === '' ||
      more.length > 0 ||
      found.has(name) ||
      !/^[A-Za-z0-9+/]*={0,2}$/.test(value)
    ) {
      throw invalid('Upload-Metadata is not `name base64`, with commas between.');
    }
    found.set(name, Buffer.from(value, 'base64').toString('utf8'));
  }
  return Object.fromEntries(found);
}

/** Throws Problem NOT_FOUND for another's, too. */
export async function findUpload(
  { uploads, now }: Services,
  { organisationId }: Signer,
  id: string,
): Promise<Waiting> {
  const upload = isUploadId(id) ? await uploads.find(id) : null;
  const alive = upload !== null && upload.expiresAtMs > now();
  if (alive && upload.organisationId === organisationId) return upload;
  throw new Problem(apiResults.NOT_FOUND, `No upload ${id} of this organisation.`, closing);
}

/** Who is at an upload just now: one at a time, and the newest has it. */
const holders = new Map<string, { readonly stop: () => void; readonly ended: Promise<unknown> }>();

/**
 * Breaks off whoever still writes, as whoever asks has given that connection up, and keeps others off
 * until `work` has ended. @param stop told where the next one asks
 */
async function alone<Value>(
  { id }: Waiting,
  stop: () => void,
  work: () => Promise<Value>,
): Promise<Value> {
  for (let other = holders.get(id); other; other = holders.get(id)) {
    other.stop();
    await other.ended;
  }
  const working = work();
  const own = { stop, ended: working.catch(() => undefined) };
  holders.set(id, own);
  try {
    return await working;
  } finally {
    holders.delete(id);
  }
}

const notStopped = (): void => undefined;

/** Of what is here and will stay. */
export const offsetOf = (services: Services, upload: Waiting): Promise<number> =>
  alone(upload, notStopped, () => sizeOf(services, upload));

const sizeOf = async ({ uploads }: Services, { id }: Waiting): Promise<number> =>
  (await uploads.files.sizeOf(id)) ?? 0;

export const endUpload = (services: Services, upload: Waiting): Promise<void> =>
  alone(upload, notStopped, () => giveUp(services, upload));

async function giveUp({ uploads, claims }: Services, upload: Waiting): Promise<void> {
  await uploads.end(upload);
  if (!upload.about.startsWith(aboutContent)) await claims.release(upload);
}

interface Append {
  readonly offset: number;
  readonly body: Readable;
  readonly request: Request;
}

/** Returns how far it is then. Throws Problem UPLOAD_OFFSET, BODY_TOO_LARGE or DIGEST_MISMATCH. */
export function appendTo(services: Services, upload: Waiting, append: Append): Promise<number> {
  const stop = (): void => void append.body.destroy(new Error('gone on with elsewhere'));
  return alone(upload, stop, () => appendAlone(services, upload, append));
}

async function appendAlone(services: Services, upload: Waiting, append: Append): Promise<number> {
  const { offset, request } = append;
  const stands = await sizeOf(services, upload);
  if (stands !== offset) {
    const headers = { 'Upload-Offset': String(stands), ...closing.headers };
    throw new Problem(apiResults.UPLOAD_OFFSET, `${stands}, not ${offset}.`, { headers });
  }
  const room = upload.bytes - offset;
  if (Number(request.headers['content-length'] ?? 0) > room) throw tooLarge(room);
  const size = await write(services, upload, { ...append, room });
  if (size === upload.bytes) await finish(services, upload);
  return size;
}

async function write(
  { uploads: { files } }: Services,
  { id }: Waiting,
  { offset, body, request, room }: Append & { readonly room: number },
): Promise<number> {
  const { size, digest, broken } = await files.append(id, offset, bounded(body, room));
  const given = request.headers['content-digest'];
  const other = given !== undefined && given !== contentDigestOf(digest);
  // Of a body that came too slowly, what came stays, as of one that broke off.
  const refused = broken instanceof Problem && broken.result !== apiResults.REQUEST_TIMEOUT;
  if (refused || (broken === null && other)) await files.cutTo(id, offset);
  if (broken) throw broken;
  if (!other) return size;
  throw new Problem(apiResults.DIGEST_MISMATCH, `The body has the digest ${digest}.`);
}

async function* bounded(body: Readable, room: number): AsyncGenerator<Uint8Array, void, undefined> {
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > room) throw tooLarge(room);
    yield chunk;
  }
}

/** All is here: kept where it is what was announced, else gone. */
async function finish(services: Services, upload: Waiting): Promise<void> {
  const { uploads, content, claims } = services;
  const { id, digest, organisationId, about, bytes } = upload;
  const found = await uploads.files.digestOf(id);
  if (found !== digest) {
    await giveUp(services, upload);
    throw new Problem(apiResults.DIGEST_MISMATCH, `All of it has the digest ${found}.`);
  }
  // Claimed first: what is here and is claimed is not removed meanwhile.
  if (about.startsWith(aboutContent)) await settlePart(services, upload);
  await content.adopt(uploads.files.fileOf(id), digest);
  if (!about.startsWith(aboutContent))
    await claims.settle({ digest, organisationId, about }, bytes);
  await uploads.end(upload);
}

async function settlePart({ claims, limits, now }: Services, upload: Waiting): Promise<void> {
  const { digest, organisationId, about } = upload;
  const claim = { digest, organisationId, about, bucket: '', bytes: 0, atMs: now(), untilMs: null };
  await claims.take(claim, Number.MAX_SAFE_INTEGER);
  const whole = about.slice(aboutContent.length);
  for (const key of await claims.of(whole)) {
    if (key.organisationId === organisationId) {
      await claims.extend(key, now() + limits.uploadKeepMs);
    }
  }
}
