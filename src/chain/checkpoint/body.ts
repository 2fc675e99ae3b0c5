/** The text of a note that is a log's checkpoint (c2sp.org/tlog-checkpoint). */
import { fromBase64, toBase64 } from '../../base/base64.ts';

export interface CheckpointBody {
  /** Which log it is: unique, and the same for ever. */
  readonly origin: string;
  /** Leaves. */
  readonly size: number;
  /** RFC 6962 root of that many leaves, 32 bytes. */
  readonly root: Uint8Array;
  /** Lines below the three that every log has; not empty, each without its line feed. */
  readonly extensions: readonly string[];
}

export const formatCheckpoint = ({ origin, size, root, extensions }: CheckpointBody): string =>
  [origin, String(size), toBase64(root), ...extensions].map((line) => `${line}\n`).join('');

/** null for what is no checkpoint, or of more leaves than 2^53 - 1. */
export function parseCheckpoint(text: string): CheckpointBody | null {
  if (!text.endsWith('\n')) return null;
  const lines = text.slice(0, -1).split('\n');
  if (lines.length < 3 || lines.includes('')) return null;
  const [origin = '', sizeText = '', rootText = '', ...extensions] = lines;
  const size = parseSize(sizeText);
  const root = fromBase64(rootText);
  return size === null || root?.length !== 32 ? null : { origin, size, root, extensions };
}

/** Decimal without leading zeroes. */
export function parseSize(text: string): number | null {
  const size = Number(text);
  return /^(0|[1-9][0-9]{0,15})$/.test(text) && Number.isSafeInteger(size) ? size : null;
}
