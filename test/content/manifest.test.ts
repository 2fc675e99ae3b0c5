import { expect } from 'chai';
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { concat, fromHex, toHex, utf8 } from '../../src/base/bytes.ts';
import { encodeCbor, type CborValue } from '../../src/base/cbor.ts';
import { sha256Hex } from '../../src/base/hash.ts';
import {
  contentBytesMax,
  decodeManifest,
  encodeManifest,
  isManifest,
  manifestBytesMax,
  manifestDigest,
  partBytes,
  partLengths,
  slicesOf,
  type ContentManifest,
} from '../../src/content/manifest.ts';

const hashOf = (index: number): string => sha256Hex(Uint8Array.of(index & 0xff, index >> 8));

const manifestOf = (bytes: number): ContentManifest => ({
  bytes,
  parts: partLengths(bytes).map((length, at) => ({ sha256: hashOf(at), bytes: length })),
});

const tag = Uint8Array.of(13, ...new TextEncoder().encode('dxl/content/1'));
const made = (value: CborValue): Uint8Array => concat(tag, encodeCbor(value));

const size = fc.integer({ min: partBytes + 1, max: contentBytesMax });

describe('content: manifest', () => {
  it('is read as it was written, and is its own only form', () => {
    fc.assert(
      fc.property(size, (bytes) => {
        const manifest = manifestOf(bytes);
        const encoded = encodeManifest(manifest);
        expect(decodeManifest(encoded)).to.deep.equal(manifest);
        expect(manifestDigest(manifest)).to.equal(sha256Hex(encoded));
        expect(isManifest(encoded)).to.equal(true);
      }),
      { numRuns: 8 },
    );
  });

  it('has these bytes for ever', () => {
    const encoded = encodeManifest(manifestOf(partBytes + 1));
    expect(toHex(encoded)).to.equal(
      `0d64786c2f636f6e74656e742f31821a04000001828258 20${hashOf(0)}1a0400000082 5820${hashOf(1)}01`.replaceAll(
        ' ',
        '',
      ),
    );
  });

  it('of the largest content fits its limit', () => {
    const encoded = encodeManifest(manifestOf(contentBytesMax));
    expect(encoded.length).to.be.lessThan(manifestBytesMax);
    expect(decodeManifest(encoded)?.parts).to.have.length(1600);
    expect(partLengths(contentBytesMax + 1)).to.deep.equal([]);
    expect(partLengths(0)).to.deep.equal([]);
  });

  const two = (first: bigint, second: bigint, total = first + second): Uint8Array =>
    made([
      total,
      [
        [fromHex(hashOf(0)), first],
        [fromHex(hashOf(1)), second],
      ],
    ]);
  const part = BigInt(partBytes);
  const refused: readonly (readonly [string, Uint8Array])[] = [
    ['nothing', new Uint8Array()],
    ['its tag alone', tag],
    [
      'another tag',
      encodeManifest(manifestOf(partBytes + 1)).map((byte, at) => byte ^ Number(at === 3)),
    ],
    ['a byte too many', concat(encodeManifest(manifestOf(partBytes + 1)), Uint8Array.of(0))],
    ['a byte too few', encodeManifest(manifestOf(partBytes + 1)).subarray(0, -1)],
    ['a total that is not the sum', two(part, 5n, part + 6n)],
    ['a first part that is shorter than a part', two(part - 1n, 5n)],
    ['a part that is longer than a part', two(part + 1n, 5n)],
    ['an empty part', two(part, 0n)],
    ['a negative length', two(part, -5n)],
    ['one part, which is a blob', made([part, [[fromHex(hashOf(0)), part]]])],
    ['no part', made([0n, []])],
    [
      'a digest of 31 bytes',
      made([
        part + 1n,
        [
          [new Uint8Array(31), part],
          [new Uint8Array(32), 1n],
        ],
      ]),
    ],
    [
      'a length as text',
      made([
        part + 1n,
        [
          [new Uint8Array(32), 'x'],
          [new Uint8Array(32), 1n],
        ],
      ]),
    ],
    ['a third field', made([part, [], 1n])],
    ['a length beyond 2^53', two(part, 2n ** 60n)],
  ];
  for (const [what, bytes] of refused) {
    it(`is none with ${what}`, () => {
      expect(decodeManifest(bytes)).to.equal(null);
    });
  }
  it('is one where nothing of that was changed', () => {
    expect(decodeManifest(two(part, 5n))).to.not.equal(null);
  });

  it('any range is made of slices that join without gap, beyond 2^32 too', () => {
    fc.assert(
      fc.property(size, fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(), (bytes, at, more) => {
        const { parts } = manifestOf(bytes);
        const from = Math.floor(at * (bytes - 1));
        const to = Math.min(from + 1 + (more % (3 * partBytes)), bytes);
        let next = from;
        for (const slice of slicesOf(parts, from, to)) {
          expect(slice.index * partBytes + slice.from).to.equal(next);
          expect(slice.to).to.be.within(slice.from + 1, slice.part.bytes);
          next = slice.index * partBytes + slice.to;
        }
        expect(next).to.equal(to);
      }),
      { numRuns: 12 },
    );
    const far = slicesOf(manifestOf(contentBytesMax).parts, 2 ** 32 - 1, 2 ** 32 + 1);
    expect(far.map(({ index, from, to }) => [index, from, to])).to.deep.equal([
      [63, partBytes - 1, partBytes],
      [64, 0, 1],
    ]);
  });
});

describe('docs/content.md', () => {
  it('has the example as it is made here', async () => {
    const page = await readFile(new URL('../../docs/content.md', import.meta.url), 'utf8');
    const zeros = new Uint8Array(partBytes);
    const end = utf8('the end');
    const hashes = [zeros, end].map((bytes) => createHash('sha256').update(bytes).digest('hex'));
    const manifest = {
      bytes: partBytes + end.length,
      parts: [
        { sha256: hashes[0]!, bytes: partBytes },
        { sha256: hashes[1]!, bytes: end.length },
      ],
    };
    const shown = [...page.split('example:begin')[1]!.matchAll(/`([0-9a-f]{64,})`/g)];
    expect(shown.map(([, value]) => value)).to.deep.equal([
      ...hashes,
      toHex(encodeManifest(manifest)),
      manifestDigest(manifest),
    ]);
  });
});
