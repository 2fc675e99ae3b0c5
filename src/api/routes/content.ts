import { sha256Hex } from '../../base/hash.ts';
import { assert } from '../../base/assert.ts';
import type { Hex } from '../../base/bytes.ts';
import { digest, flag, integer, list, record, Type } from '../../base/schema.ts';
import {
  contentBytesMax,
  decodeManifest,
  manifestBytesMax,
  partBytes,
} from '../../content/manifest.ts';
import { bytesCost } from '../bytes-cost.ts';
import { accessTo, sunsetOf } from '../content-access.ts';
import {
  describeContent,
  describeFromPeers,
  fetchPart,
  readContent,
  readPart,
  type DescribedContent,
} from '../content-parts.ts';
import {
  aboutHeader,
  aboutOf,
  claimRoom,
  contentDigestHeader,
  contentDigestOf,
  coveredWith,
  missingParts,
  roomProblems,
} from '../content-room.ts';
import { Problem } from '../problem.ts';
import { etagOf, rangeHeaders, rangeOf, rangeReplyHeaders } from '../range.ts';
import { checkSignature, signatureHeaders, signatureProblems } from '../request-signature.ts';
import { apiResults } from '../results.ts';
import {
  binaryType,
  component,
  defineRoute,
  ok,
  type Call,
  type Reply,
  type Route,
} from '../route.ts';

const params = Type.Object({ digest: digest() }, { additionalProperties: false });
const partParams = Type.Object(
  { digest: digest(), index: Type.Integer({ minimum: 0, maximum: 9_999 }) },
  { additionalProperties: false },
);

/** Told for one unit of the rate limit, as rows of lists are. */
const partsPerUnit = 4;

const partsCount = contentBytesMax / partBytes;

export const contentSchema = record(
  {
    digest: digest('What a record names'),
    bytes: integer(0, Number.MAX_SAFE_INTEGER, 'Of all parts together'),
    parts: list(
      record({ sha256: digest(), bytes: integer(0, Number.MAX_SAFE_INTEGER) }),
      1,
      partsCount,
    ),
  },
  'Content as its parts',
);

export const announcementSchema = record(
  {
    digest: digest(),
    bytes: integer(0, Number.MAX_SAFE_INTEGER),
    complete: flag('All of it is here'),
    missing: list(integer(0, partsCount), 0, partsCount),
  },
  'Content that is announced, and which parts are to be sent',
);

const description =
  'Content of any length up to 100 GiB, under the digest that a record names: of content up to one ' +
  'part (64 MiB) the SHA-256 of its bytes, beyond that the digest of its manifest (docs/content.md). ' +
  'It is given to whom the record names that names it; all else answers as if it were not there.';

const announce = defineRoute({
  id: 'putContent',
  method: 'put',
  path: '/v1/content/{digest}',
  tag: 'Content',
  summary: 'Announce content by its manifest',
  description:
    'Reserves room for all of it, or refuses before its first byte. Then send each missing part by ' +
    '/v1/uploads, and put the manifest again: when nothing is missing the content is kept. What was ' +
    'announced is forgotten, with its parts, a day after the last part came.',
  params,
  headers: [contentDigestHeader, aboutHeader, ...signatureHeaders],
  body: { bytes: binaryType, bytesMax: () => manifestBytesMax },
  responses: ok('What is missing.', component('announcement')),
  problems: [
    ...signatureProblems,
    ...roomProblems,
    apiResults.DIGEST_MISMATCH,
    apiResults.CONTENT_MANIFEST_INVALID,
  ],
  handle: async ({ services, params: { digest: name }, body, request }) => {
    assert(body.kind === 'bytes', 'the body was read whole');
    if (request.headers['content-digest'] !== contentDigestOf(name)) {
      const detail = `Content-Digest is not ${contentDigestOf(name)}, the digest of the path.`;
      throw new Problem(apiResults.DIGEST_MISMATCH, detail);
    }
    const found = sha256Hex(body.bytes);
    if (found !== name) {
      throw new Problem(apiResults.DIGEST_MISMATCH, `The bytes have the digest ${found}.`);
    }
    const manifest = decodeManifest(body.bytes);
    if (!manifest) {
      throw new Problem(apiResults.CONTENT_MANIFEST_INVALID, `${body.bytes.length} bytes.`);
    }
    const signer = await checkSignature(services, request, coveredWith(request, 'content-digest'));
    const { bytes } = manifest;
    const arrival = { digest: name, bytes, about: aboutOf(request) };
    const claim = await claimRoom(services, signer, arrival);
    await services.content.put(body.bytes, { maxBytes: manifestBytesMax, digest: name });
    const missing = await missingParts(services, claim, manifest);
    if (missing.length === 0) await services.claims.settle(claim, bytes);
    const answer = { digest: name, bytes, complete: missing.length === 0, missing };
    return { status: 200, body: answer };
  },
});

/** Throws Problem: NOT_FOUND for what is not here, and for what is not for the asker; CONTENT_REMOVED. */
async function find({ services, request }: Call, name: Hex): Promise<FoundContent> {
  const signer = await checkSignature(services, request, []);
  const access = await accessTo(services, signer, name);
  const described = access.allowed ? await describeContent(services, name) : null;
  if (described) return { described, sunset: sunsetOf(access) };
  throw notKept(name);
}

interface FoundContent {
  readonly described: DescribedContent;
  readonly sunset: Readonly<Record<string, string>>;
}

const notKept = (name: Hex): Problem =>
  new Problem(apiResults.NOT_FOUND, `No content ${name} is kept for the organisation of the key.`);

const describe = defineRoute({
  id: 'getContentParts',
  method: 'get',
  path: '/v1/content/{digest}/parts',
  tag: 'Content',
  summary: 'The parts of content',
  description,
  params,
  headers: signatureHeaders,
  responses: ok('Its parts, in order.', component('content')),
  problems: [...signatureProblems, apiResults.NOT_FOUND, apiResults.CONTENT_REMOVED],
  handle: async ({ services, params: { digest: name }, request, charge }) => {
    const signer = await checkSignature(services, request, []);
    const access = await accessTo(services, signer, name);
    const own = access.allowed ? await describeContent(services, name) : null;
    const described = own ?? (await describeFromPeers(services, request, name));
    if (!described) throw notKept(name);
    charge(Math.floor(described.parts.length / partsPerUnit));
    return { status: 200, headers: sunsetOf(access), body: described };
  },
});

const readingProblems = [
  ...signatureProblems,
  apiResults.NOT_FOUND,
  apiResults.CONTENT_REMOVED,
  apiResults.RANGE_NOT_SATISFIABLE,
];

const byteResponses = {
  200: { description: 'The bytes.', type: binaryType },
  206: { description: 'The bytes of the range.', type: binaryType },
};

const readWhole = defineRoute({
  id: 'getContent',
  method: 'get',
  path: '/v1/content/{digest}',
  tag: 'Content',
  summary: 'Content, or a range of it',
  description:
    `${description} Its parts are sent one behind the other; a part that is with another node only ` +
    'is read by /v1/content/{digest}/parts/{index}.',
  params,
  headers: [...rangeHeaders, ...signatureHeaders],
  responses: byteResponses,
  problems: readingProblems,
  handle: async (call) => {
    const {
      services,
      params: { digest: name },
      request,
      charge,
    } = call;
    const { described, sunset } = await find(call, name);
    const range = rangeOf(request, described.bytes, etagOf(name));
    charge(bytesCost(range.to - range.from, services.limits));
    const stream = await readContent(services, described, range.from, range.to);
    if (!stream) throw notKept(name);
    const headers = { ...sunset, ...rangeReplyHeaders(range, described.bytes, etagOf(name)) };
    return { status: range.partial ? 206 : 200, type: binaryType, headers, stream };
  },
});

const head = defineRoute({
  id: 'headContent',
  method: 'head',
  path: '/v1/content/{digest}',
  tag: 'Content',
  summary: 'Whether content is kept, and its length',
  description,
  params,
  headers: signatureHeaders,
  responses: { 200: { description: 'It is kept.', type: null } },
  problems: [...signatureProblems, apiResults.NOT_FOUND, apiResults.CONTENT_REMOVED],
  handle: async (call) => {
    const name = call.params.digest;
    const { described, sunset } = await find(call, name);
    const { bytes } = described;
    const whole = { from: 0, to: bytes, partial: false };
    return {
      status: 200,
      headers: { ...sunset, ...rangeReplyHeaders(whole, bytes, etagOf(name)) },
    };
  },
});

const readOne = defineRoute({
  id: 'getContentPart',
  method: 'get',
  path: '/v1/content/{digest}/parts/{index}',
  tag: 'Content',
  summary: 'One part of content, or a range of it',
  description,
  params: partParams,
  headers: [...rangeHeaders, ...signatureHeaders],
  responses: byteResponses,
  problems: readingProblems,
  handle: async ({ services, params: { digest: name, index }, request, charge }) => {
    const signer = await checkSignature(services, request, []);
    const access = await accessTo(services, signer, name);
    // Of what is not described here only a peer may know, and of parts one alone: itself.
    const described = await describeContent(services, name);
    const sha256 = described ? described.parts[index]?.sha256 : index === 0 ? name : undefined;
    if (sha256 === undefined) throw notKept(name);
    const here = access.allowed && (await services.content.has(sha256));
    if (!here && !(await fetchPart(services, request, sha256))) throw notKept(name);
    return sendPart({ services, request, charge }, sha256, sunsetOf(access));
  },
});

async function sendPart(
  { services, request, charge }: Pick<Call, 'services' | 'request' | 'charge'>,
  sha256: Hex,
  sunset: Readonly<Record<string, string>>,
): Promise<Reply> {
  const etag = etagOf(sha256);
  const bytes = (await services.content.sizeOf(sha256)) ?? 0;
  const range = rangeOf(request, bytes, etag);
  charge(bytesCost(range.to - range.from, services.limits));
  const stream = await readPart(services, { sha256, bytes }, range.from, range.to);
  if (!stream) throw notKept(sha256);
  const headers = { ...sunset, ...rangeReplyHeaders(range, bytes, etag) };
  return { status: range.partial ? 206 : 200, type: binaryType, headers, stream };
}

/** HEAD before GET, which Express would have answer it with all of the content. */
export const contentRoutes: readonly Route[] = [announce, describe, head, readWhole, readOne];
