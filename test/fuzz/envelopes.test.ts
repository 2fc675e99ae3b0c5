/** Nothing that comes as an envelope makes the machine throw, wonder or grow. */
import { expect } from 'chai';
import fc from 'fast-check';
import { concat, fromHex } from '../../src/base/bytes.ts';
import { encodeCbor, type CborValue } from '../../src/base/cbor.ts';
import { success, type Outcome } from '../../src/base/result.ts';
import { Machine } from '../../src/chain/machine/machine.ts';
import { exchangeParts, registry } from '../../src/chain/rooms.ts';
import { signEnvelope, signatureInput } from '../../src/chain/tx/envelope.ts';
import { txResults } from '../../src/chain/tx/results.ts';
import { chainId, operator, simulationGenesis } from '../simulation/cast.ts';
import { Generator } from '../simulation/generator.ts';
import { prologue } from '../simulation/prologue.ts';
import { Random } from '../simulation/random.ts';
import { View } from '../simulation/view.ts';

const { parameters } = simulationGenesis;

/** A machine with a product on the market, one block in. */
function newMachine(): Machine {
  const machine = new Machine(simulationGenesis, { ...exchangeParts, verifyProof: () => success });
  machine.initChain();
  const envelopes = prologue(new Generator(new Random(1, 'fuzz'), new View()), true);
  machine.finalizeBlock({ height: 1, timeMs: simulationGenesis.timeMs, envelopes });
  machine.commit();
  return machine;
}

const numbers = [...registry.operations.keys()];

/** Any value that canonical CBOR of a ledger can hold. */
const value: fc.Arbitrary<CborValue> = fc.letrec<{ value: CborValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
    fc.string({ maxLength: 80 }),
    fc.uint8Array({ maxLength: 300 }),
    fc.constantFrom(null, true, false, 'seller-1', 'registration-0', 'listing-1'),
    fc.array(tie('value'), { maxLength: 24 }),
  ),
})).value;

const operation = fc.tuple(
  fc.oneof(fc.constantFrom(...numbers), fc.nat(10_000)),
  fc.oneof(
    { weight: 3, arbitrary: fc.array(value, { maxLength: 24 }) },
    { weight: 1, arbitrary: value },
  ),
);

/** Signed by a key of the chain: the fuzz reaches past the signature into every operation. */
const signedEnvelope = fc
  .record({
    sequence: fc.oneof(fc.integer({ min: 2, max: 17 }), fc.maxSafeNat()),
    expiryHeight: fc.oneof(fc.integer({ min: 2, max: 102 }), fc.maxSafeNat()),
    operations: fc.array(operation, { maxLength: parameters.operationsMax + 3 }),
  })
  .map(({ sequence, expiryHeight, operations }) =>
    signEnvelope(chainId, operator, {
      sequence,
      expiryHeight,
      operations: operations.map(([number, command]) => ({ number, command })),
    }),
  );

const wrapped = (payload: Uint8Array): Uint8Array =>
  concat(
    fromHex('d2845826a20127045820'),
    fromHex(operator.keyId),
    fromHex('a0'),
    encodeCbor(payload),
    encodeCbor(operator.sign(signatureInput(chainId, fromHex(operator.keyId), payload))),
  );

/** A sound wrapper and signature around a payload that is any value or any bytes. */
const strangePayload = fc.oneof(
  value.map((any) => wrapped(encodeCbor(any))),
  fc.uint8Array({ maxLength: 400 }).map(wrapped),
);

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 600 }),
  fc
    .tuple(signedEnvelope, fc.nat(), fc.integer({ min: 1, max: 255 }))
    .map(([whole, at, mask]) =>
      whole.map((byte, index) => (index === at % whole.length ? byte ^ mask : byte)),
    ),
  fc.tuple(signedEnvelope, fc.nat()).map(([whole, at]) => whole.subarray(0, at % whole.length)),
  fc
    .tuple(signedEnvelope, fc.uint8Array({ minLength: 1, maxLength: 40 }))
    .map(([whole, more]) => concat(whole, more)),
  signedEnvelope,
  strangePayload,
);

const rowCount = (machine: Machine): number => [...machine.stateRows()].length;

/** A refusal is one of the table's own, with a detail for whoever reads it. */
function expectKnown(outcome: Outcome<unknown>): void {
  if (outcome.ok) return;
  expect(registry.results.get(outcome.result.code)).to.equal(outcome.result);
  expect(outcome.detail).to.be.a('string').and.not.equal('');
}

describe('fuzz: envelopes', function () {
  this.timeout(300_000);
  const machine = newMachine();
  const before = machine.info().appHash;
  const txCodes = new Set(Object.values(txResults).map(({ code }) => code));

  it('checkTx refuses with a code of the envelope or accepts, never throws, keeps nothing', () => {
    fc.assert(
      fc.property(bytes, (any) => {
        const outcome = machine.checkTx(any);
        expectKnown(outcome);
        if (!outcome.ok) expect(txCodes).to.include(outcome.result.code);
      }),
      { numRuns: 800 },
    );
    expect(machine.info().appHash).to.equal(before);
  });

  it('prepareProposal parts candidates into accepted and refused, and its own block is accepted', () => {
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 8 }), (candidates) => {
        const { accepted, refused } = machine.prepareProposal(candidates);
        expect(accepted.length + refused.length).to.be.at.most(candidates.length);
        for (const { refusal } of refused) expectKnown(refusal);
        expect(machine.processProposal(accepted)).to.equal(true);
        if (refused.length > 0) expect(machine.processProposal(candidates)).to.equal(false);
      }),
      { numRuns: 150 },
    );
    expect(machine.info().appHash).to.equal(before);
  });

  it('finalizeBlock gives each a receipt; what is refused leaves at most its sequence number', () => {
    const sequenceRow = `~sequence/${operator.keyId}`;
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 8 }), (envelopes) => {
        const timeMs = simulationGenesis.timeMs + 1_000;
        const { results, leaves, changes } = machine.finalizeBlock({
          height: 2,
          timeMs,
          envelopes,
        });
        machine.abandon();
        expect(results.length).to.equal(envelopes.length);
        for (const { outcome } of results) expectKnown(outcome);
        if (results.some(({ outcome }) => outcome.ok)) return;
        expect(leaves.length).to.equal(envelopes.length);
        expect(changes.filter(({ key }) => key !== sequenceRow)).to.deep.equal([]);
      }),
      { numRuns: 250 },
    );
    expect(machine.info().appHash).to.equal(before);
  });

  it('committed blocks of refused bytes alone add no row beyond sequence numbers', () => {
    const own = newMachine();
    const rows = rowCount(own);
    for (const [index, envelopes] of fc
      .sample(
        fc.array(fc.oneof(fc.uint8Array({ maxLength: 600 }), strangePayload), { maxLength: 8 }),
        {
          numRuns: 60,
          seed: 20_260_302,
        },
      )
      .entries()) {
      const timeMs = simulationGenesis.timeMs + index;
      own.finalizeBlock({ height: index + 2, timeMs, envelopes });
      own.commit();
    }
    expect(rowCount(own)).to.equal(rows);
  });

  it('memory does not grow with what is refused', function () {
    const collect = (globalThis as { gc?: () => void }).gc;
    const samples = fc.sample(bytes, { numRuns: 400, seed: 7 });
    const round = (): void => {
      for (const any of samples) machine.checkTx(any);
    };
    for (let warm = 0; warm < 5; warm += 1) round();
    collect?.();
    const start = process.memoryUsage().heapUsed;
    for (let rounds = 0; rounds < 20; rounds += 1) round();
    collect?.();
    // 8,000 envelopes of some hundred bytes each would be megabytes, were they kept. Without a
    // forced collection, garbage of one young generation may still be there.
    expect(process.memoryUsage().heapUsed - start).to.be.below(collect ? 2_000_000 : 64_000_000);
  });
});

describe('fuzz: limits are named where they are met', () => {
  const machine = newMachine();
  const probe = { number: 301, command: ['valuation-none', 1n] };
  const signed = (changed: Partial<Parameters<typeof signEnvelope>[2]>): Uint8Array =>
    signEnvelope(chainId, operator, {
      sequence: 2,
      expiryHeight: 50,
      operations: [probe],
      ...changed,
    });
  const nested = (depth: number): CborValue => (depth === 0 ? 1n : [nested(depth - 1)]);
  const { envelopeBytesMax, operationsMax, sequenceWindow, expirySpanMax } = parameters;

  const rows: readonly [what: string, bytes: Uint8Array, code: string, limit: string][] = [
    [
      'size',
      signed({ operations: [{ number: 301, command: new Uint8Array(envelopeBytesMax) }] }),
      'ENVELOPE_TOO_LARGE',
      String(envelopeBytesMax),
    ],
    [
      'operations',
      signed({ operations: Array.from({ length: operationsMax + 1 }, () => probe) }),
      'ENVELOPE_TOO_MANY_OPERATIONS',
      String(operationsMax),
    ],
    [
      'depth',
      signed({ operations: [{ number: 301, command: nested(20) }] }),
      'ENVELOPE_MALFORMED',
      'deeper than 16',
    ],
    [
      'depth far beyond the stack',
      wrapped(new Uint8Array(envelopeBytesMax - 300).fill(0x81)),
      'ENVELOPE_MALFORMED',
      'deeper than 16',
    ],
    ['sequence', signed({ sequence: 99 }), 'SEQUENCE_TOO_FAR', String(1 + sequenceWindow)],
    ['expiry', signed({ expiryHeight: 999 }), 'ENVELOPE_EXPIRY_TOO_FAR', String(2 + expirySpanMax)],
  ];

  for (const [what, envelope, code, limit] of rows) {
    it(`${what}: ${code} names ${limit}`, () => {
      const outcome = machine.checkTx(envelope);
      expect(outcome.ok ? 'OK' : outcome.result.name).to.equal(code);
      if (!outcome.ok) expect(outcome.detail).to.include(limit);
    });
  }

  it('and just within them an envelope is accepted', () => {
    const operations = Array.from({ length: operationsMax }, () => probe);
    const expiryHeight = 2 + expirySpanMax;
    const outcome = machine.checkTx(
      signed({ operations, sequence: 1 + sequenceWindow, expiryHeight }),
    );
    expect(outcome.ok ? 'OK' : `${outcome.result.name} ${outcome.detail}`).to.equal('OK');
  });
});
