import { concat, fromHex, type Hex } from './bytes.ts';
import { sha256Hex } from './hash.ts';

/** First byte of what a key id hashes: Ed25519. Room for other algorithms. */
const ed25519 = Uint8Array.of(0x01);

/** A key's id: SHA-256(01 ‖ Ed25519 public key). */
export const keyIdOf = (publicKey: Hex): Hex => sha256Hex(concat(ed25519, fromHex(publicKey)));
