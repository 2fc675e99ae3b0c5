/** Uploads that can be gone on with: tus 1.0.0, core, creation, termination and expiration. */
import type { Request } from 'express';
import { assert } from '../../base/assert.ts';
import { patterned, record } from '../../base/schema.ts';
import { partBytes } from '../../content/manifest.ts';
import { Problem } from '../problem.ts';
import { roomProblems } from '../content-room.ts';
import { checkSignature, signatureHeaders, signatureProblems } from '../request-signature.ts';
import { apiResults } from '../results.ts';
import { defineRoute, type HeaderSpec, type Route, type Services } from '../route.ts';
import {
  appendTo,
  beginUpload,
  endUpload,
  findUpload,
  numberHeader,
  offsetOf,
  type Waiting,
} from '../upload.ts';

const tusVersion = '1.0.0';
export const offsetType = 'application/offset+octet-stream';

const params = record({
  id: patterned('^[0-9a-f-]{36}$', {
    form: 'the id of an upload as Location has it, 36 hexadecimal digits and dashes',
    example: '0f8fad5b-d9cb-469f-a165-70867728950e',
  }),
});

const tusHeader: HeaderSpec = { name: 'Tus-Resumable', description: '`1.0.0`', required: true };
const header = (name: string, description: string): HeaderSpec => ({
  ...{ name, description, required: true },
});

const description =
  'Resumable uploads by tus 1.0.0 (https://tus.io/protocols/resumable-upload): any client of it works ' +
  'that signs its requests. One upload is one blob, or one part of announced content, of 64 MiB at ' +
  'most; its digest is in the signed Upload-Metadata, and what comes is kept only where it has it.';

const answerHeaders = { 'Tus-Resumable': tusVersion, 'Cache-Control': 'no-store' };

function checkVersion({ headers }: Request): void {
  if (headers['tus-resumable'] === tusVersion) return;
  throw new Problem(apiResults.TUS_VERSION, `Tus-Resumable is not ${tusVersion}.`, {
    headers: { 'Tus-Version': tusVersion, Connection: 'close' },
  });
}

const expires = ({ expiresAtMs }: Waiting): string => new Date(expiresAtMs).toUTCString();

async function open(
  services: Services,
  request: Request,
  id: string,
  covered: readonly string[],
): Promise<Waiting> {
  checkVersion(request);
  const signer = await checkSignature(services, request, covered);
  return findUpload(services, signer, id);
}

const create = defineRoute({
  id: 'createUpload',
  method: 'post',
  path: '/v1/uploads',
  tag: 'Content',
  summary: 'Begin an upload',
  description,
  headers: [
    tusHeader,
    header('Upload-Length', 'Bytes of all of it: 1 to 67108864. Signed.'),
    header(
      'Upload-Metadata',
      'Signed. Pairs of a name and base64, with commas between: `sha256` (hex), and either `content` ' +
        '(digest of the announced manifest that has this part) or `about` (as Dxl-About).',
    ),
    ...signatureHeaders,
  ],
  responses: { 201: { description: 'It is begun; Location is where it goes on.', type: null } },
  problems: [
    ...signatureProblems,
    ...roomProblems,
    apiResults.TUS_VERSION,
    apiResults.UPLOAD_INVALID,
    apiResults.BODY_TOO_LARGE,
  ],
  handle: async ({ services, request }) => {
    checkVersion(request);
    const signer = await checkSignature(services, request, ['upload-length', 'upload-metadata']);
    const upload = await beginUpload(services, signer, request);
    const headers = {
      ...answerHeaders,
      Location: `/v1/uploads/${upload.id}`,
      'Upload-Expires': expires(upload),
    };
    return { status: 201, headers };
  },
});

const look = defineRoute({
  id: 'headUpload',
  method: 'head',
  path: '/v1/uploads/{id}',
  tag: 'Content',
  summary: 'How far an upload is',
  description,
  params,
  headers: [tusHeader, ...signatureHeaders],
  responses: { 200: { description: 'Upload-Offset says it.', type: null } },
  problems: [...signatureProblems, apiResults.TUS_VERSION, apiResults.NOT_FOUND],
  handle: async ({ services, params: { id }, request }) => {
    const upload = await open(services, request, id, []);
    const headers = {
      ...answerHeaders,
      'Upload-Offset': String(await offsetOf(services, upload)),
      'Upload-Length': String(upload.bytes),
      'Upload-Expires': expires(upload),
    };
    return { status: 200, headers };
  },
});

/** Its bytes are bound by the digest of the signed creation, and by Content-Digest where it is given. */
const append = defineRoute({
  id: 'appendUpload',
  method: 'patch',
  path: '/v1/uploads/{id}',
  tag: 'Content',
  summary: 'Go on with an upload',
  description,
  params,
  headers: [
    tusHeader,
    header('Upload-Offset', 'Where the upload stands. Signed.'),
    {
      ...{ name: 'Content-Digest', required: false },
      description: 'RFC 9530, of this body: `sha-256=:…:`. Signed where it is given.',
    },
    ...signatureHeaders,
  ],
  body: { stream: offsetType, bytesMax: () => partBytes },
  responses: { 204: { description: 'They are kept; Upload-Offset says how far.', type: null } },
  problems: [
    ...signatureProblems,
    apiResults.TUS_VERSION,
    apiResults.NOT_FOUND,
    apiResults.UPLOAD_INVALID,
    apiResults.UPLOAD_OFFSET,
    apiResults.DIGEST_MISMATCH,
  ],
  handle: async ({ services, params: { id }, body, request, response }) => {
    assert(body.kind === 'stream', 'the body is not read yet');
    const given = request.headers['content-digest'];
    const covered = ['upload-offset', ...(given === undefined ? [] : ['content-digest'])];
    const upload = await open(services, request, id, covered);
    services.slowUploads.take(request, response, upload.organisationId);
    const offset = numberHeader(request, 'upload-offset');
    const size = await appendTo(services, upload, { offset, body: body.stream, request });
    return {
      status: 204,
      headers: {
        ...answerHeaders,
        'Upload-Offset': String(size),
        'Upload-Expires': expires(upload),
      },
    };
  },
});

const end = defineRoute({
  id: 'endUpload',
  method: 'delete',
  path: '/v1/uploads/{id}',
  tag: 'Content',
  summary: 'Give an upload up',
  description,
  params,
  headers: [tusHeader, ...signatureHeaders],
  responses: { 204: { description: 'Nothing of it is kept.', type: null } },
  problems: [...signatureProblems, apiResults.TUS_VERSION, apiResults.NOT_FOUND],
  handle: async ({ services, params: { id }, request }) => {
    await endUpload(services, await open(services, request, id, []));
    return { status: 204, headers: answerHeaders };
  },
});

const options = defineRoute({
  id: 'uploadOptions',
  method: 'options',
  path: '/v1/uploads',
  tag: 'Content',
  summary: 'What of tus is spoken here',
  description,
  responses: { 204: { description: 'Its headers say it.', type: null } },
  mayFail: false,
  handle: () => ({
    status: 204,
    headers: {
      ...answerHeaders,
      'Tus-Version': tusVersion,
      'Tus-Extension': 'creation,termination,expiration',
      'Tus-Max-Size': String(partBytes),
    },
  }),
});

export const uploadRoutes: readonly Route[] = [create, look, append, end, options];
