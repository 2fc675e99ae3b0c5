import { expect } from 'chai';
import type { Outcome } from '../../src/base/result.ts';
import { attestDeletion } from '../../src/trading/licence/attest-deletion.ts';
import {
  resumeLicence,
  revokeLicence,
  suspendLicence,
} from '../../src/trading/licence/supervise.ts';
import { use } from '../../src/trading/licence/use.ts';
import { tradingResults } from '../../src/trading/results.ts';
import { licenceStates, type LicenceState } from '../../src/trading/schema.ts';
import { licenceTransitions, type LicenceVerb } from '../../src/trading/transitions.ts';
import { digestOf } from './sample-product.ts';
import { licenceOf, makeWorld, play, waysTo, worldAt, type World } from './trading-world.ts';

const licenceId = 'trade-1';
const reason = 'as ordered';

const useTimes = (world: World, count: number): Outcome =>
  world.ledger.apply(use, world.actors.buyer, {
    licenceId,
    permission: 'USE',
    count,
    nonce: licenceOf(world).nextNonce,
  });

const steps: Partial<Record<LicenceVerb, (world: World) => Outcome>> = {
  use: (world) => useTimes(world, 1),
  suspend: ({ ledger, actors }) =>
    ledger.apply(suspendLicence, actors.operator, { licenceId, reason }),
  resume: ({ ledger, actors }) =>
    ledger.apply(resumeLicence, actors.operator, { licenceId, reason }),
  revoke: ({ ledger, actors }) =>
    ledger.apply(revokeLicence, actors.operator, { licenceId, reason }),
  'attest-deletion': ({ ledger, actors }) =>
    ledger.apply(attestDeletion, actors.buyer, {
      licenceId,
      deletionCommitment: digestOf('deleted'),
    }),
};

function expire(world: World): World {
  world.ledger.advanceTo(licenceOf(world).validUntilMs);
  return world;
}

function after(world: World, verb: LicenceVerb): World {
  expect(steps[verb]?.(world).ok).to.equal(true);
  return world;
}

function exhausted(): World {
  const world = worldAt('SETTLED');
  expect(useTimes(world, 10).ok).to.equal(true);
  return world;
}

const worlds: Record<LicenceState, () => World> = {
  ISSUED: () => worldAt('FUNDED'),
  ACTIVE: () => worldAt('SETTLED'),
  SUSPENDED: () => after(worldAt('SETTLED'), 'suspend'),
  EXHAUSTED: exhausted,
  EXPIRED: () => expire(worldAt('SETTLED')),
  REVOKED: () => after(worldAt('SETTLED'), 'revoke'),
  TERMINATED: () => worldAt('REFUNDED'),
  DELETION_ATTESTED: () => after(worldAt('REFUNDED'), 'attest-deletion'),
};

describe('the states of a licence', () => {
  for (const state of licenceStates) {
    for (const [verb, step] of Object.entries(steps) as [
      LicenceVerb,
      (world: World) => Outcome,
    ][]) {
      const targets = licenceTransitions[state][verb];
      it(`${state}: ${verb} ${targets ? `leads to ${targets.join(' or ')}` : 'is refused'}`, () => {
        const world = worlds[state]();
        expect(licenceOf(world).state).to.equal(state);
        const outcome = step(world);
        expect(outcome.ok).to.equal(targets !== undefined);
        if (targets) expect(licenceOf(world).state).to.be.oneOf([...targets]);
        const code = state === 'EXHAUSTED' && verb === 'use' ? 'EXHAUSTED' : 'STATE';
        if (!outcome.ok) expect(outcome.result.name).to.equal(`LICENCE_${code}`);
      });
    }
  }

  for (const state of ['ISSUED', 'ACTIVE', 'SUSPENDED'] as const) {
    it(`${state} ends with the term`, () => {
      const world = expire(worlds[state]());
      // The delivery deadline of the unfinished trade comes first and ends it by a refund.
      expect(licenceOf(world).state).to.equal(state === 'ISSUED' ? 'TERMINATED' : 'EXPIRED');
    });
  }

  for (const state of ['EXHAUSTED', 'REVOKED', 'DELETION_ATTESTED'] as const) {
    it(`${state} stays when the term ends`, () => {
      expect(licenceOf(expire(worlds[state]())).state).to.equal(state);
    });
  }
});

describe('metering', () => {
  it('stops at the quota, and counts no report twice', () => {
    const world = worldAt('SETTLED');
    const { ledger, actors } = world;
    const report = { licenceId, permission: 'USE', count: 4, nonce: 0 } as const;
    ledger.accept(use, actors.buyer, report);
    ledger.refuse(tradingResults.LICENCE_NONCE_STALE, use, actors.buyer, report);
    ledger.refuse(tradingResults.LICENCE_EXHAUSTED, use, actors.buyer, {
      ...report,
      count: 7,
      nonce: 1,
    });
    expect(licenceOf(world)).to.include({ uses: 4, state: 'ACTIVE' });
    ledger.accept(use, actors.buyer, { ...report, count: 6, nonce: 1 });
    expect(licenceOf(world)).to.include({ uses: 10, state: 'EXHAUSTED' });
    ledger.refuse(tradingResults.LICENCE_EXHAUSTED, use, actors.buyer, {
      ...report,
      count: 1,
      nonce: 2,
    });
  });

  it('is of the licensee, for what is granted', () => {
    const { ledger, actors } = worldAt('SETTLED');
    const report = { licenceId, permission: 'USE', count: 1, nonce: 0 } as const;
    ledger.refuse(tradingResults.LICENCE_NOT_PARTY, use, actors.stranger, report);
    ledger.refuse(tradingResults.LICENCE_NOT_PERMITTED, use, actors.buyer, {
      ...report,
      permission: 'DERIVE',
    });
    ledger.refuse(tradingResults.LICENCE_NOT_FOUND, use, actors.buyer, {
      ...report,
      licenceId: 'trade-9',
    });
    ledger.refuse(tradingResults.LICENCE_NOT_PARTY, attestDeletion, actors.stranger, {
      licenceId,
      deletionCommitment: digestOf('deleted'),
    });
  });

  it('of a compute licence is left to its jobs', () => {
    const way = waysTo.DELIVERING.filter((step) => step !== 'request');
    const world = play(makeWorld(), ['request-compute', ...way]);
    expect(licenceOf(world).state).to.equal('ACTIVE');
    world.ledger.refuse(tradingResults.LICENCE_NOT_PERMITTED, use, world.actors.buyer, {
      licenceId,
      permission: 'EXECUTE',
      count: 1,
      nonce: 0,
    });
  });
});
