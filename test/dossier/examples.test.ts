import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { verifyDossier } from '../../src/dossier/verify.ts';

const example = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../../docs/examples/${name}`, import.meta.url)));

describe('the examples of docs/dossier.md', () => {
  it('hold: the whole one, in every claim that such a chain can show', () => {
    const { outcome, notShown, claims } = verifyDossier(example('whole.dossier.json'));
    const others = claims.filter((claim) => claim.outcome !== 'HOLDS');
    // Its circuit keys are of development, and nothing binds a computation's inputs to the rows.
    expect({ outcome, notShown, others: others.map(({ id }) => id) }).to.deep.equal({
      outcome: 'HOLDS',
      notShown: 2,
      others: ['C10', 'C14'],
    });
  });

  it('hold: one of the first version, but for what came later, of which it warns', () => {
    const old = new URL('../vectors/dossier/version-1.dossier.json', import.meta.url);
    const { outcome, claims, warnings } = verifyDossier(new Uint8Array(readFileSync(old)));
    const others = claims.filter((claim) => claim.outcome !== 'HOLDS');
    expect({ outcome, others: others.map(({ id }) => id) }).to.deep.equal({
      outcome: 'HOLDS',
      others: ['C10', 'C14', 'C19'],
    });
    expect(warnings[0]).to.match(/dxl-dossier\/1 has no state proofs.*dxl-dossier\/3/);
  });

  it('fail: the broken one, in the leaf that was changed and the seal', () => {
    const { claims } = verifyDossier(example('broken.dossier.json'));
    const failed = claims.filter(({ outcome }) => outcome === 'FAILS').map(({ id }) => id);
    expect(failed).to.include.members(['C04', 'C18']);
  });
});
