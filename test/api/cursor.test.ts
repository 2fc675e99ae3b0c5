import { expect } from 'chai';
import fc from 'fast-check';
import { fromBase64Url, toBase64Url } from '../../src/api/base64url.ts';
import { cutPage, makeCursor, readCursor } from '../../src/api/cursor.ts';
import { Problem } from '../../src/api/problem.ts';

describe('api: cursors', () => {
  it('are read back by their own list', () => {
    fc.assert(
      fc.property(fc.nat(Number.MAX_SAFE_INTEGER), (place) => {
        expect(readCursor('listings', makeCursor('listings', place))).to.equal(place);
      }),
    );
    expect(readCursor('listings', undefined)).to.equal(undefined);
  });

  it('are refused by every other list, and when made up', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String(), fc.nat().map(String)), (text) => {
        expect(() => readCursor('listings', text)).to.throw(Problem);
      }),
    );
    expect(() => readCursor('keys', makeCursor('listings', 1))).to.throw(Problem);
    for (const place of ['01', '1.0', '1e3', '-1x', '', '9007199254740992']) {
      const cursor = toBase64Url(new TextEncoder().encode(`1:listings:${place}`));
      expect(() => readCursor('listings', cursor), place).to.throw(Problem);
    }
  });

  const pages: [number[], number, number[], string | null][] = [
    [[], 2, [], null],
    [[1, 2], 2, [1, 2], null],
    [[1, 2, 3], 2, [1, 2], 'after 2'],
  ];
  for (const [rows, limit, page, next] of pages) {
    it(`cut ${rows.length} rows into a page of ${limit}`, () => {
      expect(cutPage(rows, limit, (last) => `after ${last}`)).to.deep.equal({ page, next });
    });
  }
});

describe('api: base64url', () => {
  it('gives back every run of bytes, and takes only its own text', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(fromBase64Url(toBase64Url(bytes))).to.deep.equal(bytes);
      }),
    );
    for (const text of ['A', 'AB', 'AA==', 'A A', '+/', '\n']) {
      expect(fromBase64Url(text), text).to.equal(null);
    }
  });
});
