import { expect } from 'chai';
import type { Actor } from '../../src/base/room.ts';
import { approve, reject } from '../../src/governance/decide.ts';
import { blocksAheadMax, propose } from '../../src/governance/propose.ts';
import { governanceResults as results } from '../../src/governance/results.ts';
import { governanceRoom } from '../../src/governance/room.ts';
import type { Static } from '../../src/base/schema.ts';
import {
  proposalStates,
  type proposeCommand,
  type Proposal,
  type ProposalState,
} from '../../src/governance/schema.ts';
import {
  machineVersionRecord,
  proposalRecord,
  regulatorSeatRecord,
} from '../../src/governance/state.ts';
import { takeSeat } from '../../src/governance/take-seat.ts';
import { proposalTransitions, proposalVerbs } from '../../src/governance/transitions.ts';
import { withdraw } from '../../src/governance/withdraw.ts';
import { memoryLedger, type MemoryLedger } from '../support/ledger.ts';

interface World {
  readonly ledger: MemoryLedger;
  readonly operator: Actor;
  readonly regulator: Actor;
  readonly puppet: Actor;
}

function begin(): World {
  const ledger = memoryLedger({ rooms: [governanceRoom] });
  const operator = ledger.admit('operator', ['ADMIN', 'OPERATOR']);
  const regulator = ledger.admit('regulator', ['REGULATOR']);
  const puppet = ledger.admit('puppet', ['REGULATOR'], { beneficialOwner: 'operator' });
  ledger.height = 1;
  return { ledger, operator, regulator, puppet };
}

const reason = 'As said';

const proposalOf = (proposalId = 'raise', value: number | null = 2) => ({
  proposalId,
  kind: 'MACHINE_VERSION' as const,
  value,
  digest: null,
  notBeforeHeight: 10,
  reason,
});

const stateOf = ({ ledger }: World, id = 'raise'): ProposalState =>
  ledger.get(proposalRecord, id).state;

const letPass = ({ ledger }: World): void => ledger.advanceTo(ledger.nextDeadlineMs ?? 0);

const steps = {
  propose: ({ ledger, operator }: World) => ledger.accept(propose, operator, proposalOf()),
  'propose-another': ({ ledger, operator }: World) =>
    ledger.accept(propose, operator, proposalOf('other')),
  approve: ({ ledger, regulator }: World) =>
    ledger.accept(approve, regulator, { proposalId: 'raise' }),
  'approve-another': ({ ledger, regulator }: World) =>
    ledger.accept(approve, regulator, { proposalId: 'other' }),
  reject: ({ ledger, regulator }: World) =>
    ledger.accept(reject, regulator, { proposalId: 'raise', reason }),
  withdraw: ({ ledger, operator }: World) =>
    ledger.accept(withdraw, operator, { proposalId: 'raise', reason }),
  'take-seat': ({ ledger, regulator }: World) => ledger.accept(takeSeat, regulator, { reason }),
  wait: letPass,
} satisfies Record<string, (world: World) => void>;
type Step = keyof typeof steps;

function play(...names: readonly Step[]): World {
  const world = begin();
  for (const name of names) steps[name](world);
  return world;
}

const ways: Readonly<Record<ProposalState, readonly Step[]>> = {
  PROPOSED: ['propose'],
  ADOPTED: ['propose', 'approve'],
  REJECTED: ['propose', 'reject'],
  WITHDRAWN: ['propose', 'withdraw'],
  LAPSED: ['propose', 'propose-another', 'approve-another', 'wait'],
};

describe('governance: transitions', () => {
  for (const state of proposalStates) {
    it(`comes to ${state}`, () => {
      const world = play(...ways[state]);
      expect(stateOf(world)).to.equal(state);
      const waits = world.ledger.nextDeadlineMs !== null;
      expect(waits, 'only what is open waits for a time').to.equal(state === 'PROPOSED');
    });

    for (const verb of proposalVerbs.filter((name) => name !== 'publicity-over')) {
      const leads = proposalTransitions[state][verb];
      it(`${state} ${verb}: ${leads?.join() ?? 'refused'}`, () => {
        const world = play(...ways[state]);
        const { ledger, operator, regulator } = world;
        if (leads) {
          steps[verb](world);
          expect(leads).to.include(stateOf(world));
          return;
        }
        const by = { approve: regulator, reject: regulator, withdraw: operator }[verb];
        const operation = { approve, reject, withdraw }[verb];
        const command = { proposalId: 'raise', ...(verb === 'approve' ? {} : { reason }) };
        ledger.refuse(results.PROPOSAL_STATE, operation, by, command);
      });
    }
  }
});

describe('governance: who decides', () => {
  const decided = (world: World): Partial<Proposal> => {
    const { state, decidedBy, fromHeight, approvals } = world.ledger.get(proposalRecord, 'raise');
    return { state, decidedBy, fromHeight, approvals };
  };

  it('the regulator, at once, for the height that was proposed', () => {
    const world = play('propose', 'approve');
    const { ledger } = world;
    const approvals = [{ organisationId: 'regulator', atMs: ledger.timeMs }];
    expect(decided(world)).to.deep.equal({
      ...{ state: 'ADOPTED', decidedBy: 'APPROVAL', fromHeight: 10, approvals },
    });
    expect(ledger.get(machineVersionRecord, 'version-2')).to.deep.equal({
      ...{ id: 'version-2', version: 2, fromHeight: 10, proposalId: 'raise' },
      adoptedAtMs: ledger.timeMs,
    });
  });

  it('where no regulator has its seat, the publicity period without a rejection', () => {
    const world = play('propose');
    const { publicUntilMs } = world.ledger.get(proposalRecord, 'raise');
    world.ledger.advanceTo(publicUntilMs - 1);
    expect(stateOf(world)).to.equal('PROPOSED');
    world.ledger.advanceTo(publicUntilMs);
    expect(decided(world)).to.deep.equal({
      ...{ state: 'ADOPTED', decidedBy: 'PUBLICITY', fromHeight: 10, approvals: [] },
    });
  });

  for (const shown of [
    ['take-seat', 'propose'],
    ['propose', 'take-seat'],
    ['propose-another', 'approve-another'],
  ] as const) {
    it(`after ${shown.join(' and ')} nothing passes by the regulator's silence`, () => {
      const world = play(...shown);
      const { ledger, operator } = world;
      const open = shown.includes('propose' as never) ? 'raise' : 'third';
      if (open === 'third') ledger.accept(propose, operator, proposalOf('third', 3));
      letPass(world);
      expect(stateOf(world, open)).to.equal('PROPOSED');
      expect(ledger.nextDeadlineMs).to.equal(null);
      ledger.accept(approve, world.regulator, { proposalId: open });
      expect(stateOf(world, open)).to.equal('ADOPTED');
    });
  }

  it('no regulator of the operator’s own house, be it to approve or to reject', () => {
    const { ledger, puppet } = play('propose');
    const proposalId = 'raise';
    ledger.refuse(results.GOVERNOR_RELATED, approve, puppet, { proposalId });
    ledger.refuse(results.GOVERNOR_RELATED, reject, puppet, { proposalId, reason });
  });

  it('takes the seat once', () => {
    const { ledger, regulator, puppet } = play('take-seat');
    expect(ledger.get(regulatorSeatRecord, 'regulator').organisationId).to.equal('regulator');
    for (const by of [regulator, puppet]) {
      ledger.refuse(results.REGULATOR_SEAT_TAKEN, takeSeat, by, { reason });
    }
  });
});

describe('governance: heights', () => {
  it('never the block that decides, nor one before it', () => {
    const world = begin();
    const { ledger } = world;
    ledger.height = 50;
    steps.propose(world);
    const decidedAt = ledger.height;
    steps.approve(world);
    expect(ledger.get(proposalRecord, 'raise').fromHeight).to.equal(decidedAt + 1);
  });

  it('never the height of the version below, nor one before it', () => {
    const world = play('propose', 'approve');
    const { ledger, operator, regulator } = world;
    ledger.accept(propose, operator, { ...proposalOf('third', 3), notBeforeHeight: 0 });
    ledger.accept(approve, regulator, { proposalId: 'third' });
    expect(ledger.get(machineVersionRecord, 'version-3').fromHeight).to.equal(11);
  });
});

describe('governance: refusals', () => {
  type Changed = Partial<Static<typeof proposeCommand>>;
  const far = blocksAheadMax + 1;
  const rows: readonly [string, Changed, keyof typeof results][] = [
    ['a version that is skipped to', { value: 3 }, 'VERSION_NOT_NEXT'],
    ['the version that holds', { value: 1 }, 'VERSION_NOT_NEXT'],
    ['version 0', { value: 0 }, 'VERSION_NOT_NEXT'],
    ['no version', { value: null }, 'PROPOSAL_MALFORMED'],
    ['a digest beside the version', { digest: 'ab'.repeat(32) }, 'PROPOSAL_MALFORMED'],
    ['a height that is too far', { notBeforeHeight: far + 1 }, 'PROPOSAL_TOO_FAR'],
  ];
  for (const [what, changed, result] of rows) {
    it(`${what}: ${result}`, () => {
      const { ledger, operator } = begin();
      ledger.refuse(results[result], propose, operator, { ...proposalOf(), ...changed });
    });
  }

  it('the farthest height that may be is taken', () => {
    const { ledger, operator } = begin();
    ledger.accept(propose, operator, { ...proposalOf(), notBeforeHeight: far });
  });

  it('an id that was proposed before, and one that never was', () => {
    const { ledger, operator, regulator } = play('propose');
    ledger.refuse(results.PROPOSAL_EXISTS, propose, operator, proposalOf());
    ledger.refuse(results.PROPOSAL_NOT_FOUND, approve, regulator, { proposalId: 'none' });
    ledger.refuse(results.PROPOSAL_NOT_FOUND, reject, regulator, { proposalId: 'none', reason });
    ledger.refuse(results.PROPOSAL_NOT_FOUND, withdraw, operator, { proposalId: 'none', reason });
  });

  it('a version that another proposal has raised to meanwhile', () => {
    const { ledger, operator, regulator } = play('propose', 'propose-another', 'approve-another');
    ledger.refuse(results.VERSION_NOT_NEXT, approve, regulator, { proposalId: 'raise' });
    ledger.refuse(results.VERSION_NOT_NEXT, propose, operator, proposalOf('late'));
  });

  it('says in the block what it says before it, and what this program knows only before', () => {
    const known = { machineVersionMax: 2 };
    expect(propose.foresee?.(proposalOf(), known).ok).to.equal(true);
    const foreseen = propose.foresee?.(proposalOf('raise', 3), known);
    expect(foreseen && (foreseen.ok || foreseen.result.name)).to.equal('VERSION_NOT_KNOWN');
    const { ledger, operator } = play('propose', 'approve');
    ledger.accept(propose, operator, proposalOf('raise-3', 3));
  });
});
