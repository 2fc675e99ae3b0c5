/** Requests of content and of uploads, signed as a client of ours or another's does. */
import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { utf8, type Hex } from '../../src/base/bytes.ts';
import {
  encodeManifest,
  partBytes,
  partLengths,
  type ContentManifest,
} from '../../src/content/manifest.ts';
import type { ApiRequest } from '../support/api-client.ts';
import { idOf } from './exchange.ts';
import { contentDigest, signed, type RequestSigning, type Suite } from './suite.ts';

export const zeros = new Uint8Array(partBytes);
export const zerosDigest = createHash('sha256').update(zeros).digest('hex');
export const tail = utf8('the end');

/** Full parts of zeros, and an end: of any length, and yet two parts are all there is to keep. */
export function zerosManifest(fullParts: number, end = tail): ContentManifest {
  const bytes = fullParts * partBytes + end.length;
  const parts = partLengths(bytes).map((length) => ({
    sha256: length === partBytes ? zerosDigest : idOf(end),
    bytes: length,
  }));
  return { bytes, parts };
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const tus = { 'tus-resumable': '1.0.0' };

export async function announceRequest(
  suite: Suite,
  manifest: ContentManifest,
  signing: RequestSigning = {},
): Promise<ApiRequest> {
  const body = encodeManifest(manifest);
  const params = { digest: idOf(body) };
  const headers = { 'content-digest': contentDigest(params.digest) };
  const url = suite.client.urlOf('putContent', { params });
  const own = await signed('PUT', url, { headers, ...signing });
  return { params, body, headers: { 'content-type': 'application/octet-stream', ...own } };
}

export async function contentRequest(
  suite: Suite,
  operation: 'getContent' | 'headContent' | 'getContentParts' | 'getContentPart',
  digest: Hex,
  { index = 0, range, ...signing }: RequestSigning & { index?: number; range?: string } = {},
): Promise<ApiRequest> {
  const params = operation === 'getContentPart' ? { digest, index } : { digest };
  const method = operation === 'headContent' ? 'HEAD' : 'GET';
  const own = await signed(method, suite.client.urlOf(operation, { params }), signing);
  return { params, headers: { ...own, ...(range === undefined ? {} : { range }) } };
}

export async function createRequest(
  suite: Suite,
  metadata: Readonly<Record<string, string>>,
  length: number | string,
  signing: RequestSigning = {},
): Promise<ApiRequest> {
  const headers = {
    'upload-length': String(length),
    'upload-metadata': Object.entries(metadata)
      .map(([name, value]) => `${name} ${base64(value)}`)
      .join(','),
  };
  const url = suite.client.urlOf('createUpload', {});
  return { headers: { ...tus, ...(await signed('POST', url, { headers, ...signing })) } };
}

export async function uploadRequest(
  suite: Suite,
  operation: 'headUpload' | 'appendUpload' | 'endUpload',
  id: string,
  {
    body,
    offset = 0,
    digest,
    ...signing
  }: RequestSigning & {
    body?: Uint8Array;
    offset?: number | string;
    digest?: string;
  } = {},
): Promise<ApiRequest> {
  const params = { id };
  const method = { headUpload: 'HEAD', appendUpload: 'PATCH', endUpload: 'DELETE' }[operation];
  const url = suite.client.urlOf(operation, { params });
  if (operation !== 'appendUpload') {
    return { params, headers: { ...tus, ...(await signed(method, url, signing)) } };
  }
  const headers = {
    'upload-offset': String(offset),
    ...(digest === undefined ? {} : { 'content-digest': digest }),
  };
  const type = { 'content-type': 'application/offset+octet-stream' };
  const own = await signed(method, url, { headers, ...signing });
  return { params, headers: { ...tus, ...type, ...own }, body: body ?? new Uint8Array() };
}

/** Id of an upload that was begun. */
export async function beginUpload(
  suite: Suite,
  metadata: Readonly<Record<string, string>>,
  length: number,
  signing: RequestSigning = {},
): Promise<string> {
  const answer = await suite.client.call(
    'createUpload',
    await createRequest(suite, metadata, length, signing),
  );
  expect(answer.status, answer.text).to.equal(201);
  return answer.headers.get('location')!.split('/').at(-1)!;
}
