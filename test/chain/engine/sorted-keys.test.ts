import { expect } from 'chai';
import fc from 'fast-check';
import { compareBytes, compareText, utf8 } from '../../../src/base/bytes.ts';
import { SortedKeys } from '../../../src/chain/machine/sorted-keys.ts';

describe('chain/machine: sorted keys', () => {
  it('are a set in byte order after any adding and removing', () => {
    const step = fc.record({ key: fc.integer({ max: 3_000, min: 0 }), adds: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 3_000, size: 'max' }), (steps) => {
        const keys = new SortedKeys();
        const wanted = new Set<string>();
        for (let at = 0; at < 2_000; at += 1) {
          keys.add(`k${at * 7}`);
          wanted.add(`k${at * 7}`);
        }
        for (const { key, adds } of steps) {
          if (adds) keys.add(`k${key}`);
          else keys.delete(`k${key}`);
          if (adds) wanted.add(`k${key}`);
          else wanted.delete(`k${key}`);
        }
        expect([...keys]).to.deep.equal([...wanted].sort(compareText));
      }),
      { numRuns: 20 },
    );
  });
});

describe('base: the order of texts', () => {
  it('is the order of their UTF-8 bytes, lone surrogates and all', () => {
    const unit = fc.oneof(
      fc.constantFrom('a', 'b', '\u{7ff}', '\u{800}', '\ud7ff', '\ue000', '\uffff'),
      fc.constantFrom('\ud800', '\udbff', '\udc00', '\udfff', '😀', '\u{10ffff}'),
    );
    const text = fc.array(unit, { maxLength: 5 }).map((units) => units.join(''));
    fc.assert(
      fc.property(text, text, (left, right) => {
        const wanted = compareBytes(utf8(left), utf8(right));
        // Texts that differ in lone surrogates alone have the same bytes; the codec lets none in.
        if (wanted === 0) return;
        expect(compareText(left, right) < 0).to.equal(wanted < 0);
      }),
      { numRuns: 5_000 },
    );
  });
});
