/**
 * The unified social credit code of GB 32100-2015, by which one legal person is one organisation of
 * the chain; of another country, the number that stands for it there.
 */
import type { Hex } from '../base/bytes.ts';
import { encodeCbor } from '../base/cbor.ts';
import { taggedHashHex } from '../base/hash.ts';

/** Digits and letters without I, O, S, V and Z; a character's value is its place. */
const alphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY';
const modulus = 31;
const length = 18;

/** The last character of a code, by its first 17: weights are the powers of 3 modulo 31. */
export function creditCheckCharacter(first17: string): string {
  let sum = 0;
  let weight = 1;
  for (const character of first17) {
    sum += alphabet.indexOf(character) * weight;
    weight = (weight * 3) % modulus;
  }
  return alphabet.charAt((modulus - (sum % modulus)) % modulus);
}

/** What is wrong with the code of an organisation of this country, in words; null: nothing. */
export function findCreditCodeFault(jurisdiction: string, code: string): string | null {
  if (jurisdiction !== 'CN') return findForeignFault(code);
  if (code.length !== length) return `${code} has ${code.length} characters, not ${length}`;
  const stranger = [...code].find((character) => !alphabet.includes(character));
  if (stranger !== undefined) return `${stranger} in ${code} is not of GB 32100`;
  const expected = creditCheckCharacter(code.slice(0, -1));
  return code.endsWith(expected) ? null : `${code} should end in ${expected}`;
}

/** In other letters or signs one code could be registered twice. */
function findForeignFault(code: string): string | null {
  const [stranger] = /[^0-9A-Za-z ./&-]/u.exec(code) ?? [];
  if (stranger !== undefined) {
    const point = (stranger.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    return `U+${point} in ${code} is neither ASCII letter, digit nor sign`;
  }
  return spelled(code) === '' ? `${code} says nothing` : null;
}

/** A code as it is compared: ASCII letters in upper case, without spaces, dots, dashes, slashes. */
const spelled = (code: string): string =>
  code.replace(/[ ./-]/g, '').replace(/[a-z]/g, (letter) => letter.toUpperCase());

/** The state key under which an organisation holds its code: H('dxl/credit-code/1', CBOR of both). */
export const creditCodeId = (jurisdiction: string, code: string): Hex =>
  taggedHashHex('dxl/credit-code/1', encodeCbor([jurisdiction, spelled(code)]));
