/** Requests signed by a party's key: HTTP message signatures (RFC 9421) with Content-Digest. */
import { randomBytes } from 'node:crypto';
import { httpbis } from 'http-message-signatures';
import { fromHex, type Hex } from '../base/bytes.ts';
import type { Party } from './party.ts';

/** Whose key signs, and the chain that the signature is bound to. */
export interface RequestSigner {
  readonly party: Party;
  readonly chainId: string;
}

export interface SignedRequest {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'PATCH';
  readonly url: string;
  /** SHA-256 of the body, where there is one. */
  readonly bodyDigest?: Hex;
  readonly headers?: Readonly<Record<string, string>>;
  /** Names of headers among them that are signed too, in lower case. */
  readonly covered?: readonly string[];
}

const coveredFields = ['@method', '@path'];

/**
 * The request's headers with Content-Digest (RFC 9530, where there is a body), Signature-Input and
 * Signature. Each call makes another nonce: a signed request serves once and for some minutes.
 */
export async function signedHeaders(
  { party, chainId }: RequestSigner,
  { method, url, bodyDigest, headers = {}, covered = [] }: SignedRequest,
): Promise<Record<string, string>> {
  const { signingKey } = party;
  const digest =
    bodyDigest === undefined ? {} : { 'content-digest': `sha-256=:${base64(bodyDigest)}:` };
  const signed = await httpbis.signMessage(
    {
      name: 'sig',
      key: {
        id: signingKey.keyId,
        alg: 'ed25519',
        sign: async (data) => Buffer.from(signingKey.sign(data)),
      },
      fields: [...coveredFields, ...Object.keys(digest), ...covered],
      params: ['created', 'nonce', 'keyid', 'alg', 'tag'],
      // The tag ties it to one chain, as the chain id in an envelope's signature does.
      paramValues: { nonce: randomBytes(16).toString('hex'), tag: `dxl/${chainId}` },
    },
    { method, url, headers: { ...headers, ...digest } },
  );
  return signed.headers;
}

const base64 = (hex: Hex): string => Buffer.from(fromHex(hex)).toString('base64');
