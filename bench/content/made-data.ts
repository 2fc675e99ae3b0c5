import { createCipheriv, createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { Hex } from '../../src/base/bytes.ts';

const pieceBytes = 2 ** 20;

/**
 * Writes pseudo-random bytes that no disk can compress, the same in every run (AES-128 in counter mode
 * under a stated key), and returns their SHA-256. In constant memory.
 */
export async function makeData(file: string, bytes: number): Promise<Hex> {
  const stream = createCipheriv('aes-128-ctr', Buffer.alloc(16, 7), Buffer.alloc(16));
  const zeros = Buffer.alloc(pieceBytes);
  const hash = createHash('sha256');
  const handle = await open(file, 'wx');
  try {
    for (let left = bytes; left > 0; left -= pieceBytes) {
      const piece = stream.update(zeros.subarray(0, Math.min(left, pieceBytes)));
      hash.update(piece);
      for (let at = 0; at < piece.length;) at += (await handle.write(piece, at)).bytesWritten;
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return hash.digest('hex');
}
