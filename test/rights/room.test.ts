import { expect } from 'chai';
import type { Actor } from '../../src/base/room.ts';
import { accept, returnForFix } from '../../src/rights/accept.ts';
import { certify } from '../../src/rights/certify.ts';
import { resolveObjection, withdrawObjection } from '../../src/rights/decide-objection.ts';
import { deregister } from '../../src/rights/deregister.ts';
import { object } from '../../src/rights/object.ts';
import { openPublicity, waivePublicity } from '../../src/rights/publicity.ts';
import { rightsResults as results } from '../../src/rights/results.ts';
import { beginReview, extendReview, refuseRegistration } from '../../src/rights/review.ts';
import { rightsRoom } from '../../src/rights/room.ts';
import { type EvidenceKind, type RegistrationFacts } from '../../src/rights/schema.ts';
import {
  certificateSeriesRecord,
  objectionRecord,
  registrationRecord,
} from '../../src/rights/state.ts';
import { resubmit, submit } from '../../src/rights/submit.ts';
import { organisationRecord } from '../../src/identity/state.ts';
import { roles } from '../../src/base/roles.ts';
import { defaultRules, testRules } from '../support/rules.ts';
import { driveTo, facts, objection, objectionId, registrationId, rightsLedger } from './fixture.ts';

const at = (iso: string): number => Date.parse(`${iso}+08:00`);
const only = { registrationId };
const reasoned = { registrationId, reason: 'As found' };
const code = { registrationId, registrarCode: '110' };

const withEvidence = (...kinds: EvidenceKind[]): RegistrationFacts['evidence'] => [
  ...facts.evidence,
  ...kinds.map((kind) => ({ kind, commitment: 'd'.repeat(64) })),
];

describe('rights: the whole way', () => {
  it('application → review → publicity → objection dismissed → certificate → expiry', () => {
    const rights = rightsLedger();
    const { ledger, registrar } = rights;
    driveTo(rights, 'OBJECTED');
    ledger.accept(resolveObjection, registrar, {
      objectionId,
      decision: 'DISMISSED',
      reason: 'No title shown',
    });
    expect(rights.registration().state).to.equal('PUBLICITY');
    ledger.advanceTo(rights.registration().publicityEndsAtMs ?? 0);
    ledger.accept(certify, registrar, code);
    const active = rights.registration();
    expect(active).to.include({
      state: 'ACTIVE',
      registrar: 'registrar-a',
      certificateNumber: 'DEMO1102026030001',
      openObjections: 0,
      validFromMs: ledger.timeMs,
      validToMs: at('2031-03-03T00:00'),
    });
    ledger.advanceTo(at('2031-03-03T00:00') - 1);
    expect(rights.registration().state).to.equal('ACTIVE');
    ledger.advanceTo(at('2031-03-03T00:00'));
    expect(rights.registration().state).to.equal('EXPIRED');
    expect(ledger.nextDeadlineMs).to.equal(null);
    expect(ledger.eventNames).to.deep.equal([
      'rights.submitted',
      'rights.accepted',
      'rights.review-begun',
      'rights.publicity-opened',
      'rights.objection-raised',
      'rights.objected',
      'rights.objection-dismissed',
      'rights.publicity-resumed',
      'rights.publicity-closed',
      'rights.certificate-numbered',
      'rights.registered',
      'rights.expired',
    ]);
  });

  it('each operation asks for its roles and no other role passes', () => {
    for (const operation of rightsRoom.operations.filter((item) => item.roles.length > 0)) {
      const { ledger } = rightsLedger();
      for (const role of roles) {
        const actor: Actor = { organisationId: 'seller-a', keyId: '00'.repeat(32), roles: [role] };
        const outcome = ledger.apply(operation, actor, commandOf(operation.name));
        const missing = !outcome.ok && outcome.result.name === 'ROLE_MISSING';
        expect(missing, `${operation.name} by ${role}`).to.equal(!operation.roles.includes(role));
      }
    }
  });
});

function commandOf(name: string): never {
  const commands: Record<string, unknown> = {
    'rights.submit': { registrationId, ...facts },
    'rights.resubmit': { registrationId, ...facts },
    'rights.certify': code,
    'rights.state-table': { ...only, header: 'c'.repeat(64), description: 'd'.repeat(64) },
    'rights.resolve-objection': { objectionId, decision: 'UPHELD', reason: 'Shown' },
  };
  const plain = ['rights.accept', 'rights.begin-review', 'rights.open-publicity'];
  return (commands[name] ?? (plain.includes(name) ? only : reasoned)) as never;
}

describe('rights: the periods of the law, on the 2026 calendar', () => {
  const timeMs = at('2026-02-12T10:00');
  const start = () => rightsLedger({ rules: defaultRules, timeMs });

  it('silence accepts after 3 working days over the Spring Festival', () => {
    const rights = start();
    driveTo(rights, 'SUBMITTED');
    // Fri 13, Sat 14 (worked), then the festival to Mon 23: Tue 24 is the third.
    const due = at('2026-02-25T00:00');
    expect(rights.registration().dueAtMs).to.equal(due);
    rights.ledger.advanceTo(due - 1);
    expect(rights.registration().state).to.equal('SUBMITTED');
    rights.ledger.advanceTo(due);
    expect(rights.registration()).to.include({ state: 'ACCEPTED', registrar: null, dueAtMs: null });
    rights.ledger.accept(beginReview, rights.otherRegistrar, only);
    expect(rights.registration().registrar).to.equal('registrar-b');
    rights.ledger.refuse(results.RIGHTS_NOT_PARTY, openPublicity, rights.registrar, only);
  });

  it('the review has 10 working days, once 10 more, and stops for publicity', () => {
    const rights = start();
    const { ledger, registrar } = rights;
    driveTo(rights, 'UNDER_REVIEW');
    expect(rights.registration().dueAtMs).to.equal(at('2026-03-05T00:00'));
    ledger.accept(extendReview, registrar, reasoned);
    expect(rights.registration().dueAtMs).to.equal(at('2026-03-19T00:00'));
    ledger.refuse(results.RIGHTS_REVIEW_EXTENDED, extendReview, registrar, reasoned);
    ledger.advanceTo(at('2026-03-16T09:00'));
    ledger.accept(openPublicity, registrar, only);
    // Tue 17 and Wed 18 March are left of the review; publicity takes Tue 17 to Mon 23.
    expect(rights.registration().reviewLeft).to.deep.equal({ unit: 'working-day', count: 2 });
    expect(rights.registration().dueAtMs).to.equal(at('2026-03-24T00:00'));
    ledger.advanceTo(at('2026-03-24T00:00'));
    expect(rights.registration()).to.include({
      state: 'PUBLICITY_CLOSED',
      dueAtMs: at('2026-03-27T00:00'),
    });
  });

  it('a review that is not decided in time goes back to be taken by any registrar', () => {
    const rights = start();
    driveTo(rights, 'UNDER_REVIEW');
    rights.ledger.advanceTo(at('2026-03-05T00:00'));
    expect(rights.registration()).to.include({ state: 'ACCEPTED', registrar: null, dueAtMs: null });
    rights.ledger.accept(beginReview, rights.otherRegistrar, only);
    expect(rights.registration().state).to.equal('UNDER_REVIEW');
  });

  it('national certificate numbers begin at 1 each month, per registrar code', () => {
    const rights = start();
    const { ledger, registrar, otherRegistrar } = rights;
    const pattern = /^SJ\d{2}\d\d{6}\d{4}$/;
    driveTo(rights, 'ACTIVE');
    expect(rights.registration().certificateNumber).to.equal('SJ1102026020001').and.match(pattern);
    const closed = { ...rights.registration(), state: 'PUBLICITY_CLOSED' as const };
    ledger.put(registrationRecord, { ...closed, id: 'reg-2' });
    ledger.accept(certify, registrar, { ...code, registrationId: 'reg-2' });
    expect(rights.registration('reg-2').certificateNumber).to.equal('SJ1102026020002');
    ledger.put(registrationRecord, { ...closed, id: 'reg-3', registrar: 'registrar-b' });
    const third = { ...code, registrationId: 'reg-3' };
    ledger.refuse(results.RIGHTS_REGISTRAR_CODE_TAKEN, certify, otherRegistrar, third);
    ledger.advanceTo(at('2026-04-01T00:00'));
    ledger.put(registrationRecord, { ...closed, id: 'reg-4' });
    ledger.accept(certify, registrar, { ...code, registrationId: 'reg-4' });
    expect(rights.registration('reg-4').certificateNumber).to.equal('SJ1102026040001');
    const series = ledger.get(certificateSeriesRecord, '110');
    ledger.put(certificateSeriesRecord, { ...series, issued: 9999 });
    ledger.put(registrationRecord, { ...closed, id: 'reg-5' });
    const fifth = { ...code, registrationId: 'reg-5' };
    ledger.refuse(results.RIGHTS_CERTIFICATES_EXHAUSTED, certify, registrar, fifth);
  });

  it('no prefix in the rule pack, no number', () => {
    const rights = rightsLedger({ rules: { ...testRules, certificatePrefix: null } });
    driveTo(rights, 'ACTIVE');
    expect(rights.registration()).to.include({ state: 'ACTIVE', certificateNumber: null });
  });

  it('a return that is not mended in time ends the procedure', () => {
    const rights = start();
    driveTo(rights, 'SUBMITTED');
    rights.ledger.accept(returnForFix, rights.registrar, reasoned);
    const { dueAtMs } = rights.registration();
    rights.ledger.advanceTo(dueAtMs ?? 0);
    expect(rights.registration().state).to.equal('TERMINATED');
    expect(rights.ledger.nextDeadlineMs).to.equal(null);
  });

  it('an objection that is not decided in 10 working days ends the procedure', () => {
    const rights = start();
    driveTo(rights, 'OBJECTED');
    const { dueAtMs } = rights.ledger.get(objectionRecord, objectionId);
    expect(dueAtMs).to.equal(at('2026-03-05T00:00'));
    rights.ledger.advanceTo(dueAtMs);
    expect(rights.registration()).to.include({ state: 'TERMINATED', openObjections: 0 });
    expect(rights.ledger.get(objectionRecord, objectionId).state).to.equal('LAPSED');
    expect(rights.ledger.nextDeadlineMs).to.equal(null);
  });
});

describe('rights: objections', () => {
  const second = { ...objection, objectionId: 'objection-2' };

  it('publicity waits for the last of them, and closes at once where its time is over', () => {
    const rights = rightsLedger();
    const { ledger, registrar, stranger } = rights;
    const other = ledger.admit('stranger-b', ['SELLER']);
    driveTo(rights, 'OBJECTED');
    ledger.accept(object, other, second);
    ledger.advanceTo(rights.registration().publicityEndsAtMs ?? 0);
    expect(rights.registration()).to.include({ state: 'OBJECTED', openObjections: 2 });
    ledger.accept(withdrawObjection, stranger, { objectionId });
    expect(rights.registration()).to.include({ state: 'OBJECTED', openObjections: 1 });
    ledger.accept(resolveObjection, registrar, {
      objectionId: 'objection-2',
      decision: 'DISMISSED',
      reason: 'Unfounded',
    });
    expect(rights.registration()).to.include({ state: 'PUBLICITY_CLOSED', openObjections: 0 });
  });

  it('one upheld refuses the registration and the others lapse', () => {
    const rights = rightsLedger();
    const { ledger, registrar } = rights;
    driveTo(rights, 'OBJECTED');
    ledger.accept(object, ledger.admit('stranger-b', ['BANK']), second);
    ledger.accept(resolveObjection, registrar, {
      objectionId,
      decision: 'UPHELD',
      reason: 'Shown',
    });
    expect(rights.registration()).to.include({ state: 'REFUSED', decisionReason: 'Shown' });
    expect(ledger.all(objectionRecord).map(({ state }) => state)).to.deep.equal([
      'UPHELD',
      'LAPSED',
    ]);
    expect(ledger.nextDeadlineMs).to.equal(null);
  });

  it('are refused by a party, twice, after publicity, and where ids clash', () => {
    const rights = rightsLedger();
    const { ledger, seller, registrar, stranger } = rights;
    driveTo(rights, 'OBJECTED');
    ledger.refuse(results.RIGHTS_OBJECTOR_IS_PARTY, object, seller, second);
    ledger.refuse(results.RIGHTS_OBJECTOR_IS_PARTY, object, registrar, second);
    ledger.refuse(results.RIGHTS_OBJECTION_PENDING, object, stranger, second);
    const other = ledger.admit('stranger-b', ['BANK']);
    ledger.refuse(results.RIGHTS_OBJECTION_EXISTS, object, other, objection);
    const full = Array.from({ length: 64 }, (_, index) => `earlier-${index}`);
    ledger.put(registrationRecord, { ...rights.registration(), objectionIds: full });
    ledger.refuse(results.RIGHTS_OBJECTIONS_FULL, object, other, second);
    ledger.advanceTo(rights.registration().publicityEndsAtMs ?? 0);
    ledger.refuse(results.RIGHTS_PUBLICITY_OVER, object, other, second);
  });

  it('are decided by the registrar in charge and withdrawn by the objector, once', () => {
    const rights = rightsLedger();
    const { ledger, seller, registrar, otherRegistrar, stranger } = rights;
    const decision = { objectionId, decision: 'DISMISSED', reason: 'Unfounded' } as const;
    driveTo(rights, 'OBJECTED');
    ledger.refuse(results.RIGHTS_NOT_PARTY, resolveObjection, otherRegistrar, decision);
    ledger.refuse(results.RIGHTS_NOT_PARTY, withdrawObjection, seller, { objectionId });
    const unknown = { ...decision, objectionId: 'objection-9' };
    ledger.refuse(results.RIGHTS_OBJECTION_NOT_FOUND, resolveObjection, registrar, unknown);
    ledger.accept(withdrawObjection, stranger, { objectionId });
    ledger.refuse(results.RIGHTS_OBJECTION_STATE, resolveObjection, registrar, decision);
    ledger.refuse(results.RIGHTS_OBJECTION_STATE, withdrawObjection, stranger, { objectionId });
  });
});

describe('rights: refusals', () => {
  it('an id is taken once; an unknown one is not found', () => {
    const rights = rightsLedger();
    const { ledger, seller, registrar } = rights;
    ledger.refuse(results.RIGHTS_NOT_FOUND, accept, registrar, only);
    driveTo(rights, 'SUBMITTED');
    ledger.refuse(results.RIGHTS_EXISTS, submit, seller, { registrationId, ...facts });
  });

  it('a registrar decides nothing on its own data or its beneficial owner’s', () => {
    const rights = rightsLedger();
    const { ledger } = rights;
    driveTo(rights, 'SUBMITTED');
    const both: Actor = { ...rights.seller, roles: ['SELLER', 'REGISTRAR'] };
    ledger.refuse(results.RIGHTS_OWN_DATA, accept, both, only);
    const owned = ledger.admit('registrar-c', ['REGISTRAR'], { beneficialOwner: 'Somebody' });
    ledger.accept(returnForFix, owned, reasoned);
    ledger.admit('seller-a', ['SELLER'], { beneficialOwner: 'Somebody' });
    ledger.accept(resubmit, rights.seller, { registrationId, ...facts });
    ledger.refuse(results.RIGHTS_OWN_DATA, accept, owned, only);
    ledger.accept(accept, rights.registrar, only);
  });

  it('a suspended applicant is not accepted, reviewed, shown or certified, but can be refused', () => {
    const rights = rightsLedger();
    const { ledger, registrar } = rights;
    driveTo(rights, 'PUBLICITY_CLOSED');
    const seller = ledger.get(organisationRecord, 'seller-a');
    ledger.put(organisationRecord, { ...seller, state: 'SUSPENDED' });
    ledger.refuse(results.RIGHTS_APPLICANT_SUSPENDED, certify, registrar, code);
    ledger.accept(refuseRegistration, registrar, reasoned);
  });

  it('only the applicant resubmits; only applicant or registrar deregisters', () => {
    const rights = rightsLedger();
    const { ledger, registrar, otherRegistrar, seller } = rights;
    const other = ledger.admit('seller-b', ['SELLER']);
    driveTo(rights, 'ACTIVE');
    ledger.refuse(results.RIGHTS_NOT_PARTY, deregister, other, reasoned);
    ledger.refuse(results.RIGHTS_NOT_PARTY, deregister, otherRegistrar, reasoned);
    ledger.accept(deregister, registrar, reasoned);
    expect(ledger.nextDeadlineMs).to.equal(null);
    ledger.accept(submit, seller, { ...facts, registrationId: 'reg-2' });
    ledger.accept(returnForFix, registrar, { registrationId: 'reg-2', reason: 'Unclear' });
    const again = { ...facts, registrationId: 'reg-2', name: 'Bird strikes, mended' };
    ledger.refuse(results.RIGHTS_NOT_PARTY, resubmit, other, again);
    ledger.accept(resubmit, seller, again);
    expect(rights.registration('reg-2')).to.include({ name: again.name, decisionReason: null });
  });

  it('publicity can be waived for a reason, and the review’s clock runs on', () => {
    const rights = rightsLedger();
    driveTo(rights, 'UNDER_REVIEW');
    const { dueAtMs } = rights.registration();
    rights.ledger.accept(waivePublicity, rights.registrar, reasoned);
    expect(rights.registration()).to.include({ publicityWaiver: 'As found', dueAtMs });
    rights.ledger.advanceTo(dueAtMs ?? 0);
    expect(rights.registration()).to.include({ state: 'ACCEPTED', publicityWaiver: null });
  });

  const parent = 'parent-1';
  const rows: [string, Partial<RegistrationFacts>, keyof typeof results | null][] = [
    ['no right', { rights: { hold: false, use: false, operate: false } }, 'RIGHTS_NONE_CLAIMED'],
    [
      'no evidence of acquisition',
      { evidence: facts.evidence.slice(1) },
      'RIGHTS_EVIDENCE_MISSING',
    ],
    ['no sample', { evidence: facts.evidence.toSpliced(1, 1) }, 'RIGHTS_EVIDENCE_MISSING'],
    ['no description', { evidence: facts.evidence.slice(0, 2) }, 'RIGHTS_EVIDENCE_MISSING'],
    ['dates out of order', { coverageTo: '1989-12-31' }, 'RIGHTS_COVERAGE'],
    ['29 February of a common year', { coverageFrom: '2001-02-29' }, 'RIGHTS_COVERAGE'],
    ['month 13', { coverageFrom: '2001-13-01' }, 'RIGHTS_COVERAGE'],
    ['29 February of a leap year', { coverageFrom: '2000-02-29' }, null],
    ['one day', { coverageFrom: '2000-02-29', coverageTo: '2000-02-29' }, null],
    ['own data with a source', { parentRegistrationId: parent }, 'RIGHTS_PARENT'],
    ['derived from nothing', { origin: 'DERIVED' }, 'RIGHTS_PARENT'],
    [
      'derived under a licence',
      { origin: 'DERIVED', evidence: withEvidence('SOURCE_LICENCE') },
      null,
    ],
    ['derived from own', { origin: 'DERIVED', parentRegistrationId: parent }, null],
    ['derived from none', { origin: 'DERIVED', parentRegistrationId: 'nowhere' }, 'RIGHTS_PARENT'],
    ['derived of another', { origin: 'DERIVED', parentRegistrationId: 'other-1' }, 'RIGHTS_PARENT'],
  ];
  for (const [name, change, result] of rows) {
    it(`application with ${name}: ${result ?? 'taken'}`, () => {
      const rights = rightsLedger();
      const { ledger, seller } = rights;
      driveTo(rights, 'ACTIVE');
      ledger.put(registrationRecord, { ...rights.registration(), id: parent });
      ledger.put(registrationRecord, {
        ...rights.registration(),
        id: 'other-1',
        applicant: 'seller-b',
      });
      const command = { ...facts, ...change, registrationId: 'reg-new' };
      if (result) ledger.refuse(results[result], submit, seller, command);
      else ledger.accept(submit, seller, command);
    });
  }
});
