import { expect } from 'chai';
import fc from 'fast-check';
import { encodeCbor } from '../../../../src/base/cbor.ts';
import { taggedHashHex } from '../../../../src/base/hash.ts';
import { buildPoseidon, type Poseidon } from 'circomlibjs';
import { kAnonymityCommitment, wideHash } from '../../../../src/privacy/zk/prover/poseidon.ts';
import {
  kAnonymityPublics,
  kAnonymityTag,
  listingBinding,
  prepareKAnonymity,
  quasiIdentifierElement,
} from '../../../../src/privacy/zk/statements/k-anonymity.ts';
import { scalarFieldOrder } from '../../../../src/privacy/zk/verifier/field.ts';
import { smallColumn, smallParameters } from '../small-proof.ts';

const salt = 99n;

describe('prepareKAnonymity', () => {
  const column = (...runs: readonly [element: bigint, size: number][]): bigint[] =>
    runs.flatMap(([element, size]) => Array.from({ length: size }, () => element));

  it('passes a column of large enough, contiguous classes', () => {
    const inputs = { binding: 1n, salt, column: smallColumn };
    const outcome = prepareKAnonymity(smallParameters, inputs);
    expect(outcome).to.deep.equal({ ok: true, value: inputs });
  });

  const limit = 1n << 248n;
  const rows: readonly [
    name: string,
    column: bigint[],
    salt: bigint,
    code: string,
    detail: string,
  ][] = [
    ['15 rows', column([1n, 15]), salt, 'ZK_COLUMN_ROW_COUNT', '15 rows'],
    ['17 rows', column([1n, 17]), salt, 'ZK_COLUMN_ROW_COUNT', '17 rows'],
    ['a salt of 32 bytes', smallColumn, limit, 'ZK_SALT_RANGE', 'salt'],
    ['a negative salt', smallColumn, -1n, 'ZK_SALT_RANGE', 'salt'],
    [
      'an element of 2^248',
      column([1n, 13], [limit, 3]),
      salt,
      'ZK_COLUMN_ELEMENT_RANGE',
      'row 13',
    ],
    [
      'the element r - 1',
      column([scalarFieldOrder - 1n, 16]),
      salt,
      'ZK_COLUMN_ELEMENT_RANGE',
      'row 0',
    ],
    [
      'the element r - 5',
      column([scalarFieldOrder - 5n, 16]),
      salt,
      'ZK_COLUMN_ELEMENT_RANGE',
      'row 0',
    ],
    ['a negative element', column([-1n, 16]), salt, 'ZK_COLUMN_ELEMENT_RANGE', 'row 0'],
    [
      'a class in two parts',
      column([1n, 5], [2n, 5], [1n, 6]),
      salt,
      'ZK_COLUMN_NOT_CONTIGUOUS',
      'row 0 begins again at row 10',
    ],
    [
      'a first class of 2',
      column([1n, 2], [2n, 14]),
      salt,
      'ZK_CLASS_TOO_SMALL',
      'class 0, from row 0, has 2 rows where k is 3',
    ],
    [
      'a last class of 2',
      column([1n, 14], [2n, 2]),
      salt,
      'ZK_CLASS_TOO_SMALL',
      'class 1, from row 14, has 2 rows',
    ],
    [
      'a middle class of 1',
      column([1n, 8], [2n, 1], [3n, 7]),
      salt,
      'ZK_CLASS_TOO_SMALL',
      'class 1, from row 8, has 1 rows',
    ],
  ];
  for (const [name, given, givenSalt, code, detail] of rows) {
    it(`refuses ${name}: ${code}`, () => {
      const inputs = { binding: 1n, salt: givenSalt, column: given };
      const outcome = prepareKAnonymity(smallParameters, inputs);
      if (outcome.ok) throw new Error('accepted');
      expect(outcome.result.name).to.equal(code);
      expect(outcome.detail).to.include(detail);
    });
  }
});

describe('packing and binding', () => {
  it('an element is the first 31 bytes of the tagged hash over the canonical CBOR', () => {
    const digest = taggedHashHex('dxl/zk-quasi-identifier/1', encodeCbor(['CA', '2001']));
    expect(quasiIdentifierElement(['CA', '2001'])).to.equal(BigInt(`0x${digest.slice(0, 62)}`));
  });

  it('a tuple is not its concatenation, and order counts', () => {
    const elements = [['ab', 'c'], ['a', 'bc'], ['abc'], ['c', 'ab'], []].map(
      quasiIdentifierElement,
    );
    expect(new Set(elements).size).to.equal(5);
  });

  const base = {
    chainId: 'dxl-test',
    circuitId: 'k-anonymity-16-k3',
    listingId: 'listing-1',
    revision: 1n,
    sellerOrgId: 'org-1',
  };
  const changes = [
    { chainId: 'other' },
    { circuitId: 'other' },
    { listingId: 'other' },
    { revision: 2n },
    { sellerOrgId: 'other' },
  ];
  for (const change of changes) {
    it(`the binding names ${Object.keys(change).join()}`, () => {
      expect(listingBinding({ ...base, ...change })).to.not.equal(listingBinding(base));
    });
  }

  it('the binding is below 2^248 and second of the publics', () => {
    const binding = listingBinding(base);
    expect(binding >> 248n).to.equal(0n);
    expect(kAnonymityPublics({ commitment: 7n, binding })).to.deep.equal([7n, binding]);
  });
});

describe('wideHash', () => {
  let poseidon: Poseidon;
  before(async () => {
    poseidon = await buildPoseidon();
  });

  /** The same chain over an independent implementation of Poseidon, circomlib's own. */
  function independently(tag: bigint, inputs: readonly bigint[]): bigint {
    const message = [BigInt(inputs.length), ...inputs];
    while (message.length % 15 !== 0) message.push(0n);
    let chained = tag;
    for (let offset = 0; offset < message.length; offset += 15) {
      chained = poseidon.F.toObject(poseidon([chained, ...message.slice(offset, offset + 15)]));
    }
    return chained;
  }

  it('agrees with circomlibjs around every block boundary', () => {
    for (const length of [0, 1, 13, 14, 15, 29, 30]) {
      const inputs = Array.from({ length }, (_, index) => scalarFieldOrder - 1n - BigInt(index));
      expect(wideHash(5n, inputs)).to.equal(independently(5n, inputs));
    }
  });

  it('depends on tag, length and each input', () => {
    const digests = [
      wideHash(5n, [1n, 2n]),
      wideHash(6n, [1n, 2n]),
      wideHash(5n, [1n, 2n, 0n]),
      wideHash(5n, [2n, 1n]),
    ];
    expect(new Set(digests).size).to.equal(4);
  });

  it('the commitment hides behind its salt and depends on rows and k', () => {
    const parameters = [
      smallParameters,
      { ...smallParameters, k: 4 },
      { ...smallParameters, rows: 17 },
    ];
    const digests = [
      ...parameters.map((one) => kAnonymityCommitment(one, salt, smallColumn)),
      kAnonymityCommitment(smallParameters, salt + 1n, smallColumn),
    ];
    expect(new Set(digests).size).to.equal(4);
    const expected = independently(kAnonymityTag, [16n, 3n, salt, ...smallColumn]);
    expect(digests[0]).to.equal(expected);
  });

  it('treats an input at or above r as a bug of the caller', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: scalarFieldOrder, max: 1n << 256n }), (input) => {
        expect(() => wideHash(1n, [input])).to.throw('below r');
      }),
      { numRuns: 10 },
    );
  });
});
