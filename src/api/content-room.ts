/** Whether content may be sent, and whether there is room for it: asked before its first byte. */
import type { Request } from 'express';
import { fromHex, type Hex } from '../base/bytes.ts';
import type { ResultCode } from '../base/result.ts';
import type { ContentManifest } from '../content/manifest.ts';
import type { ClaimKey, ContentClaim } from '../store/content-claims.ts';
import { readAbout } from './content-access.ts';
import { Problem } from './problem.ts';
import type { Signer } from './request-signature.ts';
import { apiResults } from './results.ts';
import type { HeaderSpec, Services } from './route.ts';

export const aboutHeader: HeaderSpec = {
  name: 'Dxl-About',
  description:
    'The record that needs the content, as `kind/id`: an open trade of the sender, or a listing, ' +
    'registration, objection, valuation or job of his. Signed where it is given. It decides whose ' +
    'quota the content takes, and who may read it before a record names its digest.',
  required: false,
};

export const roomProblems: readonly ResultCode[] = [
  apiResults.CONTENT_NOT_NEEDED,
  apiResults.CONTENT_QUOTA_SPENT,
  apiResults.CONTENT_DISK_FULL,
];

/** What of a request must be signed beside method and path: the record too, where one is named. */
export const coveredWith = (request: Request, ...covered: string[]): string[] =>
  aboutOf(request) === '' ? covered : [...covered, 'dxl-about'];

export const aboutOf = ({ headers }: Request): string => {
  const about = headers['dxl-about'];
  return typeof about === 'string' ? about.trim() : '';
};

export const contentDigestHeader: HeaderSpec = {
  name: 'Content-Digest',
  description: 'RFC 9530: `sha-256=:…:`, of the digest in the path.',
  required: true,
};

export const contentDigestOf = (sha256: Hex): string =>
  `sha-256=:${Buffer.from(fromHex(sha256)).toString('base64')}:`;

/**
 * Indices of the parts that are not here from this organisation: naming the digest of another's bytes
 * gives nobody those bytes.
 * @param key of the content
 */
export async function missingParts(
  { claims, content, now }: Pick<Services, 'claims' | 'content' | 'now'>,
  key: ClaimKey,
  { parts }: ContentManifest,
): Promise<number[]> {
  const digests = [...new Set(parts.map(({ sha256 }) => sha256))];
  const sent = await claims.sentBy(key.organisationId, digests);
  await claims.shareParts(key, [...sent], now());
  const here = new Set<Hex>();
  for (const digest of sent) if (await content.has(digest)) here.add(digest);
  return parts.flatMap(({ sha256 }, index) => (here.has(sha256) ? [] : [index]));
}

export interface Arrival {
  readonly digest: Hex;
  /** At most. */
  readonly bytes: number;
  readonly about: string;
}

/**
 * Reserves room until the content is here (`claims.settle`) or is not to come (`claims.release`).
 * Throws Problem of `roomProblems`.
 */
export async function claimRoom(
  services: Services,
  { organisationId, ...signer }: Signer,
  { digest, bytes, about }: Arrival,
): Promise<ContentClaim> {
  const { claims, content, limits, now } = services;
  const bucket = await bucketOf(services, { organisationId, ...signer }, about);
  const quotaBytes = bucket === '' ? limits.organisationContentBytes : limits.tradeContentBytes;
  const free = (await content.freeBytes()) - (await claims.pendingBytes());
  if (free - bytes < limits.diskReserveBytes) {
    throw closing(apiResults.CONTENT_DISK_FULL, `${bytes} bytes.`);
  }
  const atMs = now();
  const untilMs = atMs + limits.uploadKeepMs;
  const claim = { digest, organisationId, about, bucket, bytes, atMs, untilMs };
  if ((await claims.take(claim, quotaBytes)) !== null) return claim;
  const whose = bucket === '' ? `Organisation ${organisationId}` : `${organisationId} in ${bucket}`;
  throw closing(apiResults.CONTENT_QUOTA_SPENT, `${whose} may keep ${quotaBytes} bytes.`);
}

async function bucketOf(services: Services, signer: Signer, about: string): Promise<string> {
  if (about === '') return '';
  const found = await readAbout(services, about);
  if (!found?.use.maySend(found.record, signer)) {
    throw closing(apiResults.CONTENT_NOT_NEEDED, `Dxl-About: ${about.slice(0, 110)}.`);
  }
  const trade = found.use.tradeOf(found.record);
  return trade === null ? '' : `trade/${trade}`;
}

/** The body that follows is not read, so the connection cannot serve another request. */
const closing = (result: ResultCode, detail: string): Problem =>
  new Problem(result, detail, { headers: { Connection: 'close' } });
