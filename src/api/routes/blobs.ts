import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { assert } from '../../base/assert.ts';
import type { Hex } from '../../base/bytes.ts';
import { digest, integer, record, Type } from '../../base/schema.ts';
import { tooLarge } from '../body.ts';
import { bytesCost } from '../bytes-cost.ts';
import { accessTo, sunsetOf } from '../content-access.ts';
import { fetchFromPeers } from '../content-peers.ts';
import {
  aboutHeader,
  aboutOf,
  claimRoom,
  contentDigestHeader,
  contentDigestOf,
  coveredWith,
  roomProblems,
} from '../content-room.ts';
import { Problem } from '../problem.ts';
import { checkSignature, signatureHeaders, signatureProblems } from '../request-signature.ts';
import { apiResults } from '../results.ts';
import {
  binaryType,
  component,
  defineRoute,
  jsonType,
  type Route,
  type Services,
} from '../route.ts';

const params = Type.Object({ sha256: digest() }, { additionalProperties: false });

const description =
  'Encrypted payloads and evidence, under the SHA-256 of their bytes. Only registered keys in ' +
  'good standing store and read them, with signed requests. They are given to whom the record ' +
  'names that names them (of a delivery: buyer and seller), before that to who sent them. What ' +
  'nobody has sent and what is not for the key’s organisation answer alike.';

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
    headers: [contentDigestHeader, aboutHeader, ...signatureHeaders],
    body: { stream: binaryType, bytesMax: ({ limits }) => limits.blobBytesMax },
    responses: {
      201: { description: 'They are stored.', type: jsonType, schema: component('blob') },
    },
    problems: [...signatureProblems, ...roomProblems, apiResults.DIGEST_MISMATCH],
    handle: async ({ services, params: { sha256 }, body, request, response }) => {
      assert(body.kind === 'stream', 'the body is not read yet');
      if (request.headers['content-digest'] !== contentDigestOf(sha256)) {
        throw new Problem(
          apiResults.DIGEST_MISMATCH,
          `Content-Digest is not ${contentDigestOf(sha256)}, the digest of the path.`,
          closing,
        );
      }
      const signer = await checkSignature(
        services,
        request,
        coveredWith(request, 'content-digest'),
      );
      const bytes = Number(request.headers['content-length'] ?? services.limits.blobBytesMax);
      const claim = await claimRoom(services, signer, {
        ...{ digest: sha256, bytes, about: aboutOf(request) },
      });
      services.slowUploads.take(request, response, signer.organisationId);
      const size = await store(services, body.stream, sha256).catch(async (error: unknown) => {
        await services.claims.release(claim);
        throw error;
      });
      await services.claims.settle(claim, size);
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
    problems: [...signatureProblems, apiResults.NOT_FOUND, apiResults.CONTENT_REMOVED],
    handle: async ({ services, params: { sha256 }, request }) => {
      const signer = await checkSignature(services, request, []);
      const access = await accessTo(services, signer, sha256);
      if (access.allowed && (await services.content.has(sha256))) {
        return { status: 200, headers: sunsetOf(access) };
      }
      throw notKept(sha256);
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
    problems: [...signatureProblems, apiResults.NOT_FOUND, apiResults.CONTENT_REMOVED],
    handle: async ({ services, params: { sha256 }, request, charge }) => {
      const signer = await checkSignature(services, request, []);
      const access = await accessTo(services, signer, sha256);
      if (access.allowed) {
        charge(bytesCost((await services.content.sizeOf(sha256)) ?? 0, services.limits));
      }
      let stream = access.allowed ? await services.content.get(sha256) : null;
      if (!stream) {
        // A peer knows what was sent to it, and judges the same signed request by that.
        const keep = (found: Readable) => store(services, found, sha256);
        if (await fetchFromPeers(services, request, keep)) {
          stream = await services.content.get(sha256);
        }
      }
      if (!stream) throw notKept(sha256);
      const headers = { ...sunsetOf(access), 'Content-Digest': contentDigestOf(sha256) };
      return { status: 200, type: binaryType, headers, stream };
    },
  }),
];

/** A body that is not read to its end leaves the connection useless. */
const closing = { headers: { Connection: 'close' } };

/** For what is not here and for what is not for the asker. */
const notKept = (sha256: Hex): Problem =>
  new Problem(
    apiResults.NOT_FOUND,
    `No content ${sha256} is kept for the organisation of the key.`,
  );

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
