/** C06 where organisations change on the way: stated anew, sealed to otherwise, with a recovered key. */
import { expect } from 'chai';
import { assembleDossier } from '../../src/client/dossier/assemble.ts';
import { verifyDossier } from '../../src/dossier/verify.ts';
import { recoveryRecord } from '../../src/identity/state.ts';
import { coldBuildMs } from '../privacy/zk/small-proof.ts';
import { possessionOf } from './cast.ts';
import { failing, parsed, rewritten, type Edit } from './forge.ts';
import { agree, fileDeal, handOver, openMarket, payOut, settle } from './scenario.ts';
import { keyOf, type World } from './world.ts';

const deal = fileDeal;
const { tradeId } = deal;
const newKey = keyOf('buyer-new');
const reason = 'As the register has it';
const buyer = { organisationId: 'buyer', beneficialOwner: 'Buyer Holding' };

/** The seller gets another name and sealing key; the buyer loses its key, and accepts by a recovered one. */
async function play(): Promise<World> {
  const world = await openMarket({ machineVersion: 2 });
  agree(world, deal);
  const seller = { organisationId: 'seller', name: 'Seller Renamed', beneficialOwner: null };
  world.submit('operator', ['identity.restate', { ...seller, roles: ['ADMIN', 'SELLER'], reason }]);
  world.submit('operator', [
    'identity.restate',
    { ...buyer, name: 'Buyer', roles: ['ADMIN', 'BUYER'], reason },
  ]);
  world.submit('seller', ['identity.change-sealing-key', { encryptionKey: '7'.repeat(64) }]);
  world.submit('operator', ['identity.revoke-key', { keyId: keyOf('buyer').keyId, reason }]);
  world.submit('operator', [
    'identity.propose-recovery',
    {
      ...{ recoveryId: newKey.keyId, organisationId: 'buyer', publicKey: newKey.publicKey },
      ...{ encryptionKey: '8'.repeat(64), evidence: 'a'.repeat(64), reason },
      possession: possessionOf('buyer-new', 'buyer'),
    },
  ]);
  const { publicUntilMs } = world.get(recoveryRecord, newKey.keyId);
  world.wait(publicUntilMs - world.timeMs);
  const digest = handOver(world, tradeId);
  world.submit('buyer-new', ['trading.accept-delivery', { tradeId, digest }]);
  settle(world, tradeId);
  payOut(world, tradeId);
  return world;
}

/** Long after the key is registered. */
const laterMs = 4_000_000_000_000;

describe('a dossier of organisations that live on', function () {
  this.timeout(coldBuildMs);
  let world: World;
  let bytes: Uint8Array;

  before(async () => {
    world = await play();
    bytes = await assembleDossier(world, { trades: [tradeId], key: newKey });
  });

  it('holds, and shows the recovery by which the buyer came to its key', () => {
    const report = verifyDossier(bytes);
    expect(report.outcome, JSON.stringify(report.claims)).to.equal('HOLDS');
    const shown = JSON.stringify(parsed(bytes));
    expect(shown).to.contain(newKey.keyId);
  });

  const forgeries: { what: string; edits: Record<string, Edit> }[] = [
    {
      what: 'a recovered key with a role that its organisation does not hold',
      edits: {
        [`identity.key-added ${newKey.keyId}`]: (record) =>
          (record.roles = ['ADMIN', 'BUYER', 'SELLER']),
      },
    },
    {
      what: 'a recovery of another organisation',
      edits: {
        [`identity.recovery-proposed ${newKey.keyId}`]: (record) =>
          (record.organisationId = 'seller'),
      },
    },
    {
      what: 'a role that the buyer had lost before it accepted',
      edits: { 'identity.restated buyer': (record) => (record.roles = ['ADMIN']) },
    },
    {
      what: 'a key that came before its publicity had passed',
      edits: {
        [`identity.recovery-proposed ${newKey.keyId}`]: (record) =>
          (record.publicUntilMs = laterMs),
        [`identity.recovered ${newKey.keyId}`]: (record) => (record.publicUntilMs = laterMs),
      },
    },
  ];
  for (const { what, edits } of forgeries) {
    it(`fails with ${what}`, () => {
      expect(failing(rewritten(world, parsed(bytes), edits))).to.include('C06');
    });
  }
});
