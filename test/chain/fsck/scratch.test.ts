import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { PageCache } from '../../../src/chain/fsck/page-cache.ts';
import { RecentValues } from '../../../src/chain/fsck/recent-values.ts';
import { Scratch } from '../../../src/chain/fsck/scratch.ts';
import { lineNumber, lineText, numberOf, Sorter, textOf } from '../../../src/chain/fsck/sorter.ts';
import { WrittenKeys } from '../../../src/chain/fsck/written-keys.ts';

const codeOf = (step: () => unknown): string => {
  try {
    step();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return 'no error';
};

describe('chain/fsck: what an audit keeps on disk (M-122)', () => {
  let folder: string;
  let scratch: Scratch;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dxl-scratch-'));
    scratch = new Scratch(folder);
  });
  afterEach(async () => {
    scratch.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('gives back what was appended, whatever is still in memory', () => {
    const pieces = fc.array(fc.integer({ min: 0, max: 300_000 }), { maxLength: 12 });
    fc.assert(
      fc.property(pieces, (lengths) => {
        const file = scratch.file();
        const places = lengths.map((length, at) => ({
          length,
          byte: at + 1,
          at: file.append(new Uint8Array(length).fill(at + 1)),
        }));
        for (const { at, length, byte } of places) {
          const found = file.read(at, length);
          expect(found.length).to.equal(length);
          expect(found.equals(Buffer.alloc(length, byte))).to.equal(true);
        }
        expect(file.read(file.length, 5).length).to.equal(0);
      }),
      { numRuns: 30 },
    );
  });

  it('leaves no name in the folder, even while it is in use', async function () {
    if (process.platform === 'win32') this.skip();
    scratch.file().append(new Uint8Array(1_000_000));
    expect(scratch.bytes).to.equal(1_000_000);
    expect(await readdir(folder)).to.deep.equal([]);
  });

  it('says that a folder cannot be written to', () => {
    expect(codeOf(() => new Scratch(join(folder, 'absent')).file())).to.equal('SCRATCH_FOLDER');
  });

  it('says that the disk is full', function () {
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', folder], {
        stdio: 'ignore',
      });
    } catch {
      this.skip(); // A small disk can be made by root alone.
    }
    try {
      const file = scratch.file();
      const fill = (): void => {
        for (let at = 0; at < 20; at += 1) file.append(new Uint8Array(100_000));
      };
      expect(fill).to.throw(/is full after .* by TMPDIR or by --scratch/s);
      expect(codeOf(fill)).to.equal('SCRATCH_FULL');
    } finally {
      scratch.close();
      execFileSync('umount', [folder]);
    }
  });

  it('keeps pages that are changed, with room for two of them in memory', () => {
    const pages = new PageCache(scratch, 4, 1);
    for (let page = 0; page < 50; page += 1) pages.change(page).writeUInt32BE(page + 1);
    for (let page = 49; page >= 0; page -= 7) {
      expect(pages.read(page).readUInt32BE()).to.equal(page + 1);
    }
    expect(pages.read(60).readUInt32BE()).to.equal(0);
  });

  it('forgets values that were not used for long, and those that are dropped', () => {
    const values = new RecentValues(10_000);
    for (let at = 0; at < 100; at += 1) {
      values.put(`k${at}`, new Uint8Array(100));
      expect(values.get('k0')?.length).to.equal(100);
    }
    expect(values.get('k1')).to.equal(undefined);
    expect(values.get('k99')?.length).to.equal(100);
    values.drop('k99');
    expect(values.get('k99')).to.equal(undefined);
  });

  it('sorts more lines than it holds at once, in byte order', () => {
    const texts = fc.array(fc.string({ unit: 'grapheme', maxLength: 12 }), { maxLength: 60 });
    fc.assert(
      fc.property(texts, (list) => {
        const sorter = new Sorter(scratch, 40);
        for (const text of list) sorter.add(lineText(text));
        const wanted = list
          .map((text) => Buffer.from(text))
          .sort((left, right) => Buffer.compare(left, right));
        const found = [...sorter.sorted()].map((line) => textOf(line));
        expect(found).to.deep.equal(wanted.map((bytes) => bytes.toString()));
        expect([...sorter.sorted()].length).to.equal(list.length);
      }),
      { numRuns: 50 },
    );
  });

  it('writes numbers in their order', () => {
    const numbers = [0, 1, 255, 256, 65_536, 2 ** 32, 2 ** 47];
    const lines = numbers.map(lineNumber);
    expect([...lines].sort()).to.deep.equal(lines);
    expect(lines.map(numberOf)).to.deep.equal(numbers);
  });

  it('remembers of each key the last write, and none that was taken out', () => {
    const written = new WrittenKeys(scratch);
    const value = Uint8Array.of(1);
    written.add(0, [{ key: '~genesis', value }]);
    written.add(1, [
      { key: 'a/x', value },
      { key: 'a-b/x', value },
      { key: 'a/gone', value },
    ]);
    written.add(2, [
      { key: 'a/x', value: Uint8Array.of(2) },
      { key: 'a/gone', value: null },
      { key: 'b/x', value: null },
    ]);
    const all = [...written.all()].map(({ key, height }) => `${key} ${height}`);
    expect(all).to.deep.equal(['a-b/x 1', 'a/x 2', '~genesis 0']);
    expect([...written.ofKind('a')]).to.deep.equal(['a/x']);
    expect([...written.ofKind('b')]).to.deep.equal([]);
  });
});
