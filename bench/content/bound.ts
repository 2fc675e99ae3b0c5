/** What the least program that does the same must do once: read, hash, encrypt, hash, write, sync. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import sodium from 'sodium-native';

const chunkBytes = 65_536;

/** Bytes a second of a plain encrypted copy of the beginning of a file, to the same disk. */
export async function boundBytesPerSecond(file: string, copy: string, bytes: number) {
  const start = performance.now();
  const key = Buffer.alloc(sodium.crypto_secretstream_xchacha20poly1305_KEYBYTES);
  sodium.crypto_secretstream_xchacha20poly1305_keygen(key);
  const state = Buffer.alloc(sodium.crypto_secretstream_xchacha20poly1305_STATEBYTES);
  const header = Buffer.alloc(sodium.crypto_secretstream_xchacha20poly1305_HEADERBYTES);
  sodium.crypto_secretstream_xchacha20poly1305_init_push(state, header, key);
  const [plain, sealed] = [createHash('sha256'), createHash('sha256')];
  const data = Buffer.alloc(0);
  const tag = sodium.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE;
  const handle = await open(copy, 'wx');
  try {
    const source = createReadStream(file, { end: bytes - 1, highWaterMark: chunkBytes });
    for await (const piece of source as AsyncIterable<Buffer>) {
      plain.update(piece);
      const out = Buffer.alloc(piece.length + sodium.crypto_secretstream_xchacha20poly1305_ABYTES);
      sodium.crypto_secretstream_xchacha20poly1305_push(state, out, piece, data, tag);
      sealed.update(out);
      for (let at = 0; at < out.length;) at += (await handle.write(out, at)).bytesWritten;
    }
    await handle.sync();
  } finally {
    await handle.close();
    await rm(copy);
  }
  return bytes / ((performance.now() - start) / 1_000);
}
