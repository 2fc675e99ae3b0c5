import {
  compressBytes,
  compressWords,
  blockWords,
  initialState,
  writeWords,
  type HashState,
} from './sha256-words.ts';

const initial = initialState();
const state = initialState();
const tail = new Uint8Array(128);

/**
 * SHA-256 of bytes `start` to `end`, written to `out` at `at`, all or its first `words` words.
 * @param before a state that 64-byte blocks have been taken into, `blocksBefore` of them
 */
export function shortHash(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  at: number,
  { before = initial, blocksBefore = 0, words = 8 }: KeptState = {},
): void {
  state.set(before);
  let from = start;
  while (end - from >= 64) {
    compressBytes(state, bytes, from);
    from += 64;
  }
  const rest = end - from;
  tail.fill(0);
  for (let index = 0; index < rest; index += 1) tail[index] = bytes[from + index] as number;
  tail[rest] = 0x80;
  const size = rest < 56 ? 64 : 128;
  const total = blocksBefore * 64 + (end - start);
  writeLength(size, total);
  compressBytes(state, tail, 0);
  if (size === 128) compressBytes(state, tail, 64);
  writeWords(state, words, out, at);
}

export interface KeptState {
  readonly before?: HashState;
  readonly blocksBefore?: number;
  readonly words?: number;
}

/** In bits, as the last eight bytes. */
function writeLength(size: number, bytes: number): void {
  const high = Math.trunc(bytes / 0x2000_0000);
  const low = (bytes << 3) >>> 0;
  for (let index = 0; index < 4; index += 1) {
    tail[size - 8 + index] = high >>> (24 - 8 * index);
    tail[size - 4 + index] = low >>> (24 - 8 * index);
  }
}

/** The state behind a block of `key` and zeros: keyed digests go on from it. */
export function keyedState(key: Uint8Array): HashState {
  const block = new Uint8Array(64);
  block.set(key);
  const kept = initialState();
  compressBytes(kept, block, 0);
  return kept;
}

/** SHA-256(01 ‖ left ‖ right), the inner node of RFC 6962; `out` may be one of the two. */
export function shortNode(
  left: Uint8Array,
  leftAt: number,
  right: Uint8Array,
  rightAt: number,
  out: Uint8Array,
  at: number,
): void {
  node[0] = 1;
  for (let index = 0; index < 32; index += 1) {
    node[1 + index] = left[leftAt + index] as number;
    node[33 + index] = right[rightAt + index] as number;
  }
  state.set(initial);
  compressBytes(state, node, 0);
  blockWords.fill(0);
  blockWords[0] = ((node[64] as number) << 24) | 0x80_0000;
  blockWords[15] = 65 * 8;
  compressWords(state);
  writeWords(state, 8, out, at);
}

const node = new Uint8Array(65);
