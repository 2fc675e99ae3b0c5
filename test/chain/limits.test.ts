/**
 * Every limit on what is sent: at it accepted, one beyond it refused, by name and number. Proofs are in
 * proof-limits.test.ts, what is written in output-limits.test.ts, bytes of a block in machine.test.ts,
 * the queue in embedded.test.ts.
 */
import { expect } from 'chai';
import type { CborValue } from '../../src/base/cbor.ts';
import type { Outcome } from '../../src/base/result.ts';
import type { EnvelopeOperation } from '../../src/chain/tx/envelope.ts';
import { put } from './probe-room.ts';
import { operationOf, sign, TestChain, testGenesis } from './test-chain.ts';

const { parameters } = testGenesis();
const note = operationOf(put, { id: 'probe-1', note: 'x' });

const named = (outcome: Outcome<unknown>): string =>
  outcome.ok ? 'OK' : `${outcome.result.name}: ${outcome.detail}`;

/** What is said of an envelope of the operator on a chain of height 1 whose sequence is at 0. */
function answer(bytes: Uint8Array): string {
  const chain = new TestChain();
  chain.block();
  return named(chain.machine.checkTx(bytes));
}

/** An envelope of exactly so many bytes; what fills it fits no schema. */
function ofSize(size: number): Uint8Array {
  let letters = size - 200;
  for (;;) {
    const operation: EnvelopeOperation = { number: put.number, command: ['x'.repeat(letters)] };
    const bytes = sign(operation, { sequence: 1 });
    if (bytes.length === size) return bytes;
    letters += size - bytes.length;
  }
}

/** Arrays in arrays, `depth` of them around a number. */
const nested = (depth: number): CborValue => (depth === 0 ? 0n : [nested(depth - 1)]);

/** The payload, its operations and each operation are arrays themselves. */
const ofDepth = (depth: number): Uint8Array =>
  sign({ number: put.number, command: nested(depth - 3) }, { sequence: 1 });

const many = (count: number): Uint8Array => sign(new Array(count).fill(note), { sequence: 1 });

const rows: readonly (readonly [
  limit: string,
  most: number,
  make: (size: number) => Uint8Array,
  at: RegExp,
  over: string,
])[] = [
  [
    'envelopeBytesMax',
    parameters.envelopeBytesMax,
    ofSize,
    /^OPERATION_MALFORMED/,
    'ENVELOPE_TOO_LARGE: It has 16385 bytes; 16384 (envelopeBytesMax) may be.',
  ],
  [
    'operationsMax',
    parameters.operationsMax,
    many,
    /^OK$/,
    'ENVELOPE_TOO_MANY_OPERATIONS: 9 operations; 8 (operationsMax) may be.',
  ],
  ['the depth of nesting', 16, ofDepth, /^OPERATION_MALFORMED/, 'nested deeper than 16'],
  [
    'sequenceWindow',
    parameters.sequenceWindow,
    (sequence) => sign(note, { sequence }),
    /^OK$/,
    'SEQUENCE_TOO_FAR: Sequence 17; at most 16 may be used now: 16 (sequenceWindow) ahead.',
  ],
  [
    'expirySpanMax',
    parameters.expirySpanMax + 2,
    (expiryHeight) => sign(note, { sequence: 1, expiryHeight }),
    /^OK$/,
    'ENVELOPE_EXPIRY_TOO_FAR: Expiry height 1003; at most 1002 may be: 1000 (expirySpanMax) ahead.',
  ],
];

describe('chain: limits on what is sent', () => {
  for (const [limit, most, make, at, over] of rows) {
    it(`${limit}: ${most} may be, and not one more`, () => {
      expect(answer(make(most))).to.match(at);
      expect(answer(make(most + 1))).to.contain(over);
    });
  }

  it('blockEnvelopesMax: the rest waits, and a proposal with one more is rejected', () => {
    const all = [1, 2, 3, 4].map((sequence) => sign(note, { sequence }));
    const takenOf = (limits: Partial<typeof parameters>): number => {
      const chain = new TestChain(testGenesis({ parameters: { ...parameters, ...limits } }));
      chain.block();
      const { accepted, refused } = chain.machine.prepareProposal(all);
      expect(refused).to.deep.equal([]);
      expect(chain.machine.processProposal(accepted)).to.equal(true);
      expect(chain.machine.processProposal(all)).to.equal(accepted.length === all.length);
      return accepted.length;
    };
    expect(takenOf({ blockEnvelopesMax: 4 })).to.equal(4);
    expect(takenOf({ blockEnvelopesMax: 3 })).to.equal(3);
  });
});
