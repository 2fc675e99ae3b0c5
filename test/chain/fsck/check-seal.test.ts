import { expect } from 'chai';
import { encodeSeal, type Seal } from '../../../src/chain/abci/seal.ts';
import { SealCheck } from '../../../src/chain/fsck/check-seal.ts';
import { Findings } from '../../../src/chain/fsck/report.ts';

const seal = (height: number, set: number): Seal => ({
  ...{ blockHash: 'ab'.repeat(32), timeSeconds: height, timeNanos: 0 },
  nextValidatorsHash: set.toString(16).padStart(64, '0'),
  ...{ proposerAddress: 'cd'.repeat(20), lastCommitRound: 0, lastCommitVotes: 4 },
});

describe('seals of CometBFT, beside each other', () => {
  const check = (sets: readonly number[]): Findings => {
    const findings = new Findings();
    const seals = new SealCheck(findings);
    for (const [at, set] of sets.entries()) {
      seals.see(at + 1, encodeSeal(seal(at + 1, set)), (at + 1) * 1_000);
    }
    seals.finish();
    return findings;
  };

  it('name one set', () => {
    expect(check([7, 7, 7]).count).to.equal(0);
    expect(check([]).count).to.equal(0);
    expect(check([7, 8, 7]).list).to.deep.include.members([
      {
        ...{ table: 'block', row: '2', column: 'signature' },
        problem: 'names another set of validators than others',
      },
    ]);
  });

  it('are judged however many sets a damaged ledger names', function () {
    this.timeout(300_000);
    const many = 150_000;
    expect(check(Array.from({ length: many }, (_, at) => at)).count).to.equal(many);
  });
});
