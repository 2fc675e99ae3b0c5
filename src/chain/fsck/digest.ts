import { hash } from 'node:crypto';
import type { Hex } from '../../base/bytes.ts';

/** 32 bytes as a string of 32 characters below 256: a third of what a small Buffer takes. */
export type Digest = string;

const joined = Buffer.alloc(4_096);

/** By Node's own SHA-256; the code that writes blocks uses others. */
export function sha256(...parts: (Uint8Array | Digest)[]): Digest {
  const [first] = parts;
  if (parts.length === 1 && typeof first === 'object') return hash('sha256', first, 'binary');
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = length <= joined.length ? joined : Buffer.alloc(length);
  let at = 0;
  for (const part of parts) {
    if (typeof part === 'string') bytes.write(part, at, 'latin1');
    else bytes.set(part, at);
    at += part.length;
  }
  return hash('sha256', bytes.subarray(0, length), 'binary');
}

export const hexOf = (digest: Digest): Hex => Buffer.from(digest, 'latin1').toString('hex');
export const digestOf = (hex: Hex): Digest => Buffer.from(hex, 'hex').toString('latin1');
