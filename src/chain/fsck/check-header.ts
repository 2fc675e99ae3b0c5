import { createPublicKey, verify } from 'node:crypto';
import { equalBytes, toHex, type Hex } from '../../base/bytes.ts';
import { isSeal } from '../abci/seal.ts';
import type { BlockRow } from '../engine/ports.ts';
import { decodeHeader, noSigner, type Header } from '../machine/header.ts';
import type { SealCheck } from './check-seal.ts';
import { headerDigest } from './recompute.ts';
import type { Findings } from './report.ts';

/** What every header of the chain says. */
export interface ChainFacts {
  readonly chainId: string;
  readonly genesisHash: Hex;
  readonly parametersHash: Hex;
  readonly signer: Hex;
}

/**
 * Whether the row's header is the signed one of its place, and its columns what the header says.
 * @param previous hashes that the header before may have: computed, and as its row says.
 * @returns the header, or null where it cannot be trusted.
 */
export function checkHeader(
  row: BlockRow,
  chain: ChainFacts,
  previous: readonly Hex[],
  seals: SealCheck,
  findings: Findings,
): Header | null {
  const { height } = row;
  const digest = headerDigest(row.header);
  const header = readHeader(row.header);
  if (!header) {
    findings.add('block', height, 'header', 'is not the canonical CBOR of a header');
    return null;
  }
  const whole = toHex(digest) === row.headerHash;
  const sealed = isSeal(row.signature);
  if (sealed) {
    seals.see(height, row.signature, header.timeMs);
    if (!whole) findings.add('block', height, 'header', 'does not hash to header_hash');
  } else if (!isSignedBy(chain.signer, digest, row.signature)) {
    const problem = 'the signature of the block signer does not verify over the header';
    findings.add('block', height, whole ? 'signature' : 'header', problem);
  } else {
    seals.signed += 1;
    findings.compare('block', height, 'header_hash', row.headerHash, toHex(digest));
    checkPlace(row, header, chain, previous, findings);
    return header;
  }
  if (!whole) return null;
  checkPlace(row, header, sealed ? { ...chain, signer: noSigner } : chain, previous, findings);
  return header;
}

function checkPlace(
  row: BlockRow,
  header: Header,
  chain: ChainFacts,
  previous: readonly Hex[],
  findings: Findings,
): void {
  const { height } = row;
  compareColumns(row, header, findings);
  for (const name of ['chainId', 'genesisHash', 'parametersHash', 'signer'] as const) {
    if (header[name] === chain[name]) continue;
    findings.add('block', height, 'header', `names another ${name}: ${header[name]}`);
  }
  if (!previous.includes(header.previousHash)) {
    findings.add('block', height, 'header', 'does not follow the block before (previousHash)');
  }
}

/** By Node's own Ed25519, where blocks are signed by libsodium's. */
function isSignedBy(signer: Hex, message: Uint8Array, signature: Uint8Array): boolean {
  const x = Buffer.from(signer, 'hex').toString('base64url');
  const key = createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x } });
  return verify(null, message, key, signature);
}

function compareColumns(row: BlockRow, header: Header, findings: Findings): void {
  findings.compare('block', row.height, 'height', row.height, header.height);
  findings.compare('block', row.height, 'time_ms', row.timeMs, header.timeMs);
  findings.compare('block', row.height, 'app_hash', row.appHash, header.appHash);
  findings.compare('block', row.height, 'log_size', row.logSize, header.logSize);
}

function readHeader(bytes: Uint8Array): Header | null {
  try {
    return decodeHeader(bytes);
  } catch {
    return null;
  }
}

/** The stored genesis document must be the one that the auditor holds, byte for byte. */
export function checkGenesis(
  stored: Uint8Array | null,
  wanted: Uint8Array,
  findings: Findings,
): void {
  if (stored === null) findings.add('genesis', 'true', null, 'is missing');
  else if (!equalBytes(stored, wanted)) {
    const at = stored.findIndex((byte, index) => byte !== wanted[index]);
    const found = toHex(stored.subarray(at, at + 8));
    findings.add('genesis', 'true', 'document', `is another one from byte ${at} on (${found})`);
  }
}
