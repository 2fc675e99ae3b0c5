/** One range of bytes (RFC 9110, 14): what a download that was cut off goes on with. */
import type { Request } from 'express';
import { Problem } from './problem.ts';
import { apiResults } from './results.ts';
import type { HeaderSpec } from './route.ts';

export const rangeHeaders: readonly HeaderSpec[] = [
  {
    name: 'Range',
    description: 'RFC 9110: one range, `bytes=FIRST-LAST`, `bytes=FIRST-` or `bytes=-LENGTH`.',
    required: false,
  },
  {
    name: 'If-Range',
    description: 'The ETag of what is gone on with: where it is another, all of it is sent.',
    required: false,
  },
];

export interface ByteRange {
  readonly from: number;
  /** The byte after the last. */
  readonly to: number;
  /** False: all of it, as if no range was asked for. */
  readonly partial: boolean;
}

/** Several ranges, other units and what is no range are passed over, as RFC 9110 allows. */
const rangeForm = /^bytes=(?:([0-9]{1,15})-([0-9]{0,15})|-([0-9]{1,15}))$/;

/** Throws Problem RANGE_NOT_SATISFIABLE where it begins behind the end. */
export function rangeOf(
  { headers: { range, 'if-range': ifRange } }: Pick<Request, 'headers'>,
  size: number,
  etag: string,
): ByteRange {
  const whole = { from: 0, to: size, partial: false };
  if (range === undefined || (ifRange !== undefined && ifRange !== etag)) return whole;
  const [, first, last, length] = rangeForm.exec(range.trim()) ?? [];
  if (first === undefined && length === undefined) return whole;
  const from = first === undefined ? Math.max(size - Number(length), 0) : Number(first);
  const end = last === undefined || last === '' ? size - 1 : Number(last);
  if (first !== undefined && end < from && last !== '') return whole;
  if (from >= size || length === '0') {
    throw new Problem(apiResults.RANGE_NOT_SATISFIABLE, `${size} bytes; asked: ${range.trim()}.`, {
      headers: { 'Content-Range': `bytes */${size}` },
    });
  }
  return { from, to: Math.min(end + 1, size), partial: true };
}

export const etagOf = (digest: string): string => `"${digest}"`;

/** Headers of an answer with those bytes of content of `size` bytes. */
export const rangeReplyHeaders = (
  { from, to, partial }: ByteRange,
  size: number,
  etag: string,
): Record<string, string> => ({
  'Accept-Ranges': 'bytes',
  'Content-Length': String(to - from),
  ETag: etag,
  ...(partial ? { 'Content-Range': `bytes ${from}-${to - 1}/${size}` } : {}),
});
