/** An envelope that was kept: read and checked, since whoever may write in its folder may have. */
import { fromHex, type Hex } from '../../base/bytes.ts';
import { sha256Hex } from '../../base/hash.ts';
import { registry } from '../../chain/rooms.ts';
import { parseEnvelope, signatureInput, type Envelope } from '../../chain/tx/envelope.ts';
import { verifyEd25519 } from '../../chain/tx/signature.ts';

export interface KeptEnvelope extends Envelope {
  readonly file: string;
  /** When it was signed, by the clock of this machine. */
  readonly keptAtMs: number;
}

/** Whose envelopes are looked for. */
export interface Signer {
  readonly chainId: string;
  readonly keyId: Hex;
  /** Ed25519. */
  readonly publicKey: Hex;
}

/** More than any chain takes. */
export const keptBytesMax = 64 * 1024 * 1024;
const limits = { envelopeBytesMax: keptBytesMax, operationsMax: 1_000_000 };

/**
 * The envelope, or why it is none that this key signed for this chain.
 * @param name SHA-256 of the bytes, in hex
 */
export function readKept(bytes: Uint8Array, name: Hex, signer: Signer): Envelope | string {
  if (sha256Hex(bytes) !== name) return 'it was altered or damaged: its name is not its SHA-256';
  const parsed = parseEnvelope(bytes, limits, name);
  if (!parsed.ok) return `it is no envelope: ${parsed.detail}`;
  const { keyId, payload, signature } = parsed.value;
  if (keyId !== signer.keyId) return `key ${keyId} signed it, and not this one, ${signer.keyId}`;
  const signed = signatureInput(signer.chainId, fromHex(keyId), payload);
  return verifyEd25519(fromHex(signer.publicKey), signed, signature)
    ? parsed.value
    : `its signature is not one for the chain ${signer.chainId}`;
}

/** Names of its operations, with commas. */
export const operationNames = ({ operations }: Pick<Envelope, 'operations'>): string =>
  operations
    .map(({ number }) => registry.operations.get(number)?.name ?? `operation ${number}`)
    .join(', ');
