import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { verifyProof } from '../../src/proof/verify.ts';

/** Of a run of the demo; the second denies a licence that is there. */
const report = (name: string) =>
  verifyProof(readFileSync(new URL(`../../docs/examples/${name}.proof.json`, import.meta.url)));

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
});
