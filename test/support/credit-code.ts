import { utf8 } from '../../src/base/bytes.ts';
import { sha256 } from '../../src/base/hash.ts';
import { creditCheckCharacter } from '../../src/identity/credit-code.ts';

/** A code of the right form for each name, the same in every run. */
export function creditCodeOf(name: string): string {
  const digits = [...sha256(utf8(name)).subarray(0, 9)].map((byte) => String(byte % 10));
  const first17 = `91110000${digits.join('')}`;
  return first17 + creditCheckCharacter(first17);
}
