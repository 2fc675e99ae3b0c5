/** Proofs are dear: a block full of them, sent by one seller, must not stop everybody. */
import { expect } from 'chai';
import { success } from '../../../src/base/result.ts';
import { defineOperation, type Room } from '../../../src/base/room.ts';
import { identifier, record } from '../../../src/base/schema.ts';
import { engineResults } from '../../../src/chain/engine/results.ts';
import { makeRegistry } from '../../../src/chain/machine/registry.ts';
import { txResults } from '../../../src/chain/tx/results.ts';
import { identityRoom } from '../../../src/identity/room.ts';
import { proveSample } from '../../../src/listing/prove-sample.ts';
import { probeRoom, put } from '../probe-room.ts';
import {
  admission,
  keyOf,
  operationOf,
  sign,
  TestChain,
  testGenesis,
  testParts,
} from '../test-chain.ts';

const prove = defineOperation({
  number: 950,
  name: 'costly.prove',
  title: 'Verify a proof',
  command: record({ id: identifier() }),
  roles: [],
  proofs: 1,
  apply: () => success,
});

const costlyRoom: Room = {
  name: 'costly',
  records: [],
  operations: [prove],
  deadlines: [],
  results: {},
};

const registry = makeRegistry([identityRoom, probeRoom, costlyRoom], txResults, engineResults);
const { parameters } = testGenesis();
const genesis = testGenesis({ parameters: { ...parameters, operationsMax: 16 } });

const proofs = (count: number, sequence: number, key = keyOf('operator')): Uint8Array =>
  sign(new Array(count).fill(operationOf(prove, { id: 'proof-1' })), { key, sequence });

const begun = (): TestChain => new TestChain(genesis, { ...testParts, registry });

describe('chain/machine: limits of proofs', () => {
  it('eight in an envelope, and not one more', () => {
    const { machine } = begun();
    expect(machine.checkTx(proofs(8, 1)).ok).to.equal(true);
    const checked = machine.checkTx(proofs(9, 1));
    expect(checked.ok || checked.result.name).to.equal('ENVELOPE_TOO_MANY_PROOFS');
  });

  it('thirty-two in a block: the rest of the key waits in its order, others do not', () => {
    const chain = begun();
    chain.run(sign(admission('other', ['BUYER']), { sequence: 1 }));
    const costly = [2, 3, 4, 5, 6, 7].map((sequence) => proofs(8, sequence));
    const after = sign(operationOf(put, { id: 'probe-1', note: 'after' }), { sequence: 8 });
    const note = operationOf(put, { id: 'probe-2', note: 'by another' });
    const others = sign(note, { key: keyOf('other'), sequence: 1 });
    const { accepted, refused } = chain.machine.prepareProposal([...costly, after, others]);
    expect(refused).to.deep.equal([]);
    expect(accepted).to.deep.equal([...costly.slice(0, 4), others]);
    expect(chain.machine.processProposal(costly)).to.equal(false);
    chain.run(...accepted);
    const left = [...costly.slice(4), after];
    expect(chain.machine.prepareProposal(left).accepted).to.deep.equal(left);
  });

  it('count the one operation that verifies a proof', () => {
    expect(proveSample.proofs).to.equal(1);
  });
});
