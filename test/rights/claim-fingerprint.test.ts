/** One fingerprint, registered twice: who copies a root that everybody reads, and who applies again. */
import { expect } from 'chai';
import { returnForFix } from '../../src/rights/accept.ts';
import { deregister } from '../../src/rights/deregister.ts';
import { rightsResults } from '../../src/rights/results.ts';
import { fingerprintClaimRecord } from '../../src/rights/state.ts';
import { resubmit, submit } from '../../src/rights/submit.ts';
import type { Rights } from './fixture.ts';
import { digestOf, facts, driveTo, rightsLedger } from './fixture.ts';

function ledgerOf(machineVersion: 1 | 2): Rights {
  const rights = rightsLedger();
  rights.ledger.machineVersion = machineVersion;
  return rights;
}

const first = { registrationId: 'reg-1', ...facts };
const { fingerprint } = facts;
const copies = [
  ['whole', fingerprint],
  ['by its rows root', { ...fingerprint, contentCommitment: digestOf('c') }],
  ['by its commitment', { ...fingerprint, rowsRoot: digestOf('d') }],
] as const;

describe('a fingerprint that another registration has', () => {
  for (const [what, copy] of copies) {
    const second = { registrationId: 'reg-2', ...facts, fingerprint: copy };

    it(`is refused by version 2, copied ${what}, to another and to the same applicant`, () => {
      const { ledger, seller } = ledgerOf(2);
      ledger.accept(submit, seller, first);
      const copier = ledger.admit('copier', ['SELLER']);
      const { RIGHTS_FINGERPRINT_TAKEN: taken } = rightsResults;
      expect(ledger.refuse(taken, submit, copier, second)).to.match(
        /^Registration reg-1 of seller-a/,
      );
      ledger.refuse(taken, submit, seller, second);
    });

    it(`is taken by version 1, copied ${what}`, () => {
      const { ledger, seller } = ledgerOf(1);
      ledger.accept(submit, seller, first);
      ledger.accept(submit, ledger.admit('copier', ['SELLER']), second);
      expect(ledger.all(fingerprintClaimRecord)).to.deep.equal([]);
    });
  }

  it('is free again once that registration has ended', () => {
    const rights = ledgerOf(2);
    const { ledger, registrar, seller } = rights;
    driveTo(rights, 'ACTIVE');
    const again = { registrationId: 'reg-2', ...facts };
    ledger.refuse(rightsResults.RIGHTS_FINGERPRINT_TAKEN, submit, seller, again);
    const reason = 'To be registered anew';
    ledger.accept(deregister, registrar, { registrationId: 'reg-1', reason });
    ledger.accept(submit, seller, again);
    const claim = ledger.get(fingerprintClaimRecord, fingerprint.rowsRoot);
    expect(claim.registrationId).to.equal('reg-2');
  });

  it('is held against an application that is changed, and let go by one that is', () => {
    const { ledger, seller, registrar } = ledgerOf(2);
    ledger.accept(submit, seller, first);
    const own = { ...fingerprint, rowsRoot: digestOf('e'), contentCommitment: digestOf('f') };
    ledger.accept(submit, seller, { registrationId: 'reg-2', ...facts, fingerprint: own });
    for (const registrationId of ['reg-1', 'reg-2']) {
      ledger.accept(returnForFix, registrar, { registrationId, reason: 'Say more' });
    }
    const { RIGHTS_FINGERPRINT_TAKEN: taken } = rightsResults;
    ledger.refuse(taken, resubmit, seller, { registrationId: 'reg-2', ...facts });
    // The same one again is no copy.
    ledger.accept(resubmit, seller, { registrationId: 'reg-2', ...facts, fingerprint: own });
    const fresh = { ...own, rowsRoot: digestOf('7'), contentCommitment: digestOf('8') };
    ledger.accept(resubmit, seller, { ...first, fingerprint: fresh });
    ledger.accept(submit, seller, { registrationId: 'reg-3', ...facts });
  });
});
