import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { expect } from 'chai';
import fc from 'fast-check';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fromHex, toHex } from '../../src/base/bytes.ts';
import { encodeCbor } from '../../src/base/cbor.ts';
import { leafHash, MerkleLog } from '../../src/base/merkle.ts';
import { keyedState, shortHash, shortNode } from '../../src/data/digest/short-hash.ts';
import { CanonicalWriter } from '../../src/data/fingerprint/canonical-rows.ts';
import { RootStack } from '../../src/data/fingerprint/root-stack.ts';
import { SaltedRows } from '../../src/data/fingerprint/salted-rows.ts';
import { Salts, seedAt } from '../../src/data/fingerprint/seed-tree.ts';
import { batchOfTexts } from '../../src/data/row-batch.ts';
import { digestsOf, zeros, type Table } from './support/fingerprint-of.ts';

const vectorsFile = fileURLToPath(new URL('../vectors/fingerprint-2.json', import.meta.url));

interface Vector {
  readonly name: string;
  readonly table: Table | { names: string[]; row: (string | null)[]; repeat: number };
  readonly seed: string;
  readonly bareSalt: string;
  readonly indexKey: string;
  readonly expected: Readonly<Record<string, string>>;
}

const vectors = JSON.parse(readFileSync(vectorsFile, 'utf8')) as Vector[];

function expanded(table: Vector['table']): Table {
  if (!('repeat' in table)) return table;
  const rows = Array.from({ length: table.repeat }, (_, number) =>
    table.row.map((cell) => cell?.replaceAll('#', String(number)) ?? null),
  );
  return { names: table.names, rows };
}

describe('SHA-256 of short inputs', () => {
  const bytes = Uint8Array.from({ length: 300 }, (_, index) => (index * 37) & 0xff);

  it('is that of @noble/hashes for every length around its blocks', () => {
    const out = new Uint8Array(40);
    for (let size = 0; size < 260; size += 1) {
      shortHash(bytes, 3, 3 + size, out, 5);
      expect(toHex(out.subarray(5, 37))).to.equal(toHex(sha256(bytes.subarray(3, 3 + size))));
    }
  });

  it('goes on behind a key’s block, and gives as many words as are asked for', () => {
    const key = bytes.subarray(0, 32);
    const block = new Uint8Array(64);
    block.set(key);
    const out = new Uint8Array(16);
    for (const size of [0, 1, 55, 56, 64, 200]) {
      const text = bytes.subarray(0, size);
      shortHash(text, 0, size, out, 0, { before: keyedState(key), blocksBefore: 1, words: 4 });
      const whole = sha256(Uint8Array.from([...block, ...text]));
      expect(toHex(out)).to.equal(toHex(whole.subarray(0, 16)));
    }
  });

  it('of two nodes is RFC 6962’s', () => {
    const [left, right] = [bytes.slice(0, 32), bytes.slice(32, 64)];
    const expected = sha256(Uint8Array.from([1, ...left, ...right]));
    shortNode(left, 0, right, 0, right, 0);
    expect(toHex(right)).to.equal(toHex(expected));
  });
});

describe('the seed tree', () => {
  const seed = Uint8Array.from({ length: 32 }, (_, index) => index);
  const plain = (from: Uint8Array, index: number, levels: number): Uint8Array => {
    let node = from;
    for (let level = levels - 1; level >= 0; level -= 1) {
      node = hmac(sha256, node, Uint8Array.of((index >> level) & 1));
    }
    return node;
  };

  it('gives by its stream the salts that HMAC gives one by one', () => {
    const salts = new Salts(seed);
    const out = new Uint8Array(32);
    for (let index = 0; index < 70; index += 1) {
      salts.next(out, 0);
      expect(toHex(out)).to.equal(toHex(seedAt(seed, 0, index)));
    }
    expect(toHex(seedAt(seed, 0, 5, 4))).to.equal(toHex(plain(seed, 5, 4)));
  });

  it('opens one chunk with one seed, and no salt beside it', () => {
    const chunk = seedAt(seed, 3, 6);
    for (let index = 0; index < 8; index += 1) {
      expect(toHex(seedAt(chunk, 0, index, 3))).to.equal(toHex(seedAt(seed, 0, 48 + index)));
    }
    expect(toHex(seedAt(chunk, 0, 0, 3))).not.to.equal(toHex(seedAt(seed, 0, 47)));
  });
});

describe('fingerprints, version 2', () => {
  for (const { name, table, seed, bareSalt, indexKey, expected } of vectors) {
    for (const batchRows of [1, 1_000, 5_000]) {
      it(`are those of the vector: ${name}, ${batchRows} rows at a time`, () => {
        const secrets = {
          seed: fromHex(seed),
          bareSalt: fromHex(bareSalt),
          key: fromHex(indexKey),
        };
        const { bare, salted, index } = digestsOf(expanded(table), { ...secrets, batchRows });
        const { header, rowsRoot, root, bareCommitment } = salted;
        expect({
          ...{ header, bare, rowsRoot, root, bareCommitment },
          index: toHex(sha256(fromHex(index))),
        }).to.deep.equal(expected);
      }).timeout(20_000);
    }
  }

  it('are those of the second implementation, in Python', function () {
    const script = fileURLToPath(new URL('./fingerprint.py', import.meta.url));
    const { status, stdout, error } = spawnSync('python3', [script, vectorsFile], {
      encoding: 'utf8',
    });
    if (error) {
      console.log('      skipped: there is no python3 here');
      this.skip();
    }
    expect(stdout).to.match(/tables, 0 digests differ/);
    expect(status).to.equal(0);
  }).timeout(60_000);

  it('have chunks that open alone: a subtree’s seed and rows give the registered tree’s node', () => {
    const seed = new Uint8Array(32).fill(7);
    const rows = Array.from({ length: 11 }, (_, index) => [`row ${index}`, null]);
    const writer = new CanonicalWriter();
    const tree = new MerkleLog();
    const whole = new SaltedRows(seed);
    whole.add(writer.write(batchOfTexts(rows)), (leaf) => tree.append(leaf.slice()));
    expect(toHex(whole.root())).to.equal(toHex(tree.root()));
    const chunk = new SaltedRows(seedAt(seed, 2, 1), 2);
    chunk.add(writer.write(batchOfTexts(rows.slice(4, 8))));
    expect(toHex(chunk.root())).to.equal(toHex(tree.subtreeHash(2, 1)));
  });

  const table: Table = {
    names: ['a', 'b'],
    rows: [
      ['1', 'x'],
      ['2', ''],
      ['3', null],
    ],
  };
  const [one, two, three] = table.rows;
  const changes: [string, Table][] = [
    ['names exchanged', { ...table, names: ['b', 'a'] }],
    ['another name', { ...table, names: ['a', 'c'] }],
    ['a row moved', { ...table, rows: [two ?? [], one ?? [], three ?? []] }],
    ['a row less', { ...table, rows: table.rows.slice(0, 2) }],
    ['a row more', { ...table, rows: [...table.rows, ['3', null]] }],
    ['a cell changed', { ...table, rows: [['1', 'y'], two ?? [], three ?? []] }],
    ['a space behind a cell', { ...table, rows: [['1', 'x '], two ?? [], three ?? []] }],
    ['an empty text for a missing one', { ...table, rows: [one ?? [], two ?? [], ['3', '']] }],
    [
      'the columns exchanged',
      { names: ['b', 'a'], rows: table.rows.map((row) => row.toReversed()) },
    ],
  ];
  for (const [what, changed] of changes) {
    it(`differ for ${what}`, () => {
      const [before, after] = [digestsOf(table), digestsOf(changed)];
      expect(after.bare).not.to.equal(before.bare);
      expect(after.salted.root).not.to.equal(before.salted.root);
    });
  }

  it('take all markers of a missing value for one, and none that is not declared', () => {
    const marked = {
      ...table,
      rows: [
        ['1', 'NA'],
        ['2', '*'],
        ['3', 'NAN'],
      ],
    };
    const expected = digestsOf({
      ...table,
      rows: [
        ['1', null],
        ['2', null],
        ['3', 'NAN'],
      ],
    });
    expect(digestsOf(marked, { missing: ['NA', '*'] }).bare).to.equal(expected.bare);
    expect(digestsOf(marked).bare).not.to.equal(expected.bare);
  });

  it('tell nothing of the rows without the seed: another seed is another root, of the same bare root', () => {
    const [first, second] = [digestsOf(table), digestsOf(table, { seed: zeros.map(() => 1) })];
    expect(first.bare).to.equal(second.bare);
    expect(first.salted.rowsRoot).not.to.equal(second.salted.rowsRoot);
  });

  it('rest on rows that are canonical CBOR, for any cells', () => {
    const cell = fc.oneof(fc.constant(null), fc.string({ maxLength: 70 }));
    const rows = fc.integer({ min: 1, max: 30 }).chain((width) =>
      fc.array(fc.array(cell, { minLength: width, maxLength: width }), {
        minLength: 1,
        maxLength: 5,
      }),
    );
    fc.assert(
      fc.property(rows, (texts) => {
        const canonical = new CanonicalWriter().write(batchOfTexts(texts));
        for (const [row, cells] of texts.entries()) {
          const bytes = canonical.bytes.subarray(
            canonical.rowStarts[row],
            canonical.rowStarts[row + 1],
          );
          expect(toHex(bytes)).to.equal(toHex(encodeCbor(cells)));
        }
      }),
    );
  });

  it('keep one hash a level for the root that a whole tree has', () => {
    const [stack, tree] = [new RootStack(), new MerkleLog()];
    for (let index = 0; index < 70; index += 1) {
      expect(toHex(stack.root())).to.equal(toHex(tree.root()));
      const leaf = leafHash(Uint8Array.of(index));
      stack.push(leaf, 0);
      tree.append(leaf);
    }
  });
});
