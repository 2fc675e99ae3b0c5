export type CborValue = null | boolean | bigint | string | Uint8Array | readonly CborValue[];

/** Bytes that are not canonical, or a value that has none. */
export class CborError extends Error {
  override readonly name = 'CborError';
}

/** The first byte of an item: the major type in its three high bits, or the whole of it. */
export const cborItems = {
  unsigned: 0x00,
  negative: 0x20,
  bytes: 0x40,
  text: 0x60,
  array: 0x80,
  false: 0xf4,
  true: 0xf5,
  null: 0xf6,
} as const;
