import { expect } from 'chai';
import { concat, fromHex, toHex } from '../../../src/base/bytes.ts';
import type { NamedOperation } from '../../../src/client/commands.ts';
import { act, ids } from '../../../src/demo/scenario.ts';
import {
  draftCommand,
  editCommand,
  listingCommand,
  proveSampleCommand,
  stateProfileCommand,
  type ListingFacts,
} from '../../../src/listing/schema.ts';
import { listingProfileRecord, listingRecord } from '../../../src/listing/state.ts';
import {
  kAnonymityPublics,
  listingBinding,
} from '../../../src/privacy/zk/statements/k-anonymity.ts';
import { outsideSubgroup, withCoordinate } from '../../privacy/zk/points.ts';
import { forgeProof } from '../support/forge.ts';
import type { MidTrade } from '../support/mid-trade.ts';
import { refuses, refusesBytes, sign } from '../support/refusal.ts';

const circuitId = 'k-anonymity-512-k5';

/** Proofs for a second listing of the same sample; true ones are forged, as a development key lets. */
export function proofRefusals(world: () => MidTrade): void {
  const other = 'other-listing';

  const handIn = (proof: Uint8Array): NamedOperation =>
    act('listing.prove-sample', proveSampleCommand, { listingId: other, proof: toHex(proof) });

  const forged = async (changes: { chainId?: string; listingId?: string; revision?: bigint }) => {
    const { genesis } = world().exchange;
    const { sample } = await world().player('seller').read(listingRecord, ids.listing);
    const place = { chainId: genesis.chainId, listingId: other, revision: 1n, ...changes };
    const binding = listingBinding({ ...place, circuitId, sellerOrgId: 'seller' });
    const publics = kAnonymityPublics({ commitment: BigInt(`0x${sample.commitment}`), binding });
    return forgeProof(genesis, circuitId, publics);
  };

  const facts = async (): Promise<ListingFacts> => {
    const listing = await world().player('seller').read(listingRecord, ids.listing);
    const names = Object.keys(editCommand.properties).filter((name) => name !== 'listingId');
    const chosen = Object.entries(listing).filter(([name]) => names.includes(name));
    return Object.fromEntries(chosen) as ListingFacts;
  };

  before(async () => {
    const kept = await facts();
    await world()
      .player('seller')
      .submit(
        act('listing.draft', draftCommand, {
          listingId: other,
          registrationId: ids.registration,
          ...kept,
        }),
      );
  });

  it('of another listing, chain or revision', async () => {
    const { sampleProof } = await world().player('seller').read(listingRecord, ids.listing);
    await refuses(world(), 'seller', handIn(fromHex(sampleProof ?? '')), 'ZK_PROOF_INVALID');
    for (const changes of [
      { chainId: 'another-chain' },
      { listingId: ids.listing },
      { revision: 2n },
    ]) {
      await refuses(world(), 'seller', handIn(await forged(changes)), 'ZK_PROOF_INVALID');
    }
  });

  it('that are not points, not on the curve, or not in the subgroup', async () => {
    const proof = await forged({});
    const { x, y } = outsideSubgroup().toAffine();
    const outside = [x.c1, x.c0, y.c1, y.c0].reduce(
      (bytes, value, index) => withCoordinate(bytes, 2 + index, value),
      proof,
    );
    const rows: [Uint8Array, string][] = [
      [withCoordinate(proof, 0, 2n ** 256n - 1n), 'ZK_COORDINATE_RANGE'],
      [withCoordinate(proof, 0, 7n), 'ZK_POINT_NOT_ON_CURVE'],
      [withCoordinate(withCoordinate(proof, 0, 0n), 1, 0n), 'ZK_POINT_AT_INFINITY'],
      [outside, 'ZK_POINT_NOT_IN_SUBGROUP'],
      [withCoordinate(withCoordinate(proof, 6, 1n), 7, 2n), 'ZK_PROOF_INVALID'],
    ];
    for (const [bytes, name] of rows) await refuses(world(), 'seller', handIn(bytes), name);
  });

  it('of another length', async () => {
    const proof = await forged({});
    for (const bytes of [proof.subarray(0, 255), concat(proof, Uint8Array.of(0))]) {
      const operations = [{ number: 402, command: [other, bytes] }];
      const envelope = await sign(world(), world().player('seller').party, [], { operations });
      await refusesBytes(world(), envelope, 'OPERATION_MALFORMED');
    }
  });

  it('of the revision before an edit', async () => {
    const seller = world().player('seller');
    const proof = await forged({});
    await seller.submit(handIn(proof));
    const kept = await facts();
    const edit = { listingId: other, ...kept, title: 'Another title' };
    await seller.submit(act('listing.edit', editCommand, edit));
    const submit = act('listing.submit-for-review', listingCommand, { listingId: other });
    await refuses(world(), 'seller', submit, 'LISTING_SAMPLE_UNPROVED');
    await refuses(world(), 'seller', handIn(proof), 'ZK_PROOF_INVALID');
    await refuses(
      world(),
      'seller',
      [handIn(await forged({ revision: 2n })), submit],
      'LISTING_PROFILE_MISSING',
    );
    const { rows, quality, anonymity } = await seller.read(listingProfileRecord, ids.listing);
    const profile = { listingId: other, rows, quality, anonymity };
    await seller.submit(
      handIn(await forged({ revision: 2n })),
      act('listing.state-profile', stateProfileCommand, profile),
      submit,
    );
    const listing = await seller.read(listingRecord, other);
    expect(listing).to.include({ state: 'COMPLIANCE_REVIEW', revision: 2 });
  });
}
