/** Timestamped cosignatures of witnesses (c2sp.org/tlog-cosignature, Ed25519, type 4). */
import { concat, fromHex, utf8 } from '../../base/bytes.ts';
import type { SigningKey } from '../tx/signing-key.ts';
import {
  noteKeyId,
  signatureTypes,
  verifierKeyOf,
  type NoteSignature,
  type VerifierKey,
  type VerifySignature,
} from './note.ts';

const signatureBytes = 64;

/** What a witness signs; its first line keeps it apart from what a log signs. */
const message = (text: string, timestampS: bigint): Uint8Array =>
  utf8(`cosignature/v1\ntime ${timestampS}\n${text}`);

export const witnessKeyOf = (name: string, key: Pick<SigningKey, 'publicKey'>): VerifierKey =>
  verifierKeyOf(name, signatureTypes.cosignature, fromHex(key.publicKey));

/**
 * @param text the note's text, which the caller has found consistent with all it cosigned before.
 * @param timestampS seconds since the epoch, not below those of the witness's earlier cosignatures.
 */
export function cosign(
  text: string,
  timestampS: number,
  name: string,
  key: SigningKey,
): NoteSignature {
  const keyId = noteKeyId(name, signatureTypes.cosignature, fromHex(key.publicKey));
  const time = new Uint8Array(8);
  new DataView(time.buffer).setBigUint64(0, BigInt(timestampS));
  const signature = key.sign(message(text, BigInt(timestampS)));
  return { name, keyId, bytes: concat(time, signature) };
}

/** The cosignature's time in seconds, or null where it is not this witness's over this text. */
export function verifyCosignature(
  text: string,
  { name, keyId, bytes }: NoteSignature,
  key: VerifierKey,
  verify: VerifySignature,
): number | null {
  if (key.type !== signatureTypes.cosignature || name !== key.name || keyId !== key.keyId) {
    return null;
  }
  if (bytes.length !== 8 + signatureBytes) return null;
  const timestampS = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0);
  if (timestampS > BigInt(Number.MAX_SAFE_INTEGER)) return null;
  const signed = message(text, timestampS);
  return verify(key.publicKey, signed, bytes.slice(8)) ? Number(timestampS) : null;
}
