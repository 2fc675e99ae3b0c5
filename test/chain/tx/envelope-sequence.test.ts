import { expect } from 'chai';
import { encode } from 'cborg';
import fc from 'fast-check';
import { concat } from '../../../src/base/bytes.ts';
import {
  encodeEnvelopeSequence,
  readEnvelopeSequence,
} from '../../../src/chain/tx/envelope-sequence.ts';

const items = fc.array(
  fc.oneof(fc.uint8Array({ maxLength: 30 }), fc.uint8Array({ maxLength: 400 })),
  {
    minLength: 1,
    maxLength: 20,
  },
);

describe('envelope sequence', () => {
  it('is read as it was written, whatever the items are', () => {
    fc.assert(
      fc.property(items, (envelopes) => {
        const read = readEnvelopeSequence(encodeEnvelopeSequence(envelopes), 20);
        expect(read).to.deep.equal({ ok: true, envelopes });
      }),
    );
  });

  it('is what another encoder of CBOR writes, at every size of length', () => {
    for (const size of [0, 1, 23, 24, 255, 256, 65_535, 65_536, 70_000]) {
      const item = new Uint8Array(size).fill(7);
      expect(encodeEnvelopeSequence([item])).to.deep.equal(encode(item));
      expect(readEnvelopeSequence(encode(item), 1)).to.deep.equal({ ok: true, envelopes: [item] });
    }
  });

  it('has one reading only: what is read gives the same bytes again', () => {
    const byte = fc.oneof(fc.nat(255), fc.constantFrom(0x40, 0x41, 0x58, 0x59, 0x5a, 0x5b, 0x5f));
    const noise = fc.array(byte, { maxLength: 60 }).map((bytes) => Uint8Array.from(bytes));
    fc.assert(
      fc.property(noise, (bytes) => {
        const read = readEnvelopeSequence(bytes, 8);
        if (read.ok) expect(encodeEnvelopeSequence(read.envelopes)).to.deep.equal(bytes);
        else expect(read.fault.message).to.be.a('string');
      }),
      { numRuns: 2_000 },
    );
  });

  it('cut off anywhere but between items, is refused at the item that is cut', () => {
    fc.assert(
      fc.property(items, fc.nat(), (envelopes, seed) => {
        const ends = envelopes.map((_, at) =>
          envelopes
            .slice(0, at + 1)
            .reduce((sum, one) => sum + encodeEnvelopeSequence([one]).length, 0),
        );
        const bytes = encodeEnvelopeSequence(envelopes);
        const cut = seed % bytes.length;
        const read = readEnvelopeSequence(bytes.subarray(0, cut), 20);
        const whole = ends.filter((end) => end <= cut).length;
        if (cut > 0 && ends[whole - 1] === cut) {
          expect(read).to.deep.equal({ ok: true, envelopes: envelopes.slice(0, whole) });
        } else {
          expect(read).to.deep.include({ ok: false });
          if (!read.ok) expect(read.fault.item).to.equal(cut === 0 ? null : whole);
        }
      }),
    );
  });

  it('stops at the limit of items, however many follow', () => {
    const bytes = new Uint8Array(4 * 1024 * 1024).fill(0x40);
    const read = readEnvelopeSequence(bytes, 1_000);
    expect(read).to.deep.equal({
      ok: false,
      fault: { item: null, message: 'more than 1000 items' },
    });
    const exact = readEnvelopeSequence(bytes.subarray(0, 1_000), 1_000);
    expect(exact.ok && exact.envelopes.length).to.equal(1_000);
  });

  it('gives views of the bytes, not copies', () => {
    const bytes = concat(Uint8Array.of(0x42, 1, 2), Uint8Array.of(0x41, 3));
    const read = readEnvelopeSequence(bytes, 2);
    if (!read.ok) throw new Error(read.fault.message);
    expect(read.envelopes.every(({ buffer }) => buffer === bytes.buffer)).to.equal(true);
  });
});
