/**
 * The container of the iden3 formats (r1cs, wtns, zkey): 4 bytes magic, version, number of
 * sections, then for each its id (4 bytes), length (8 bytes) and content; little-endian.
 */
export type Sections = ReadonlyMap<number, Uint8Array>;

/** Throws a RangeError on another magic or version, a section named twice, or a length beyond. */
export function readSections(file: Uint8Array, magic: string, version: number): Sections {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const found = String.fromCharCode(...file.subarray(0, 4));
  if (found !== magic || view.getUint32(4, true) !== version) {
    throw new RangeError(`not a ${magic} file of version ${version}`);
  }
  const sections = new Map<number, Uint8Array>();
  let offset = 12;
  for (let count = view.getUint32(8, true); count > 0; count -= 1) {
    const id = view.getUint32(offset, true);
    const length = Number(view.getBigUint64(offset + 4, true));
    const start = offset + 12;
    if (sections.has(id) || start + length > file.length) {
      throw new RangeError(`section ${id} of the ${magic} file is repeated or cut short`);
    }
    sections.set(id, file.subarray(start, start + length));
    offset = start + length;
  }
  return sections;
}

/** Copies each section once; sections are written in the order given. */
export function writeSections(
  magic: string,
  version: number,
  sections: readonly (readonly [id: number, content: Uint8Array])[],
): Uint8Array {
  const length = sections.reduce((sum, [, content]) => sum + 12 + content.length, 12);
  const file = new Uint8Array(length);
  const view = new DataView(file.buffer);
  for (let index = 0; index < 4; index += 1) file[index] = magic.charCodeAt(index);
  view.setUint32(4, version, true);
  view.setUint32(8, sections.length, true);
  let offset = 12;
  for (const [id, content] of sections) {
    view.setUint32(offset, id, true);
    view.setBigUint64(offset + 4, BigInt(content.length), true);
    file.set(content, offset + 12);
    offset += 12 + content.length;
  }
  return file;
}

/** Unsigned little-endian integer of 32 bytes. */
export function readLittleEndian(view: DataView, offset: number): bigint {
  return (
    view.getBigUint64(offset, true) |
    (view.getBigUint64(offset + 8, true) << 64n) |
    (view.getBigUint64(offset + 16, true) << 128n) |
    (view.getBigUint64(offset + 24, true) << 192n)
  );
}

export function writeLittleEndian(view: DataView, offset: number, value: bigint): void {
  for (let word = 0; word < 4; word += 1) {
    view.setBigUint64(offset + 8 * word, BigInt.asUintN(64, value >> BigInt(64 * word)), true);
  }
}
