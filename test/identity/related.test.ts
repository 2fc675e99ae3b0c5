import { expect } from 'chai';
import { areRelated } from '../../src/identity/state.ts';
import { memoryLedger } from '../support/ledger.ts';

type Facts = { readonly name?: string; readonly beneficialOwner?: string | null };

const related = (left: Facts, right: Facts): boolean => {
  const ledger = memoryLedger();
  ledger.admit('left', ['BUYER'], { name: 'Left Ltd', ...left });
  ledger.admit('right', ['BUYER'], { name: 'Right Ltd', ...right });
  const found = areRelated(ledger, 'left', 'right');
  expect(areRelated(ledger, 'right', 'left'), 'both ways').to.equal(found);
  return found;
};

describe('related organisations', () => {
  const rows: [string, Facts, Facts, boolean][] = [
    ['no stated owners', {}, {}, false],
    ['one owner', { beneficialOwner: 'Li Hua' }, { beneficialOwner: 'Li Hua' }, true],
    ['two owners', { beneficialOwner: 'Li Hua' }, { beneficialOwner: 'Li Hui' }, false],
    ['one stated owner', { beneficialOwner: 'Li Hua' }, {}, false],
    ['outer spaces', { beneficialOwner: ' Li Hua\u3000' }, { beneficialOwner: 'Li Hua' }, true],
    ['inner spaces', { beneficialOwner: 'Li  Hua' }, { beneficialOwner: 'Li Hua' }, true],
    [
      'wide brackets',
      { beneficialOwner: '华东数据（集团）公司' },
      { beneficialOwner: '华东数据(集团)公司' },
      true,
    ],
    ['wide letters', { beneficialOwner: 'ＬＩ　Hua' }, { beneficialOwner: 'li hua' }, true],
    [
      'unseen letters',
      { beneficialOwner: 'Li\u200b Hua\u2060' },
      { beneficialOwner: 'Li Hua' },
      true,
    ],
    ['letter case', { beneficialOwner: 'LI HUA' }, { beneficialOwner: 'li hua' }, true],
    ['a mother company', { beneficialOwner: 'Right Ltd' }, {}, true],
    ['a mother company, spelled freely', { beneficialOwner: 'right  LTD ' }, {}, true],
    ['one name, no owners', { name: 'Same Ltd' }, { name: 'Same Ltd' }, false],
  ];
  for (const [what, left, right, expected] of rows) {
    it(`${what}: ${expected ? 'related' : 'unrelated'}`, () => {
      expect(related(left, right)).to.equal(expected);
    });
  }

  it('are one with themselves, known or not', () => {
    const ledger = memoryLedger();
    expect(areRelated(ledger, 'nobody', 'nobody')).to.equal(true);
    expect(areRelated(ledger, 'nobody', 'somebody')).to.equal(false);
  });
});
