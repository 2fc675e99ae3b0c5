/** A few bytes that rewrite a large record: what is written is bounded, and whom it costs (M-35 to M-38). */
import { expect } from 'chai';
import { toHex } from '../../../src/base/bytes.ts';
import { success } from '../../../src/base/result.ts';
import { defineOperation, defineRecord, type Ledger, type Room } from '../../../src/base/room.ts';
import { identifier, integer, record, text, timeMs, Type } from '../../../src/base/schema.ts';
import { engineResults } from '../../../src/chain/engine/results.ts';
import type { FinalizedBlock } from '../../../src/chain/machine/block.ts';
import { decodeLeaf } from '../../../src/chain/machine/leaf.ts';
import { makeRegistry } from '../../../src/chain/machine/registry.ts';
import { txResults } from '../../../src/chain/tx/results.ts';
import { addKey } from '../../../src/identity/add-key.ts';
import { possessionClaim } from '../../../src/identity/possession.ts';
import { identityRoom } from '../../../src/identity/room.ts';
import { probeRoom, put } from '../probe-room.ts';
import {
  admission,
  keyOf,
  namesOf,
  operationOf,
  sign,
  TestChain,
  testGenesis,
  testParts,
} from '../test-chain.ts';

const bulk = defineRecord({
  name: 'bulk',
  collection: 'bulks',
  title: 'Large record',
  schema: record({ id: identifier(), bytes: Type.String({ maxLength: 65_536 }) }),
  stream: 'material',
});

/** Each writes a record of `size` letters as often as asked, from an envelope of some 200 bytes. */
const inflate = defineOperation({
  number: 960,
  name: 'bulk.inflate',
  title: 'Write much',
  command: record({ id: identifier(), size: integer(0, 65_536), times: integer(1, 100) }),
  roles: [],
  apply(context, { id, size, times }) {
    for (let time = 0; time < times; time += 1) write(context, id, size);
    return success;
  },
});

const later = defineOperation({
  number: 961,
  name: 'bulk.later',
  title: 'Write much when the time comes',
  command: record({ id: identifier(), atMs: timeMs(), note: text(10) }),
  roles: [],
  apply(context, { id, atMs }) {
    context.schedule('bulk.due', id, atMs);
    return success;
  },
});

const write = (ledger: Ledger, id: string, size: number): void =>
  ledger.write(bulk, { id, bytes: 'x'.repeat(size) }, 'bulk.written');

const bulkRoom: Room = {
  name: 'bulk',
  records: [bulk],
  operations: [inflate, later],
  deadlines: [{ name: 'bulk.due', apply: (ledger, id) => write(ledger, id, 1_000) }],
  results: {},
};

const registry = makeRegistry([identityRoom, probeRoom, bulkRoom], txResults, engineResults);
const limits = {
  outputBase: 1_024,
  outputPerByte: 2,
  envelopeExcessMax: 49_152,
  organisationExcessMax: 60_000,
  blockExcessMax: 100_000,
  deadlineOutputMax: 2_500,
};
const { parameters } = testGenesis();
const genesis = testGenesis({ parameters: { ...parameters, ...limits } });

const organisations = ['seller', 'buyer', 'bank'] as const;

function begun(): TestChain {
  const chain = new TestChain(genesis, { ...testParts, registry });
  const admissions = organisations.map((id) => admission(id, ['ADMIN', 'WORKER']));
  expect(chain.run(sign(admissions, { sequence: 1 }))).to.deep.equal(['OK']);
  return chain;
}

const inflated = (by: string, sequence: number, size: number, times = 1): Uint8Array =>
  sign(operationOf(inflate, { id: 'bulk-1', size, times }), { key: keyOf(by), sequence });

/** Bytes of the events of one envelope in a block. */
const outputIn = (block: FinalizedBlock, position = 0): number =>
  block.leaves
    .filter(({ bytes }) => {
      const leaf = decodeLeaf(bytes);
      return leaf.type === 'event' && leaf.envelopeId === block.results[position]?.id;
    })
    .reduce((sum, { bytes }) => sum + bytes.length, 0);

/** The most that `by` may write with one envelope: found by writing, told by the refusal. */
function largestSize(chain: TestChain, by: string): number {
  const probe = chain.block([inflated(by, 1, 10_000)]);
  const frame = outputIn(probe) - 10_000;
  const length = probe.results[0]!.bytes.length;
  return limits.outputBase + limits.outputPerByte * length + limits.envelopeExcessMax - frame;
}

const detailOf = (block: FinalizedBlock, position = 0): string => {
  const outcome = block.results[position]?.outcome;
  return outcome && !outcome.ok ? outcome.detail : '';
};

describe('chain/machine: limits of what is written (M-35 to M-38)', () => {
  it('an envelope writes up to its limit and not a byte more, and the refusal says the numbers', () => {
    const size = largestSize(begun(), 'seller');
    const at = begun().block([inflated('seller', 1, size)]);
    expect(namesOf(at)).to.deep.equal(['OK']);
    const output = outputIn(at);
    const chain = begun();
    const over = chain.block([inflated('seller', 1, size + 1)]);
    expect(namesOf(over)).to.deep.equal(['ENVELOPE_OUTPUT_LIMIT']);
    expect(detailOf(over)).to.equal(
      `It writes ${output + 1} bytes or more; ${output - limits.envelopeExcessMax} for its size ` +
        `and ${limits.envelopeExcessMax} (envelopeExcessMax) beyond may be.`,
    );
    expect(outputIn(over)).to.equal(0);
    expect(over.results[0]?.failedOperation).to.equal(0);
    expect(chain.machine.readRecord(bulk, 'bulk-1')).to.equal(null);
  });

  it('counts every write of a record, also where the same one is written again', () => {
    const block = begun().block([inflated('seller', 1, 2_000, 60)]);
    expect(namesOf(block)).to.deep.equal(['ENVELOPE_OUTPUT_LIMIT']);
  });

  it('names the operation at which the limit was passed, and none of them stays', () => {
    const chain = begun();
    const operations = [1, 2, 3, 4].map((number) =>
      operationOf(inflate, { id: `bulk-${number}`, size: 20_000, times: 1 }),
    );
    const block = chain.block([sign(operations, { key: keyOf('seller'), sequence: 1 })]);
    expect(namesOf(block)).to.deep.equal(['ENVELOPE_OUTPUT_LIMIT']);
    expect(block.results[0]?.failedOperation).to.equal(2);
    for (const id of ['bulk-1', 'bulk-2']) {
      expect(chain.machine.readRecord(bulk, id)).to.equal(null);
    }
  });

  it('refuses an organisation its second large envelope of a block, and nobody else', () => {
    const chain = begun();
    const cheap = sign(operationOf(put, { id: 'probe-1', note: 'x' }), {
      key: keyOf('seller'),
      sequence: 3,
    });
    const block = chain.block([
      inflated('seller', 1, 40_000),
      inflated('seller', 2, 40_000),
      cheap,
      inflated('buyer', 1, 40_000),
    ]);
    expect(namesOf(block)).to.deep.equal(['OK', 'BLOCK_OUTPUT_LIMIT', 'OK', 'OK']);
    expect(detailOf(block, 1)).to.match(
      /^seller would write \d+ bytes .*; 60000 \(organisationExcessMax\) may be\.$/,
    );
  });

  it('counts an organisation’s keys together, and begins anew with every block', () => {
    const chain = begun();
    const { publicKey } = keyOf('second');
    const claim = possessionClaim('dxl-test', 'seller', publicKey);
    const possession = toHex(keyOf('second').sign(claim));
    const second = operationOf(addKey, { publicKey, roles: ['WORKER'], possession });
    expect(chain.run(sign(second, { key: keyOf('seller'), sequence: 1 }))).to.deep.equal(['OK']);
    const both = [inflated('seller', 2, 40_000), inflated('second', 1, 40_000)];
    expect(chain.run(...both)).to.deep.equal(['OK', 'BLOCK_OUTPUT_LIMIT']);
    expect(chain.run(inflated('second', 2, 40_000))).to.deep.equal(['OK']);
  });

  it('bounds the block: what comes too late is refused, uses its sequence, and is sent anew', () => {
    const chain = begun();
    const block = chain.block(organisations.map((id) => inflated(id, 1, 48_000)));
    expect(namesOf(block)).to.deep.equal(['OK', 'OK', 'BLOCK_OUTPUT_LIMIT']);
    expect(detailOf(block, 2)).to.match(
      /^The block would hold \d+ bytes .*; 100000 \(blockExcessMax\) may be\.$/,
    );
    expect(chain.run(inflated('bank', 1, 48_000))).to.deep.equal(['SEQUENCE_USED']);
    expect(chain.run(inflated('bank', 2, 48_000))).to.deep.equal(['OK']);
  });

  it('does not count what an envelope pays for by its size, nor what was refused', () => {
    const chain = begun();
    const small = (sequence: number) => inflated('seller', sequence, 500);
    const many = Array.from({ length: 14 }, (_, at) => small(at + 1));
    const [first, ...rest] = chain.run(...many, inflated('seller', 15, 48_000));
    expect([first, ...rest]).to.deep.equal(new Array(15).fill('OK'));
    const refused = begun().run(
      inflated('seller', 1, 60_000),
      inflated('seller', 2, 60_000),
      inflated('seller', 3, 48_000),
    );
    expect(refused).to.deep.equal(['ENVELOPE_OUTPUT_LIMIT', 'ENVELOPE_OUTPUT_LIMIT', 'OK']);
  });

  it('deadlines stop once they have written their share, and go on in the next block', () => {
    const chain = begun();
    const atMs = chain.timeMs + 10_000;
    const ids = ['due-1', 'due-2', 'due-3', 'due-4', 'due-5'];
    const set = ids.map((id) => operationOf(later, { id, atMs, note: 'x' }));
    expect(chain.run(sign(set, { sequence: 2 }))).to.deep.equal(['OK']);
    const met = () => ids.filter((id) => chain.machine.readRecord(bulk, id) !== null);
    chain.block([], atMs);
    expect(met()).to.deep.equal(ids.slice(0, 3));
    expect(chain.machine.nextDeadlineMs).to.equal(atMs);
    chain.block([], atMs);
    expect(met()).to.deep.equal(ids);
    expect(chain.machine.nextDeadlineMs).to.equal(null);
  });
});
