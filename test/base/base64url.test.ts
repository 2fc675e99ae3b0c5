import { expect } from 'chai';
import fc from 'fast-check';
import { fromBase64url, toBase64url } from '../../src/base/base64url.ts';
import { equalBytes, utf8 } from '../../src/base/bytes.ts';

describe('base64url', () => {
  it('reads back what it wrote, and only that', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const text = toBase64url(bytes);
        expect(text).to.equal(Buffer.from(bytes).toString('base64url'));
        expect(equalBytes(fromBase64url(text) ?? utf8('no'), bytes)).to.equal(true);
      }),
    );
  });

  for (const text of ['A', 'AB', 'AAB', 'AA==', 'A+', 'A/', ' AA', 'AAA\n']) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      expect(fromBase64url(text)).to.equal(null);
    });
  }
});
