import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { assert } from '../../base/assert.ts';
import { fromHex, type Hex } from '../../base/bytes.ts';
import { digest, integer, record, Type } from '../../base/schema.ts';
import { tooLarge } from '../body.ts';
import { fetchFromPeers } from '../content-peers.ts';
import { Problem } from '../problem.ts';
import { checkSignature, signatureHeaders, signatureProblems } from '../request-signature.ts';
import { apiResults } from '../results.ts';
import {
  binaryType,
  component,
  defineRoute,
  jsonType,
  type HeaderSpec,
  type Route,
  type Services,
} from '../route.ts';

const params = Type.Object({ sha256: digest() }, { additionalProperties: false });

const contentDigestHeader: HeaderSpec = {
  name: 'Content-Digest',
  description: 'RFC 9530: `sha-256=:…:`, of the digest in the path.',
  required: true,
};

const description =
  'Encrypted payloads and evidence, under the SHA-256 of their bytes. Only registered keys in ' +
  'good standing store and read them, with signed requests; what they hold is for whoever has ' +
  'the key that they are encrypted to.';

export const blobSchema = record(
  { sha256: digest(), size: integer(0, Number.MAX_SAFE_INTEGER) },
  'Stored bytes',
);

export const blobRoutes: readonly Route[] = [
  defineRoute({
    id: 'putBlob',
    method: 'put',
    path: '/v1/blobs/{sha256}',
    tag: 'Content',
    summary: 'Store bytes under their digest',
    description,
    params,
    headers: [contentDigestHeader, ...signatureHeaders],
    body: { stream: binaryType, bytesMax: ({ limits }) => limits.blobBytesMax },
    responses: {
      201: { description: 'They are stored.', type: jsonType, schema: component('blob') },
    },
    problems: [...signatureProblems, apiResults.DIGEST_MISMATCH],
    handle: async ({ services, params: { sha256 }, body, request }) => {
      assert(body.kind === 'stream', 'the body is not read yet');
      if (request.headers['content-digest'] !== contentDigest(sha256)) {
        throw new Problem(
          apiResults.DIGEST_MISMATCH,
          `Content-Digest is not ${contentDigest(sha256)}, the digest of the path.`,
          closing,
        );
      }
      await checkSignature(services, request, ['content-digest']);
      const size = await store(services, body.stream, sha256);
      return { status: 201, headers: { Location: request.path }, body: { sha256, size } };
    },
  }),
  defineRoute({
    id: 'headBlob',
    method: 'head',
    path: '/v1/blobs/{sha256}',
    tag: 'Content',
    summary: 'Whether bytes are stored',
    description,
    params,
    headers: signatureHeaders,
    responses: { 200: { description: 'They are stored.', type: null } },
    problems: [...signatureProblems, apiResults.NOT_FOUND],
    handle: async ({ services, params: { sha256 }, request }) => {
      await checkSignature(services, request, []);
      if (await services.content.has(sha256)) return { status: 200 };
      throw new Problem(apiResults.NOT_FOUND, `No bytes are stored under ${sha256}.`);
    },
  }),
  defineRoute({
    id: 'getBlob',
    method: 'get',
    path: '/v1/blobs/{sha256}',
    tag: 'Content',
    summary: 'Bytes by their digest',
    description,
    params,
    headers: signatureHeaders,
    responses: { 200: { description: 'The bytes.', type: binaryType } },
    problems: [...signatureProblems, apiResults.NOT_FOUND],
    handle: async ({ services, params: { sha256 }, request }) => {
      await checkSignature(services, request, []);
      let stream = await services.content.get(sha256);
      if (!stream) {
        const keep = (found: Readable) => store(services, found, sha256);
        if (await fetchFromPeers(services, request, sha256, keep)) {
          stream = await services.content.get(sha256);
        }
      }
      if (!stream) throw new Problem(apiResults.NOT_FOUND, `No bytes are stored under ${sha256}.`);
      const headers = { 'Content-Digest': contentDigest(sha256) };
      return { status: 200, type: binaryType, headers, stream };
    },
  }),
];

/** A body that is not read to its end leaves the connection useless. */
const closing = { headers: { Connection: 'close' } };

const contentDigest = (sha256: Hex): string =>
  `sha-256=:${Buffer.from(fromHex(sha256)).toString('base64')}:`;

/** Returns the size. Nothing is kept of bytes with another digest. */
async function store({ content, limits }: Services, body: Readable, sha256: Hex): Promise<number> {
  try {
    const stored = await content.put(checked(body, sha256), { maxBytes: limits.blobBytesMax });
    return stored.size;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'CONTENT_TOO_LARGE') {
      throw tooLarge(limits.blobBytesMax);
    }
    throw error;
  }
}

async function* checked(body: Readable, sha256: Hex): AsyncGenerator<Uint8Array, void, undefined> {
  const hash = createHash('sha256');
  for await (const chunk of body as AsyncIterable<Buffer>) {
    hash.update(chunk);
    yield chunk;
  }
  const found = hash.digest('hex');
  if (found === sha256) return;
  throw new Problem(apiResults.DIGEST_MISMATCH, `The bytes have the digest ${found}.`, closing);
}
