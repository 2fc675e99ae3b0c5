/** Signed notes (c2sp.org/signed-note): text, an empty line, and one line for each signature. */
import { fromBase64, toBase64 } from '../../base/base64.ts';
import { concat, fromUtf8OrNull, toHex, utf8 } from '../../base/bytes.ts';
import { sha256 } from '../../base/hash.ts';

/** Ed25519 over a message, as RFC 8032 has it; never throws. */
export type VerifySignature = (
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
) => boolean;

/** Of signature types, those in use here: a log's own over the text, a witness's with a time. */
export const signatureTypes = { log: 1, cosignature: 4 } as const;
export type SignatureType = (typeof signatureTypes)[keyof typeof signatureTypes];

/** What a reader pins: a key, its name, and what it signs. */
export interface VerifierKey {
  readonly name: string;
  /** First four bytes of SHA-256(name ‖ LF ‖ type ‖ public key). */
  readonly keyId: number;
  readonly type: SignatureType;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
}

export interface NoteSignature {
  readonly name: string;
  readonly keyId: number;
  /** What follows the key id: 64 bytes of a log's, 72 of a witness's. */
  readonly bytes: Uint8Array;
}

export interface SignedNote {
  /** With its last line feed: what is signed. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** Longer notes are refused: 16 post-quantum signatures and a text fit. */
export const noteBytesMax = 128 * 1024;
const signaturesMax = 100;

const dash = '\u2014 ';
const controls = /[\u0000-\u0009\u000b-\u001f]/; // eslint-disable-line no-control-regex -- they are what is refused
const notInNames = /[+\p{White_Space}]/u;

export const isKeyName = (name: string): boolean => name !== '' && !notInNames.test(name);

export function noteKeyId(name: string, type: SignatureType, publicKey: Uint8Array): number {
  const hash = sha256(concat(utf8(`${name}\n`), Uint8Array.of(type), publicKey));
  return new DataView(hash.buffer, hash.byteOffset).getUint32(0);
}

export const verifierKeyOf = (
  name: string,
  type: SignatureType,
  publicKey: Uint8Array,
): VerifierKey => ({ name, type, publicKey, keyId: noteKeyId(name, type, publicKey) });

/** `name+key id+base64(type ‖ public key)`. */
export const formatVerifierKey = ({ name, keyId, type, publicKey }: VerifierKey): string =>
  `${name}+${toHex(uint32(keyId))}+${toBase64(concat(Uint8Array.of(type), publicKey))}`;

/** null for what is malformed, of another type, or has a key id that is not its key's. */
export function parseVerifierKey(text: string): VerifierKey | null {
  const [name = '', idHex = '', ...rest] = text.split('+');
  // Base 64 has plus signs of its own.
  const material = fromBase64(rest.join('+'));
  if (!isKeyName(name) || material?.length !== 33) return null;
  const type = material[0];
  if (type !== signatureTypes.log && type !== signatureTypes.cosignature) return null;
  const key = verifierKeyOf(name, type, material.slice(1));
  return toHex(uint32(key.keyId)) === idHex ? key : null;
}

/** null for bytes that are no signed note, or more than `noteBytesMax` of them. */
export function parseNote(bytes: Uint8Array): SignedNote | null {
  const whole = bytes.length <= noteBytesMax ? fromUtf8OrNull(bytes) : null;
  const split = whole?.lastIndexOf('\n\n') ?? -1;
  if (whole === null || split < 0 || controls.test(whole) || !whole.endsWith('\n')) return null;
  const lines = whole.slice(split + 2, -1).split('\n');
  if (lines.length > signaturesMax) return null;
  const signatures = lines.map(parseSignatureLine);
  if (!signatures.every((signature) => signature !== null)) return null;
  return { text: whole.slice(0, split + 1), signatures };
}

/** null for a line (without its line feed) that is no signature's. */
export function parseSignatureLine(line: string): NoteSignature | null {
  if (!line.startsWith(dash)) return null;
  const [name = '', encoded = '', ...more] = line.slice(dash.length).split(' ');
  const bytes = fromBase64(encoded);
  if (more.length > 0 || !isKeyName(name) || !bytes || bytes.length < 5) return null;
  const keyId = new DataView(bytes.buffer).getUint32(0);
  return { name, keyId, bytes: bytes.slice(4) };
}

export const formatSignatureLine = ({ name, keyId, bytes }: NoteSignature): string =>
  `${dash}${name} ${toBase64(concat(uint32(keyId), bytes))}\n`;

export const formatNote = ({ text, signatures }: SignedNote): string =>
  `${text}\n${signatures.map(formatSignatureLine).join('')}`;

/** The signatures that name and id say are this key's; which of them verify is another matter. */
export const signaturesOf = (note: SignedNote, { name, keyId }: VerifierKey): NoteSignature[] =>
  note.signatures.filter((signature) => signature.name === name && signature.keyId === keyId);

export function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}
