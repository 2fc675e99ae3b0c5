/**
 * Every operation that takes effect as often as it is signed, in rounds on records of its own: what brings
 * its record back to where it began is part of the round, so a second signature would be taken, too.
 */
import { toHex, utf8 } from '../../../src/base/bytes.ts';
import { commitment } from '../../../src/base/hash.ts';
import type { RecordKind } from '../../../src/base/room.ts';
import type { Static, TObject } from '../../../src/base/schema.ts';
import type { Genesis } from '../../../src/chain/machine/genesis.ts';
import type { NamedOperation } from '../../../src/client/commands.ts';
import { decisionCommitment } from '../../../src/compliance/decision.ts';
import { act, ids, newSalt } from '../../../src/demo/scenario.ts';
import {
  draftCommand,
  editCommand,
  proveSampleCommand,
  stateProfileCommand,
  type ListingFacts,
} from '../../../src/listing/schema.ts';
import { listingProfileRecord, listingRecord } from '../../../src/listing/state.ts';
import {
  kAnonymityPublics,
  listingBinding,
} from '../../../src/privacy/zk/statements/k-anonymity.ts';
import { jobRecord } from '../../../src/privacy/jobs/state.ts';
import { submitCommand as registrationFacts } from '../../../src/rights/schema.ts';
import { registeredTableRecord, registrationRecord } from '../../../src/rights/state.ts';
import { tradeRecord } from '../../../src/trading/state.ts';
import { losses, type Loss } from '../../support/lossy-proxy.ts';
import { forgeProof } from './forge.ts';

/** What a lane does on the bad line. */
export interface Line {
  /** One envelope, and what is done to it on its way; nothing where it is left alone. */
  readonly send: (
    playerId: string,
    operations: readonly NamedOperation[],
    planned?: readonly Loss[],
  ) => Promise<void>;
  /** A record as it stands after all that the lane has sent. */
  readonly read: <Schema extends TObject>(
    kind: RecordKind<Schema>,
    id: string,
  ) => Promise<Static<Schema>>;
  /** Two losses, others each time that it is called. */
  readonly losing: () => readonly Loss[];
  readonly genesis: Genesis;
}

export interface Lane {
  readonly name: string;
  /** What it begins with; applied once. */
  begin?(line: Line): Promise<void>;
  round(line: Line): Promise<void>;
}

const reason = 'It is tried on a bad line.';
const listingId = 'lossy-listing';
const registrationId = 'lossy-registration';

/** In one envelope there and in another back, by whoever may. */
const thereAndBack = (
  playerId: string,
  [there, back]: readonly [NamedOperation, NamedOperation],
): Lane => ({
  name: there.name,
  async round({ send, losing }) {
    await send(playerId, [there], losing());
    await send(playerId, [back], losing());
  },
});

const named = (name: string, command: object): NamedOperation => ({ name, command });
const organisation = { organisationId: 'other-buyer', reason };

const restated = (name: string): NamedOperation =>
  named('identity.restate', {
    ...{ ...organisation, name, beneficialOwner: null },
    roles: ['ADMIN', 'BUYER'],
  });
/** Nothing is sealed to a regulator. */
const sealedTo = (byte: string): NamedOperation =>
  named('identity.change-sealing-key', { encryptionKey: byte.repeat(32) });

/** Pay-outs of a trade that is over; each is undone in the next round. */
const payOut: Lane = {
  name: 'trading.pay-out',
  async round({ read, send, losing }) {
    const tradeId = 'file-trade';
    const referenceCommitment = commitment(newSalt(), utf8(reason));
    const { settlement } = await read(tradeRecord, tradeId);
    const postingId = settlement?.sellerPostingId ?? '';
    await send('bank', [named('trading.reverse-pay-out', { postingId, referenceCommitment })]);
    const order = { tradeId, to: 'SELLER', referenceCommitment };
    await send('bank', [named('trading.pay-out', order)], losing());
  },
};

/** A computation that two workers agree on, and that no licence lets anybody release. */
const proposal: Lane = {
  name: 'job.propose-release',
  async round({ read, send, losing }) {
    const { id: jobId, spec } = await read(jobRecord, 'second-job');
    const digest = commitment(newSalt(), utf8(reason));
    const propose = { jobId, commitment: digest, groups: spec.groups };
    await send('seller', [named('job.propose-release', propose)], losing());
  },
};

/** An application that is returned and comes again. Its periods are a minute here: nothing waits longer. */
const application: Lane = {
  name: 'rights.resubmit',
  async round({ read, send, losing }) {
    const known = await read(registrationRecord, ids.registration);
    const id = `${registrationId}-${toHex(newSalt()).slice(0, 8)}`;
    const rowsRoot = toHex(newSalt());
    const fingerprint = { ...known.fingerprint, rowsRoot, contentCommitment: rowsRoot };
    const whole = { ...chosen(known, registrationFacts), registrationId: id, fingerprint };
    const [first, second] = [prompt(losing()), prompt(losing())];
    await send('seller', [named('rights.submit', whole)]);
    await send(
      'registrar',
      [named('rights.return-for-fix', { registrationId: id, reason })],
      first,
    );
    await send('seller', [named('rights.resubmit', whole)], second);
    const { header, description } = await read(registeredTableRecord, ids.registration);
    const table = { registrationId: id, header, description };
    await send('seller', [named('rights.state-table', table)], prompt(losing()));
  },
};

/** A draft that is edited, proved and reviewed; two reviewers send it back to be a draft. */
const revision: Lane = {
  name: 'listing.edit',
  async begin({ read, send }) {
    const known = await read(listingRecord, ids.listing);
    const draft = { ...chosen(known, draftCommand), listingId };
    await send('seller', [act('listing.draft', draftCommand, draft as never)]);
  },
  async round({ read, send, losing, genesis }) {
    const listing = await read(listingRecord, listingId);
    const facts = chosen(listing, editCommand) as ListingFacts;
    const edit = { ...facts, listingId, title: `Edition ${listing.revision}` };
    await send('seller', [act('listing.edit', editCommand, edit)], losing());
    const { circuitId, commitment: sample } = listing.sample;
    const place = { chainId: genesis.chainId, circuitId, listingId, sellerOrgId: 'seller' };
    const binding = listingBinding({ ...place, revision: BigInt(listing.revision + 1) });
    const publics = kAnonymityPublics({ commitment: BigInt(`0x${sample}`), binding });
    const proof = toHex(await forgeProof(genesis, circuitId, publics));
    const prove = act('listing.prove-sample', proveSampleCommand, { listingId, proof });
    await send('seller', [prove], losing());
    const profile = chosen(await read(listingProfileRecord, ids.listing), stateProfileCommand);
    const state = named('listing.state-profile', { ...profile, listingId });
    await send('seller', [state], losing());
    await send('seller', [named('listing.submit-for-review', { listingId })], losing());
    await fail(send, `lossy-review-${listing.revision}`);
  },
};

/** Both reviewers find fault. */
async function fail(send: Line['send'], reviewId: string): Promise<void> {
  const reviewers = ['reviewer-a', 'reviewer-b'];
  const salts = reviewers.map(() => toHex(newSalt()));
  await send('reviewer-a', [named('compliance.open', { reviewId, listingId })]);
  for (const [at, reviewer] of reviewers.entries()) {
    const decided = decisionCommitment(salts[at] ?? '', reviewId, 'FAIL', reason);
    await send(reviewer, [named('compliance.commit', { reviewId, commitment: decided })]);
  }
  for (const [at, reviewer] of reviewers.entries()) {
    const decided = { reviewId, decision: 'FAIL', reason, salt: salts[at] };
    await send(reviewer, [named('compliance.reveal', decided)]);
  }
}

/** Of a record what a command asks for. */
const chosen = (known: object, { properties }: TObject): object =>
  Object.fromEntries(Object.entries(known).filter(([name]) => name in properties));

/** Losses that do not wait for blocks. */
const prompt = (planned: readonly Loss[]): readonly Loss[] =>
  planned.map((loss) => (loss.startsWith('late') ? 'drop answer' : loss));

export const lanes: readonly Lane[] = [
  thereAndBack('operator', [
    named('identity.suspend', organisation),
    named('identity.reinstate', organisation),
  ]),
  thereAndBack('operator', [restated('Another name'), restated('The other buyer')]),
  thereAndBack('regulator', [sealedTo('11'), sealedTo('22')]),
  thereAndBack('operator', [
    named('licence.suspend', { licenceId: ids.trade, reason }),
    named('licence.resume', { licenceId: ids.trade, reason }),
  ]),
  thereAndBack('operator', [
    named('trading.suspend-delivery', { tradeId: 'unfunded-trade', reason }),
    named('trading.resume-delivery', { tradeId: 'unfunded-trade', reason }),
  ]),
  thereAndBack('seller', [
    named('listing.suspend', { listingId: ids.listing, reason }),
    named('listing.resume', { listingId: ids.listing }),
  ]),
  ...[payOut, proposal, application, revision],
];

/** For each lane other losses, two at a time. */
export function lossesFrom(first: number): () => readonly Loss[] {
  let at = first;
  return () => {
    at += 1;
    return [losses[at % losses.length] ?? 'delay', losses[(at + 4) % losses.length] ?? 'delay'];
  };
}
