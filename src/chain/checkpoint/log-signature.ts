/** A log's own signature: Ed25519 over a note's text (c2sp.org/signed-note, type 1). */
import { fromHex, utf8 } from '../../base/bytes.ts';
import type { SigningKey } from '../tx/signing-key.ts';
import {
  noteKeyId,
  signaturesOf,
  signatureTypes,
  verifierKeyOf,
  type NoteSignature,
  type SignedNote,
  type VerifierKey,
  type VerifySignature,
} from './note.ts';

/** @param key of the log and of nothing else: a note's text carries no tag of its purpose. */
export function signNoteText(text: string, name: string, key: SigningKey): NoteSignature {
  const keyId = noteKeyId(name, signatureTypes.log, fromHex(key.publicKey));
  return { name, keyId, bytes: key.sign(utf8(text)) };
}

export const logKeyOf = (name: string, key: Pick<SigningKey, 'publicKey'>): VerifierKey =>
  verifierKeyOf(name, signatureTypes.log, fromHex(key.publicKey));

/**
 * True where the log signed this text. A note that carries a signature under the key's name and id
 * which does not verify is refused whole, whatever else it carries.
 */
export function isSignedByLog(
  note: SignedNote,
  key: VerifierKey,
  verify: VerifySignature,
): boolean {
  const found = signaturesOf(note, key);
  const message = utf8(note.text);
  return (
    key.type === signatureTypes.log &&
    found.length > 0 &&
    found.every(({ bytes }) => bytes.length === 64 && verify(key.publicKey, message, bytes))
  );
}
