import { CodecError } from './codec-error.ts';

/** What a schema says of text. */
export interface TextRules {
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
}

/** Of text, and of bytes as hex. Lengths are of code points. */
export function textCheckOf(node: TextRules): (value: unknown) => string {
  const { minLength = 0, maxLength = Infinity } = node;
  const allowed = node.enum && new Set(node.enum);
  const pattern = node.pattern === undefined ? null : new RegExp(node.pattern, 'u');
  const counts = minLength > 0 || maxLength < Infinity;
  return (value) => {
    if (typeof value !== 'string') throw new CodecError('', 'not text');
    if (!value.isWellFormed()) throw new CodecError('', 'not well-formed Unicode');
    if (allowed && !allowed.has(value)) {
      throw new CodecError('', `not one of ${[...allowed].join(', ')}`);
    }
    if (counts) checkLength(value, minLength, maxLength);
    if (pattern && !pattern.test(value)) {
      throw new CodecError('', `does not match ${pattern.source}`);
    }
    return value;
  };
}

function checkLength(value: string, minLength: number, maxLength: number): void {
  // A code point is one unit or two: most text needs no counting.
  if (value.length >= 2 * minLength && value.length <= maxLength) return;
  const length = [...value].length;
  if (length < minLength) throw new CodecError('', `shorter than ${minLength} characters`);
  if (length > maxLength) throw new CodecError('', `longer than ${maxLength} characters`);
}
