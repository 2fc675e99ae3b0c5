import { rowDigestBytes } from './digest-partitions.ts';

/** How many classes there are of each size. */
export type ClassSizes = Map<number, number>;

/**
 * Adds to `sizes` how often each digest of one partition occurs. Memory: 12 to 20 bytes a digest
 * beside the digests.
 * @param digests 16 bytes each, keyed, so that their first bits are spread evenly
 */
export function countClasses(digests: Uint8Array, sizes: ClassSizes): void {
  const count = Math.trunc(digests.length / rowDigestBytes);
  const slots = new Uint32Array(slotsFor(count));
  const counts = new Uint32Array(count);
  const mask = slots.length - 1;
  const words = new DataView(digests.buffer, digests.byteOffset, digests.byteLength);
  for (let index = 0; index < count; index += 1) {
    const at = index * rowDigestBytes;
    let slot = words.getUint32(at + 4) & mask;
    for (;;) {
      const held = slots[slot] as number;
      if (held === 0) {
        slots[slot] = index + 1;
        counts[index] = 1;
        break;
      }
      if (isSame(words, (held - 1) * rowDigestBytes, at)) {
        counts[held - 1] = (counts[held - 1] as number) + 1;
        break;
      }
      slot = (slot + 1) & mask;
    }
  }
  for (const size of counts) if (size > 0) sizes.set(size, (sizes.get(size) ?? 0) + 1);
}

/** A power of two, at least twice the digests. */
function slotsFor(count: number): number {
  let slots = 16;
  while (slots < 2 * count) slots *= 2;
  return slots;
}

const isSame = (words: DataView, one: number, other: number): boolean =>
  words.getUint32(one) === words.getUint32(other) &&
  words.getUint32(one + 4) === words.getUint32(other + 4) &&
  words.getUint32(one + 8) === words.getUint32(other + 8) &&
  words.getUint32(one + 12) === words.getUint32(other + 12);

export const classesIn = (sizes: ClassSizes): number =>
  [...sizes.values()].reduce((sum, classes) => sum + classes, 0);
