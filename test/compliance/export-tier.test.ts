import { expect } from 'chai';
import fc from 'fast-check';
import {
  exportThresholds2024,
  exportTier,
  exportTiers,
  type ExportFacts,
  type ExportTier,
} from '../../src/compliance/export-tier.ts';

const none: ExportFacts = {
  importantData: false,
  criticalInfrastructureOperator: false,
  people: 0n,
  sensitivePeople: 0n,
};

const tierOf = (facts: Partial<ExportFacts>): ExportTier =>
  exportTier({ ...none, ...facts }, exportThresholds2024);

describe('the export tier', () => {
  const rows: [Partial<ExportFacts>, ExportTier][] = [
    [{}, 'EXEMPT'],
    [{ people: 99_999n }, 'EXEMPT'],
    [{ people: 100_000n }, 'STANDARD_CONTRACT_OR_CERTIFICATION'],
    [{ people: 999_999n }, 'STANDARD_CONTRACT_OR_CERTIFICATION'],
    [{ people: 1_000_000n }, 'SECURITY_ASSESSMENT'],
    [{ sensitivePeople: 1n }, 'STANDARD_CONTRACT_OR_CERTIFICATION'],
    [{ sensitivePeople: 9_999n }, 'STANDARD_CONTRACT_OR_CERTIFICATION'],
    [{ sensitivePeople: 10_000n }, 'SECURITY_ASSESSMENT'],
    [{ importantData: true }, 'SECURITY_ASSESSMENT'],
    [{ criticalInfrastructureOperator: true }, 'EXEMPT'],
    [{ criticalInfrastructureOperator: true, people: 1n }, 'SECURITY_ASSESSMENT'],
    [{ criticalInfrastructureOperator: true, sensitivePeople: 1n }, 'SECURITY_ASSESSMENT'],
  ];
  for (const [facts, tier] of rows) {
    const named = Object.entries(facts).map(([name, value]) => `${name} ${value}`);
    it(`${named.join(', ') || 'nothing exported'}: ${tier}`, () => {
      expect(tierOf(facts)).to.equal(tier);
    });
  }

  it('never gets lighter with more people', () => {
    const people = fc.bigInt(0n, 2_000_000n);
    fc.assert(
      fc.property(people, people, people, people, (first, more, sensitive, moreSensitive) => {
        const few = tierOf({ people: first, sensitivePeople: sensitive });
        const many = tierOf({
          people: first + more,
          sensitivePeople: sensitive + moreSensitive,
        });
        expect(exportTiers.indexOf(many)).to.be.at.least(exportTiers.indexOf(few));
      }),
    );
  });
});
