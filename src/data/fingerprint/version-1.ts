/** Fingerprints of version 1, which older registrations hold, of rows that come: for checks alone. */
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { toHex, type Hex } from '../../base/bytes.ts';
import { commitment, taggedHash } from '../../base/hash.ts';
import { leafHash } from '../../base/merkle.ts';
import type { HashStream } from './block-digests.ts';
import type { CanonicalRows } from './canonical-rows.ts';
import { RootStack } from './root-stack.ts';

export interface FingerprintVersion1 {
  readonly rows: number;
  readonly columns: number;
  readonly contentCommitment: Hex;
  readonly rowsRoot: Hex;
}

/** Over canonical rows in which nothing is marked as missing. */
export class Version1Rows {
  readonly #salt: Uint8Array;
  readonly #content: HashStream;
  readonly #tree = new RootStack();
  #columns = 0;

  /** @param salt 32 bytes, of the table */
  constructor(salt: Uint8Array, content: HashStream) {
    this.#salt = salt;
    this.#content = content;
  }

  add({ bytes, rows, columns, rowStarts }: CanonicalRows): void {
    this.#columns = columns;
    for (let row = 0; row < rows; row += 1) {
      const canonical = bytes.subarray(rowStarts[row], rowStarts[row + 1]);
      this.#content.update(canonical);
      const index = new Uint8Array(8);
      new DataView(index.buffer).setBigUint64(0, BigInt(this.#tree.size));
      const rowSalt = hmac(sha256, this.#salt, index).subarray(0, 16);
      this.#tree.push(leafHash(taggedHash('dxl/row/1', rowSalt, canonical)), 0);
    }
  }

  end(): FingerprintVersion1 {
    return {
      rows: this.#tree.size,
      columns: this.#columns,
      contentCommitment: commitment(this.#salt, this.#content.digest()),
      rowsRoot: toHex(this.#tree.root()),
    };
  }
}
