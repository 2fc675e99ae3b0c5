import { expect } from 'chai';
import fc from 'fast-check';
import { createHash, createHmac } from 'node:crypto';
import { InvariantError } from '../../src/base/assert.ts';
import { canonicalRow, verifyRow } from '../../src/rights/fingerprint.ts';
import { FingerprintedTable, fingerprintRows, rowSalt } from '../support/fingerprint-1.ts';
import { toHex } from '../../src/base/bytes.ts';

const salt = new Uint8Array(32).fill(7);
const sha256 = (...parts: Uint8Array[]) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const tag = (name: string) => Buffer.concat([Buffer.of(name.length), Buffer.from(name)]);

describe('fingerprint', () => {
  it('a canonical row is a CBOR array of text', () => {
    expect(toHex(canonicalRow(['a', '', '鸟']))).to.equal('83616160' + '63e9b89f');
  });

  it('equals what the definition gives, computed with another library', () => {
    const rows = [
      ['a', 'b'],
      ['c', 'd'],
      ['e', 'f'],
    ];
    const leaves = rows.map((row, index) => {
      const message = Buffer.alloc(8);
      message.writeBigUInt64BE(BigInt(index));
      const own = createHmac('sha256', salt).update(message).digest().subarray(0, 16);
      return sha256(Buffer.of(0), sha256(tag('dxl/row/1'), own, canonicalRow(row)));
    });
    const [first, second, third] = leaves as [Buffer, Buffer, Buffer];
    const root = sha256(Buffer.of(1), sha256(Buffer.of(1), first, second), third);
    const content = sha256(...rows.map(canonicalRow));
    expect(fingerprintRows(rows, salt)).to.deep.equal({
      rows: 3,
      columns: 2,
      contentCommitment: sha256(tag('dxl/commitment/1'), salt, content).toString('hex'),
      rowsRoot: root.toString('hex'),
    });
  });

  const cell = fc.string({ unit: 'grapheme', maxLength: 6 });
  const table = fc.integer({ min: 1, max: 4 }).chain((width) =>
    fc.array(fc.array(cell, { minLength: width, maxLength: width }), {
      minLength: 1,
      maxLength: 20,
    }),
  );

  it('every row is proved, and no other content, place, salt or path', () => {
    fc.assert(
      fc.property(table, fc.nat(), (rows, pick) => {
        const whole = new FingerprintedTable(rows, salt);
        const index = pick % rows.length;
        const proof = whole.proveRow(index);
        const { fingerprint } = whole;
        expect(verifyRow(fingerprint, proof)).to.equal(true);
        const wrong = [
          { ...proof, cells: proof.cells.map((text) => `${text}!`) },
          { ...proof, cells: [...proof.cells, ''] },
          { ...proof, salt: toHex(rowSalt(salt, index + 1)) },
          { ...proof, salt: `${proof.salt}00` },
          { ...proof, index: index + 1 },
          { ...proof, index: -1 },
          { ...proof, rows: proof.rows + 1 },
          { ...proof, path: [...proof.path, 'ab'.repeat(32)] },
        ];
        for (const item of wrong) expect(verifyRow(fingerprint, item)).to.equal(false);
      }),
      { numRuns: 50 },
    );
  });

  it('one changed cell, another order or another salt change both digests', () => {
    const rows = [['1'], ['2'], ['3']];
    const seen = [
      fingerprintRows(rows, salt),
      fingerprintRows([['1'], ['2'], ['4']], salt),
      fingerprintRows([['2'], ['1'], ['3']], salt),
      fingerprintRows(rows, new Uint8Array(32).fill(8)),
    ];
    expect(new Set(seen.map(({ rowsRoot }) => rowsRoot)).size).to.equal(4);
    expect(new Set(seen.map(({ contentCommitment }) => contentCommitment)).size).to.equal(4);
  });

  it('refuses empty and ragged tables and salts of another length', () => {
    for (const rows of [[], [[]], [['a'], ['b', 'c']]]) {
      expect(() => fingerprintRows(rows, salt)).to.throw(InvariantError);
    }
    expect(() => fingerprintRows([['a']], salt.subarray(1))).to.throw(InvariantError);
  });
});
