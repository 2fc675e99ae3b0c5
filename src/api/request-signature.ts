import type { Request } from 'express';
import { httpbis } from 'http-message-signatures';
import { fromHex, type Hex } from '../base/bytes.ts';
import type { ResultCode } from '../base/result.ts';
import type { Role } from '../base/roles.ts';
import { verifyEd25519 } from '../chain/tx/signature.ts';
import type { Key } from '../identity/schema.ts';
import { keyRecord, organisationRecord } from '../identity/state.ts';
import { Problem } from './problem.ts';
import { apiResults } from './results.ts';
import type { HeaderSpec, Services } from './route.ts';

export const signatureHeaders: readonly HeaderSpec[] = [
  {
    name: 'Signature-Input',
    description:
      'RFC 9421. Exactly one signature, over at least "@method" and "@path" (and ' +
      '"content-digest" with a body), with the parameters created, nonce (16 to 256 characters, ' +
      'never used before), keyid (the registered key’s id) and tag (`dxl/<chain id>`).',
    required: true,
  },
  { name: 'Signature', description: 'Ed25519 signature of that name.', required: true },
];

export const signatureProblems: readonly ResultCode[] = [
  apiResults.REQUEST_SIGNATURE_MISSING,
  apiResults.REQUEST_SIGNATURE_INVALID,
  apiResults.REQUEST_SIGNATURE_STALE,
  apiResults.REQUEST_SIGNATURE_REPLAYED,
  apiResults.REQUEST_KEY_REFUSED,
];

/** Ties a request's signature to one chain, as the chain id in an envelope's signature does. */
const signatureTag = (chainId: string): string => `dxl/${chainId}`;

/** Whose request it is. */
export interface Signer {
  readonly keyId: Hex;
  readonly organisationId: string;
  readonly roles: readonly Role[];
}

interface Parameters {
  readonly created: Date;
  readonly nonce: string;
  readonly keyid: Hex;
  readonly tag: string;
}

type Signed = Parameters & { readonly key: Key };

/**
 * Throws Problem unless the request is signed, recently and once, by an active key of an
 * organisation in good standing; `covered` names what else than method and path is signed.
 * Uses up the nonce, so it comes after every check that costs less.
 */
export async function checkSignature(
  services: Services,
  request: Request,
  covered: readonly string[],
): Promise<Signer> {
  const { signature, 'signature-input': input } = request.headers;
  if (signature === undefined || input === undefined) {
    throw new Problem(apiResults.REQUEST_SIGNATURE_MISSING, `${request.method} ${request.path}.`);
  }
  const parameters = await verifyOne(services, request, ['@method', '@path', ...covered]);
  const { nonces, limits } = services;
  const createdMs = parameters.created.getTime();
  const expiresAtMs = createdMs + limits.signatureAgeMaxMs;
  checkAge(services, createdMs);
  const { keyid: keyId, nonce, key } = parameters;
  if (!(await nonces.use({ keyId, nonce, expiresAtMs }))) {
    throw new Problem(apiResults.REQUEST_SIGNATURE_REPLAYED, `Key ${keyId}.`);
  }
  return { keyId, organisationId: key.organisationId, roles: key.roles };
}

const invalid = (detail: string): Problem =>
  new Problem(apiResults.REQUEST_SIGNATURE_INVALID, detail);

async function verifyOne(
  services: Services,
  request: Request,
  requiredFields: string[],
): Promise<Signed> {
  let asked = false;
  const seen: Signed[] = [];
  // What our own look-up throws goes out as it is; the library's bare errors are refusals.
  let own: unknown = null;
  const keyLookup = async (found: Record<string, unknown>) => {
    try {
      if (asked) throw invalid('More than one signature.');
      asked = true;
      const parameters = checkParameters(services, found);
      const key = await activeKey(services, parameters.keyid);
      seen.push({ ...parameters, key });
      return verifierOf(key);
    } catch (error) {
      own = error;
      throw error;
    }
  };
  const verified = await httpbis
    .verifyMessage(
      {
        requiredFields,
        requiredParams: ['created', 'nonce', 'keyid', 'tag'],
        // The age is checked against the node's own clock, by checkAge.
        notAfter: Number.MAX_SAFE_INTEGER,
        keyLookup,
      },
      {
        method: request.method,
        url: new URL(request.originalUrl, 'http://node.invalid'),
        headers: request.headers as Record<string, string | string[]>,
      },
    )
    .catch((error: unknown) => {
      throw own === null ? invalid(`${(error as Error).message}.`) : (own as Error);
    });
  const [signed] = seen;
  if (own !== null) throw own as Error;
  if (verified !== true || !signed) throw invalid('It does not verify.');
  return signed;
}

function verifierOf({ id: keyId, publicKey: hex }: Key) {
  const publicKey = fromHex(hex);
  return {
    id: keyId,
    algs: ['ed25519'],
    verify: async (data: Buffer, signature: Buffer) => verifyEd25519(publicKey, data, signature),
  };
}

function checkParameters(
  { genesis }: Services,
  { created, nonce, keyid, tag }: Record<string, unknown>,
): Parameters {
  if (!(created instanceof Date) || Number.isNaN(created.getTime())) throw invalid('No `created`.');
  if (typeof nonce !== 'string' || !/^[ -~]{16,256}$/.test(nonce)) {
    throw invalid('`nonce` is not 16 to 256 characters of ASCII.');
  }
  if (typeof keyid !== 'string' || !/^[0-9a-f]{64}$/.test(keyid)) {
    throw invalid('`keyid` is not a key id.');
  }
  if (tag !== signatureTag(genesis.chainId)) {
    throw invalid(`\`tag\` is not ${signatureTag(genesis.chainId)}.`);
  }
  return { created, nonce, keyid, tag: signatureTag(genesis.chainId) };
}

function checkAge({ now, limits }: Services, createdMs: number): void {
  const ageMs = now() - createdMs;
  if (ageMs <= limits.signatureAgeMaxMs && ageMs >= -limits.clockSkewMaxMs) return;
  throw new Problem(
    apiResults.REQUEST_SIGNATURE_STALE,
    `Its age is ${ageMs} ms; 0 to ${limits.signatureAgeMaxMs} ms may be.`,
  );
}

/**
 * As the ledger stands, not as the read models show it: who has the receipt of an admission may sign
 * at once, and whose revocation has one may no more.
 */
async function activeKey({ engine }: Services, keyId: Hex): Promise<Key> {
  const key = await engine.readRecord(keyRecord, keyId);
  if (key?.state !== 'ACTIVE') throw keyRefused(keyId);
  const organisation = await engine.readRecord(organisationRecord, key.organisationId);
  if (organisation?.state !== 'ACTIVE') throw keyRefused(keyId);
  return key;
}

const keyRefused = (keyId: Hex): Problem =>
  new Problem(apiResults.REQUEST_KEY_REFUSED, `Key ${keyId}.`);
