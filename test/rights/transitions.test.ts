import { expect } from 'chai';
import type { Outcome } from '../../src/base/result.ts';
import { accept, returnForFix } from '../../src/rights/accept.ts';
import { certify } from '../../src/rights/certify.ts';
import { resolveObjection, withdrawObjection } from '../../src/rights/decide-objection.ts';
import { deregister } from '../../src/rights/deregister.ts';
import { object } from '../../src/rights/object.ts';
import { openPublicity, waivePublicity } from '../../src/rights/publicity.ts';
import { beginReview, extendReview, refuseRegistration } from '../../src/rights/review.ts';
import { rightsRoom } from '../../src/rights/room.ts';
import { registrationStates, type RegistrationState } from '../../src/rights/schema.ts';
import { objectionRecord, registrationRecord } from '../../src/rights/state.ts';
import { stateTable } from '../../src/rights/state-table.ts';
import { resubmit } from '../../src/rights/submit.ts';
import { begins, type Step } from '../../src/rights/transitions.ts';
import {
  digestOf,
  facts,
  objection,
  objectionId,
  registrationId,
  rightsLedger,
} from './fixture.ts';
import type { Rights } from './fixture.ts';

const reasoned = { registrationId, reason: 'As found' };
const only = { registrationId };

const apply: Record<Step, (rights: Rights) => Outcome> = {
  'rights.resubmit': ({ ledger, seller }) =>
    ledger.apply(resubmit, seller, { registrationId, ...facts }),
  'rights.state-table': ({ ledger, seller }) =>
    ledger.apply(stateTable, seller, {
      ...only,
      header: digestOf('c'),
      description: digestOf('d'),
    }),
  'rights.return-for-fix': ({ ledger, registrar }) =>
    ledger.apply(returnForFix, registrar, reasoned),
  'rights.accept': ({ ledger, registrar }) => ledger.apply(accept, registrar, only),
  'rights.begin-review': ({ ledger, registrar }) => ledger.apply(beginReview, registrar, only),
  'rights.extend-review': ({ ledger, registrar }) =>
    ledger.apply(extendReview, registrar, reasoned),
  'rights.refuse': ({ ledger, registrar }) => ledger.apply(refuseRegistration, registrar, reasoned),
  'rights.open-publicity': ({ ledger, registrar }) => ledger.apply(openPublicity, registrar, only),
  'rights.waive-publicity': ({ ledger, registrar }) =>
    ledger.apply(waivePublicity, registrar, reasoned),
  'rights.object': ({ ledger, stranger }) =>
    ledger.apply(object, stranger, { ...objection, objectionId: 'objection-2' }),
  'rights.resolve-objection': ({ ledger, registrar }) =>
    ledger.apply(resolveObjection, registrar, {
      objectionId,
      decision: 'DISMISSED',
      reason: 'Unfounded',
    }),
  'rights.withdraw-objection': ({ ledger, stranger }) =>
    ledger.apply(withdrawObjection, stranger, { objectionId }),
  'rights.certify': ({ ledger, registrar }) =>
    ledger.apply(certify, registrar, { registrationId, registrarCode: '110' }),
  'rights.deregister': ({ ledger, seller }) => ledger.apply(deregister, seller, reasoned),
};

/** A registration put straight into a state, with an open objection of somebody. */
function inState(state: RegistrationState): Rights {
  const rights = rightsLedger();
  const { ledger, stranger, seller, registrar } = rights;
  const inCharge = ['SUBMITTED', 'RETURNED_FOR_FIX'].includes(state) ? null : 'registrar-a';
  ledger.put(registrationRecord, {
    ...facts,
    id: registrationId,
    state,
    applicant: seller.organisationId,
    registrar: inCharge && registrar.organisationId,
    submittedAtMs: ledger.timeMs,
    dueAtMs: ledger.timeMs + 1000,
    reviewExtended: false,
    reviewLeft: { unit: 'ms', count: 1000 },
    publicityEndsAtMs: ledger.timeMs + 1000,
    publicityWaiver: null,
    openObjections: 1,
    objectionIds: [],
    decisionReason: null,
    certificateNumber: null,
    validFromMs: null,
    validToMs: null,
  });
  ledger.put(objectionRecord, {
    id: objectionId,
    state: 'OPEN',
    registrationId,
    objector: stranger.organisationId,
    ground: 'OTHER',
    statementCommitment: objection.statementCommitment,
    raisedAtMs: ledger.timeMs,
    dueAtMs: ledger.timeMs + 1000,
    decisionReason: null,
    decidedAtMs: null,
  });
  return rights;
}

const goesTo: Record<Step, RegistrationState> = {
  'rights.resubmit': 'SUBMITTED',
  'rights.state-table': 'SUBMITTED',
  'rights.return-for-fix': 'RETURNED_FOR_FIX',
  'rights.accept': 'ACCEPTED',
  'rights.begin-review': 'UNDER_REVIEW',
  'rights.extend-review': 'UNDER_REVIEW',
  'rights.refuse': 'REFUSED',
  'rights.open-publicity': 'PUBLICITY',
  'rights.waive-publicity': 'PUBLICITY_CLOSED',
  'rights.object': 'OBJECTED',
  'rights.resolve-objection': 'PUBLICITY',
  'rights.withdraw-objection': 'PUBLICITY',
  'rights.certify': 'ACTIVE',
  'rights.deregister': 'DEREGISTERED',
};

describe('rights: every state × every operation', () => {
  it('has a row for every operation but the first', () => {
    const names = rightsRoom.operations
      .map(({ name }) => name)
      .filter((n) => n !== 'rights.submit');
    expect(Object.keys(begins).sort()).to.deep.equal(names.sort());
  });

  for (const step of Object.keys(begins) as Step[]) {
    const from: readonly RegistrationState[] = begins[step];
    for (const state of registrationStates) {
      const allowed = from.includes(state);
      it(`${step} in ${state} is ${allowed ? `taken, to ${goesTo[step]}` : 'refused'}`, () => {
        const rights = inState(state);
        const before = rights.ledger.fingerprint();
        const outcome = apply[step](rights);
        if (outcome.ok) {
          expect(allowed).to.equal(true);
          expect(rights.registration().state).to.equal(goesTo[step]);
        } else {
          expect(allowed, outcome.detail).to.equal(false);
          expect(outcome.result.name).to.equal('RIGHTS_STATE');
          expect(outcome.detail).to.equal(
            `Registration reg-1 is ${state}; ${step} needs ${from.join(' or ')}.`,
          );
          expect(rights.ledger.fingerprint()).to.equal(before);
        }
      });
    }
  }
});
