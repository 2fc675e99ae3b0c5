import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { verifyProof, type ProofOptions } from '../../src/proof/verify.ts';

/** Of real runs; the second denies a licence that is there. */
const report = (name: string, options: ProofOptions = {}) =>
  verifyProof(
    readFileSync(new URL(`../../docs/examples/${name}.proof.json`, import.meta.url)),
    options,
  );

describe('docs/examples: proof files', () => {
  it('whole: a leaf, an earlier log, a licence that is there and one that is not', () => {
    const { outcome, notShown, claims } = report('whole');
    expect([outcome, notShown]).to.deep.equal(['HOLDS', 0]);
    const shown = claims.filter((claim) => claim.shown !== null).map(({ id }) => id);
    expect(shown.map((id) => id[0]).join('')).to.equal('LLESS');
  });

  it('broken: fails at the licence that it denies, and nowhere else', () => {
    const failing = report('broken').claims.filter(({ outcome }) => outcome === 'FAILS');
    expect(failing.map(({ id }) => id)).to.deep.equal(['S1']);
  });

  it('network: of a block that validators sealed, and of no others than those', () => {
    const { outcome, notShown, claims } = report('network');
    expect([outcome, notShown]).to.deep.equal(['HOLDS', 0]);
    const facts = claims.find(({ id }) => id === 'P03')?.facts.join('; ') ?? '';
    expect(facts).to.include('sealed by 3 of 4 validators');
    const [trustedValidatorsHash] = /(?<=set )[0-9a-f]{64}/.exec(facts) ?? [];
    expect(report('network', { trustedValidatorsHash }).outcome).to.equal('HOLDS');
    const others = report('network', { trustedValidatorsHash: '11'.repeat(32) });
    expect(others.claims.find(({ id }) => id === 'P03')?.outcome).to.equal('FAILS');
  });
});
