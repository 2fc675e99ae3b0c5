/** What an applicant or a registrar might try with objections to a registration. */
import { object } from '../../src/rights/object.ts';
import { withdrawObjection } from '../../src/rights/decide-objection.ts';
import { rightsResults as results } from '../../src/rights/results.ts';
import { driveTo, objection, rightsLedger } from './fixture.ts';

const numbered = (index: number) => ({ ...objection, objectionId: `objection-${index}` });

describe('an objector who raises and withdraws, to fill the list against others', () => {
  it('comes to the end of what one organisation may raise; another is still heard', () => {
    const rights = rightsLedger();
    const { ledger, stranger } = rights;
    driveTo(rights, 'PUBLICITY');
    for (let index = 1; index <= 4; index += 1) {
      ledger.accept(object, stranger, numbered(index));
      ledger.accept(withdrawObjection, stranger, { objectionId: `objection-${index}` });
    }
    ledger.refuse(results.RIGHTS_OBJECTIONS_SPENT, object, stranger, numbered(5));
    ledger.accept(object, ledger.admit('true-holder', ['SELLER']), numbered(6));
  });
});

describe('an objector of the house that the objection is about', () => {
  for (const party of ['seller-a', 'registrar-a']) {
    it(`has no say where ${party} owns it`, () => {
      const rights = rightsLedger();
      const { ledger } = rights;
      driveTo(rights, 'PUBLICITY');
      const sister = ledger.admit('sister', ['BUYER'], { beneficialOwner: party });
      ledger.refuse(results.RIGHTS_OBJECTOR_IS_PARTY, object, sister, objection);
      const other = ledger.admit('other', ['BUYER'], { beneficialOwner: 'somebody else' });
      ledger.accept(object, other, objection);
    });
  }
});
