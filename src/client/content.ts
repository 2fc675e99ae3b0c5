/** The exchange's content store: encrypted payloads and evidence under their SHA-256. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import type { Hex } from '../base/bytes.ts';
import { sha256Hex } from '../base/hash.ts';
import { OperationalError } from '../base/operational-error.ts';
import { writeWholeFile } from './delivery/whole-file.ts';
import { signedHeaders, type RequestSigner } from './request-signature.ts';
import type { Transport } from './transport.ts';

const binary = 'application/octet-stream';

/**
 * Keeps bytes, or a file, at the exchange and returns the digest to fetch them by. Encrypt first:
 * the exchange can read what it keeps. Putting the same bytes again changes nothing.
 * @param about the record that needs it, as `trade/id`: see Dxl-About of the API
 */
export async function putContent(
  transport: Transport,
  signer: RequestSigner,
  content: Uint8Array | { readonly file: string },
  about?: string,
): Promise<Hex> {
  const digest = content instanceof Uint8Array ? sha256Hex(content) : await fileDigest(content);
  await transport.send({
    method: 'PUT',
    path: `/v1/blobs/${digest}`,
    body: content instanceof Uint8Array ? content : () => webStream(content),
    headers: (url) =>
      signedHeaders(signer, {
        method: 'PUT',
        url,
        bodyDigest: digest,
        headers: { 'content-type': binary, ...aboutHeader(about) },
        covered: Object.keys(aboutHeader(about)),
      }),
  });
  return digest;
}

/** All of it in memory, checked against its digest. Throws CONTENT_ALTERED. */
export async function getContent(
  transport: Transport,
  signer: RequestSigner,
  digest: Hex,
): Promise<Uint8Array> {
  const response = await request(transport, signer, digest);
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (sha256Hex(bytes) !== digest) throw altered(digest);
  return bytes;
}

/**
 * Into a file that is not there yet, in constant memory; it appears only when its digest is right.
 * Throws CONTENT_ALTERED, or as writeWholeFile does.
 */
export async function saveContent(
  transport: Transport,
  signer: RequestSigner,
  digest: Hex,
  target: string,
): Promise<void> {
  const response = await request(transport, signer, digest);
  const hash = createHash('sha256');
  await writeWholeFile(target, async (write) => {
    for await (const piece of response.body as AsyncIterable<Uint8Array>) {
      hash.update(piece);
      await write(piece);
    }
    if (hash.digest('hex') !== digest) throw altered(digest);
  });
}

const request = (transport: Transport, signer: RequestSigner, digest: Hex): Promise<Response> =>
  transport.send({
    method: 'GET',
    path: `/v1/blobs/${digest}`,
    headers: (url) => signedHeaders(signer, { method: 'GET', url, headers: { accept: binary } }),
  });

const aboutHeader = (about: string | undefined): Record<string, string> =>
  about === undefined ? {} : { 'dxl-about': about };

async function fileDigest({ file }: { readonly file: string }): Promise<Hex> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(file)) hash.update(piece as Buffer);
  return hash.digest('hex');
}

const webStream = ({ file }: { readonly file: string }): ReadableStream<Uint8Array> =>
  Readable.toWeb(createReadStream(file)) as ReadableStream<Uint8Array>;

const altered = (digest: Hex): OperationalError =>
  new OperationalError(
    'CONTENT_ALTERED',
    `What the exchange sent as ${digest} has another digest. Try again; if it persists, ask the ` +
      'operator to restore it, or its owner to send it again.',
  );
