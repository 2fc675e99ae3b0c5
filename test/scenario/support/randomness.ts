/** Watches what a scenario's parties draw: their secrets are then known to the test, and to it alone. */
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import sodium from 'sodium-native';

export interface DrawnSecrets {
  /** Salts, nonces of jobs, content keys: everything of 31 or 32 bytes drawn since the beginning. */
  readonly secrets: readonly Uint8Array[];
  /** Puts the generators back. */
  stop(): void;
}

const secretLengths: readonly number[] = [31, 32];

/** Generators keep working as they are; what they give is copied. In this process only. */
export function watchSecrets(): DrawnSecrets {
  const secrets: Uint8Array[] = [];
  const keep = (bytes: Uint8Array): void => {
    if (secretLengths.includes(bytes.length)) secrets.push(Uint8Array.from(bytes));
  };
  const { randomBytes } = crypto;
  const watched = (size: number): Buffer => {
    const bytes = randomBytes(size);
    keep(bytes);
    return bytes;
  };
  const buffers = ['randombytes_buf', 'crypto_secretstream_xchacha20poly1305_keygen'] as const;
  const originals = buffers.map((name) => sodium[name].bind(sodium));
  crypto.randomBytes = watched as typeof randomBytes;
  syncBuiltinESMExports();
  buffers.forEach((name, index) => {
    sodium[name] = (buffer: Buffer) => {
      originals[index]?.(buffer);
      keep(buffer);
    };
  });
  return {
    secrets,
    stop() {
      crypto.randomBytes = randomBytes;
      syncBuiltinESMExports();
      buffers.forEach((name, index) => {
        const original = originals[index];
        if (original) sodium[name] = original;
      });
    },
  };
}
