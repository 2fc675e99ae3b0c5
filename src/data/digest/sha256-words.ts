/**
 * SHA-256 (FIPS 180-4) of many short inputs: one function on words, so that the first block of a keyed
 * digest and the pads of an HMAC are computed once and gone on from.
 *
 * Written for this: a table of a million rows takes some twelve million such blocks. Of 120 bytes
 * @noble/hashes takes 2.6 µs, node:crypto 1.1 µs, and neither goes on from a state that is kept. Long
 * inputs go to a native implementation, which is quicker by far.
 */

/** Eight words. */
export type HashState = Int32Array;

export const initialState = (): HashState =>
  Int32Array.of(
    0x6a09e667,
    0xbb67ae85,
    0x3c6ef372,
    0xa54ff53a,
    0x510e527f,
    0x9b05688c,
    0x1f83d9ab,
    0x5be0cd19,
  );

const roundConstants = Int32Array.of(
  ...[
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  ],
  ...[
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  ],
  ...[
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  ],
  ...[
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  ],
  ...[
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  ],
  ...[
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  ],
  ...[
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  ],
  ...[
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
  ],
);

const schedule = new Int32Array(64);

/** The schedule's first 16 words are the block: where a caller writes it by words. */
export const blockWords = schedule.subarray(0, 16);

/** Takes the 64 bytes at `at` into `state`. */
export function compressBytes(state: HashState, bytes: Uint8Array, at: number): void {
  for (let word = 0, from = at; word < 16; word += 1, from += 4) {
    schedule[word] =
      ((bytes[from] as number) << 24) |
      ((bytes[from + 1] as number) << 16) |
      ((bytes[from + 2] as number) << 8) |
      (bytes[from + 3] as number);
  }
  compressWords(state);
}

/** Takes `blockWords` into `state`. */
export function compressWords(state: HashState): void {
  const w = schedule;
  const k = roundConstants;
  for (let t = 16; t < 64; t += 1) {
    const before15 = w[t - 15] as number;
    const before2 = w[t - 2] as number;
    const small0 =
      ((before15 >>> 7) | (before15 << 25)) ^
      ((before15 >>> 18) | (before15 << 14)) ^
      (before15 >>> 3);
    const small1 =
      ((before2 >>> 17) | (before2 << 15)) ^
      ((before2 >>> 19) | (before2 << 13)) ^
      (before2 >>> 10);
    w[t] = ((w[t - 16] as number) + small0 + (w[t - 7] as number) + small1) | 0;
  }
  let a = state[0] as number;
  let b = state[1] as number;
  let c = state[2] as number;
  let d = state[3] as number;
  let e = state[4] as number;
  let f = state[5] as number;
  let g = state[6] as number;
  let h = state[7] as number;
  for (let t = 0; t < 64; t += 1) {
    const big1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const one = (h + big1 + ((e & f) ^ (~e & g)) + (k[t] as number) + (w[t] as number)) | 0;
    const big0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const two = (big0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + one) | 0;
    d = c;
    c = b;
    b = a;
    a = (one + two) | 0;
  }
  state[0] = ((state[0] as number) + a) | 0;
  state[1] = ((state[1] as number) + b) | 0;
  state[2] = ((state[2] as number) + c) | 0;
  state[3] = ((state[3] as number) + d) | 0;
  state[4] = ((state[4] as number) + e) | 0;
  state[5] = ((state[5] as number) + f) | 0;
  state[6] = ((state[6] as number) + g) | 0;
  state[7] = ((state[7] as number) + h) | 0;
}

/** Writes the first `words` words of the state, big-endian. */
export function writeWords(state: HashState, words: number, out: Uint8Array, at: number): void {
  for (let word = 0, to = at; word < words; word += 1, to += 4) {
    const value = state[word] as number;
    out[to] = value >>> 24;
    out[to + 1] = value >>> 16;
    out[to + 2] = value >>> 8;
    out[to + 3] = value;
  }
}
