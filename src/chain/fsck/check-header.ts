import { equalBytes, fromHex, toHex, type Hex } from '../../base/bytes.ts';
import { decodeSeal, isSeal, noSigner } from '../abci/seal.ts';
import type { BlockRow } from '../engine/ports.ts';
import { decodeHeader, headerHash, headerSignatureInput, type Header } from '../machine/header.ts';
import { verifyEd25519 } from '../tx/signature.ts';
import type { Findings } from './report.ts';

/** What every header of the chain says. */
export interface ChainFacts {
  readonly chainId: string;
  readonly genesisHash: Hex;
  readonly parametersHash: Hex;
  readonly signer: Hex;
  /** First height that CometBFT's validators seal; null where the block signer signs every block. */
  readonly sealedFrom: number | null;
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
  findings: Findings,
): Header | null {
  const { height } = row;
  const hash = headerHash(row.header);
  const header = readHeader(row.header);
  const sealed = chain.sealedFrom !== null && height >= chain.sealedFrom;
  const facts = { ...chain, signer: sealed ? noSigner : chain.signer };
  const signed = sealed ? isSealOf(row, header) : isSigned(row, chain.signer);
  if (!header) {
    findings.add('block', height, 'header', 'is not the canonical CBOR of a header');
    return null;
  }
  if (!signed) {
    const whole = hash === row.headerHash;
    const problem = sealed
      ? 'is no seal of CometBFT for this block'
      : 'the signature of the block signer does not verify over the header';
    findings.add('block', height, whole ? 'signature' : 'header', problem);
    if (!whole) return null;
  } else {
    findings.compare('block', height, 'header_hash', row.headerHash, hash);
  }
  compareColumns(row, header, findings);
  for (const name of ['chainId', 'genesisHash', 'parametersHash', 'signer'] as const) {
    if (header[name] === facts[name]) continue;
    findings.add('block', height, 'header', `names another ${name}: ${header[name]}`);
  }
  if (!previous.includes(header.previousHash)) {
    findings.add('block', height, 'header', 'does not follow the block before (previousHash)');
  }
  return header;
}

const isSigned = (row: BlockRow, signer: Hex): boolean =>
  verifyEd25519(fromHex(signer), headerSignatureInput(row.header), row.signature);

/**
 * What CometBFT said of the block, with the header's time; who signed is in CometBFT's own store
 * (`/commit`), and a dossier's verifier checks it.
 */
function isSealOf({ signature }: BlockRow, header: Header | null): boolean {
  if (!isSeal(signature)) return false;
  try {
    const { timeSeconds, timeNanos } = decodeSeal(signature);
    const timeMs = timeSeconds * 1_000 + Math.floor(timeNanos / 1_000_000);
    return header === null || header.timeMs === timeMs;
  } catch {
    return false;
  }
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
