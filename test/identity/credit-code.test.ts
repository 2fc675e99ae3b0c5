import { expect } from 'chai';
import { admit } from '../../src/identity/admit.ts';
import { reinstate, suspend } from '../../src/identity/change-standing.ts';
import {
  creditCheckCharacter,
  creditCodeId,
  findCreditCodeFault,
} from '../../src/identity/credit-code.ts';
import { possessionClaim } from '../../src/identity/possession.ts';
import { identityResults as results } from '../../src/identity/results.ts';
import { creditCodeRecord, findHolder, organisationRecord } from '../../src/identity/state.ts';
import { toHex } from '../../src/base/bytes.ts';
import { keyOf } from '../chain/test-chain.ts';
import { creditCodeOf } from '../support/credit-code.ts';
import { memoryLedger } from '../support/ledger.ts';

/** Of companies that publish theirs; the first is the standard's own example. */
const published = [
  '91350100M000100Y43',
  '914403001922038216',
  '91330100799655058B',
  '9144030071526726XG',
];

describe('a unified social credit code (GB 32100-2015)', () => {
  for (const code of published) {
    it(`${code} is in order, and with another last character it is not`, () => {
      expect(creditCheckCharacter(code.slice(0, 17))).to.equal(code[17]);
      expect(findCreditCodeFault('CN', code)).to.equal(null);
      const other = `${code.slice(0, 17)}${code.endsWith('7') ? '8' : '7'}`;
      expect(findCreditCodeFault('CN', other)).to.equal(`${other} should end in ${code[17]}`);
    });
  }

  it('shows any one wrong character, and any two neighbours exchanged', () => {
    const [code = ''] = published;
    for (let at = 0; at < 17; at += 1) {
      const wrong = `${code.slice(0, at)}${code[at] === '8' ? '6' : '8'}${code.slice(at + 1)}`;
      expect(findCreditCodeFault('CN', wrong), wrong).to.be.a('string');
      const [left = '', right = ''] = code.slice(at, at + 2);
      if (left === right) continue;
      const swapped = `${code.slice(0, at)}${right}${left}${code.slice(at + 2)}`;
      expect(findCreditCodeFault('CN', swapped), swapped).to.be.a('string');
    }
  });

  const faults = [
    ['CN', '91350100M000100Y4', '91350100M000100Y4 has 17 characters, not 18'],
    ['CN', '91350100M000100YO3', 'O in 91350100M000100YO3 is not of GB 32100'],
    ['CN', '91350100m000100Y43', 'm in 91350100m000100Y43 is not of GB 32100'],
    ['DE', ' -./', ' -./ says nothing'],
    ['DE', 'HRB 86891', null],
    ['MX', 'A&B 860101-XY1', null],
    ['DE', 'HRB\u00a086891', 'U+00A0 in HRB\u00a086891 is neither ASCII letter, digit nor sign'],
    ['DE', 'HRB 8689１', 'U+FF11 in HRB 8689１ is neither ASCII letter, digit nor sign'],
    ['DE', 'HRB_86891', 'U+005F in HRB_86891 is neither ASCII letter, digit nor sign'],
  ] as const;
  for (const [country, code, fault] of faults) {
    it(`of ${country} "${code}": ${fault ?? 'in order'}`, () => {
      expect(findCreditCodeFault(country, code)).to.equal(fault);
    });
  }

  it('is compared without spaces, signs and case, within one country', () => {
    const id = creditCodeId('DE', 'HRB 86891');
    for (const same of ['hrb86891', 'HRB-86891', 'h.r.b/86 891']) {
      expect(creditCodeId('DE', same)).to.equal(id);
    }
    expect(creditCodeId('AT', 'HRB 86891')).not.to.equal(id);
    expect(creditCodeId('DE', 'HRB 86892')).not.to.equal(id);
  });
});

describe('identity: one organisation for one credit code', () => {
  const company = (organisationId: string, facts: object = {}) => {
    const key = keyOf(organisationId);
    const claim = possessionClaim('dxl-test', organisationId, key.publicKey);
    return {
      organisationId,
      name: 'Airfield Data',
      creditCode: creditCodeOf('airfield'),
      jurisdiction: 'CN',
      beneficialOwner: null,
      encryptionKey: 'e'.repeat(64),
      roles: ['SELLER' as const],
      publicKey: key.publicKey,
      possession: toHex(key.sign(claim)),
      ...facts,
    };
  };
  const begin = () => {
    const ledger = memoryLedger();
    return { ledger, operator: ledger.admit('operator', ['OPERATOR']) };
  };
  const standing = { organisationId: 'airfield', reason: 'as decided' };

  it('is held by the organisation that was admitted with it', () => {
    const { ledger, operator } = begin();
    const coded = { jurisdiction: 'CN', creditCode: creditCodeOf('airfield') };
    expect(findHolder(ledger, coded)).to.equal(null);
    ledger.accept(admit, operator, company('airfield'));
    expect(findHolder(ledger, coded)).to.equal('airfield');
    expect(ledger.all(creditCodeRecord)).to.have.length(1);
  });

  it('admits no second one with it, under whatever id, name and key', () => {
    const { ledger, operator } = begin();
    ledger.accept(admit, operator, company('airfield'));
    const again = company('airfield-two', { name: 'Another Name', roles: ['REVIEWER'] });
    const detail = ledger.refuse(results.CREDIT_CODE_TAKEN, admit, operator, again);
    expect(detail).to.equal(`${creditCodeOf('airfield')} is of airfield.`);
    ledger.accept(admit, operator, { ...again, creditCode: creditCodeOf('another') });
  });

  it('does not come free by a suspension: the organisation comes back by reinstatement', () => {
    const { ledger, operator } = begin();
    ledger.accept(admit, operator, company('airfield'));
    ledger.accept(suspend, operator, standing);
    ledger.refuse(results.CREDIT_CODE_TAKEN, admit, operator, company('airfield-two'));
    ledger.accept(reinstate, operator, standing);
    expect(ledger.get(organisationRecord, 'airfield').state).to.equal('ACTIVE');
  });

  it('is refused where it is none, and where the same one is spelled otherwise', () => {
    const { ledger, operator } = begin();
    const wrong = company('airfield', { creditCode: '91350100M000100Y44' });
    ledger.refuse(results.CREDIT_CODE_INVALID, admit, operator, wrong);
    const foreign = { jurisdiction: 'DE', creditCode: 'HRB 86891' };
    ledger.accept(admit, operator, company('werft', foreign));
    const respelled = { jurisdiction: 'DE', creditCode: 'hrb-86891' };
    ledger.refuse(results.CREDIT_CODE_TAKEN, admit, operator, company('werft-two', respelled));
    ledger.accept(admit, operator, company('zweite', { ...respelled, jurisdiction: 'AT' }));
    const spelled = company('dritte', { ...respelled, jurisdiction: 'de' });
    expect(() => ledger.apply(admit, operator, spelled)).to.throw('/jurisdiction');
  });
});
