import { expect } from 'chai';
import type { DossierReport } from '../../src/dossier/report.ts';
import { verifyDossier } from '../../src/dossier/verify.ts';
import { coldBuildMs } from '../privacy/zk/small-proof.ts';
import { scenarioDossier } from './sample-dossier.ts';
import { playScenario, scenarioTrades } from './scenario.ts';

describe('verifyDossier on a whole trade', () => {
  let bytes: Uint8Array;
  let report: DossierReport;

  before(async function () {
    this.timeout(coldBuildMs);
    const world = await playScenario();
    bytes = await scenarioDossier(world);
    report = verifyDossier(bytes);
  });

  it('finds that every claim holds', () => {
    const others = report.claims.filter(({ outcome }) => outcome !== 'HOLDS');
    expect(others.map(({ id, outcome, reasons }) => ({ id, outcome, reasons }))).to.deep.equal([]);
    expect(report.outcome).to.equal('HOLDS');
    expect(report.notShown).to.equal(0);
    expect(report.trades).to.deep.equal(scenarioTrades);
  });
});
