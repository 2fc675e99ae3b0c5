import type { FieldFault } from '../base/field-fault.ts';
import { Type } from '../base/schema.ts';

/** Base64url without padding (RFC 4648, 5): how bytes stand in JSON. */
export const toBase64Url = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url');

/** null for text that `toBase64Url` would not have written. */
export function fromBase64Url(text: string): Uint8Array | null {
  const bytes = new Uint8Array(Buffer.from(text, 'base64url'));
  return toBase64Url(bytes) === text ? bytes : null;
}

/** Of text that is none, or not in its one spelling. */
export const notBase64Url = (pointer: string): FieldFault => {
  const form = 'bytes as base64url without padding (RFC 4648, 5)';
  return { pointer, message: `it is not ${form}, for example "pGFh"`, form, example: 'pGFh' };
};

export const base64Url = (description: string, maxLength?: number) =>
  Type.String({
    pattern: '^[A-Za-z0-9_-]*$',
    description: `${description}, base64url without padding`,
    'x-form': 'bytes as base64url without padding (RFC 4648, 5)',
    examples: ['pGFh'],
    ...(maxLength === undefined ? {} : { maxLength }),
  });
