/** `dxl verify --strict`: passes where all that could be shown is, and the trade came to its end. */
import { expect } from 'chai';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { assembleDossier } from '../../src/client/dossier/assemble.ts';
import { noOpenings } from '../../src/dossier/schema.ts';
import { verifyDossier } from '../../src/dossier/verify.ts';
import { dxl } from '../cli/run-dxl.ts';
import { coldBuildMs } from '../privacy/zk/small-proof.ts';
import { failing, parsed, resealed } from './forge.ts';
import { scenarioOpenings } from './sample-dossier.ts';
import {
  agree,
  computeTerms,
  deliver,
  fileTerms,
  openMarket,
  payOut,
  settle,
  valuationId,
  type Deal,
} from './scenario.ts';
import { keyOf, type World } from './world.ts';

const tradeId = 'trade-file';
const onFile = { tradeId, purpose: 'DELIVERY', terms: fileTerms, priceFen: 10_000_000n } as const;

function complete(world: World, valued: string | null): void {
  agree(world, { ...onFile, valuationId: valued });
  deliver(world, tradeId);
  settle(world, tradeId);
  payOut(world, tradeId);
}

const onCompute: Deal = {
  tradeId: 'trade-compute',
  purpose: 'COMPUTE',
  terms: computeTerms,
  priceFen: 1_000_000n,
  valuationId: null,
};

interface Row {
  readonly what: string;
  readonly keyClass?: 'development';
  readonly play: (world: World) => void;
  readonly trades?: readonly string[];
  /** The inputs of the valuation are disclosed. */
  readonly isOpened?: boolean;
  readonly notShown: readonly string[];
  readonly notApplying: readonly string[];
  readonly exitCode: 0 | 1;
}

const rows: readonly Row[] = [
  {
    what: 'a valued file, sold, paid and disclosed: there is no computation to show',
    play: (world) => complete(world, valuationId),
    isOpened: true,
    notShown: [],
    notApplying: ['C16'],
    exitCode: 0,
  },
  {
    what: 'a file that nobody valued',
    play: (world) => complete(world, null),
    notShown: [],
    notApplying: ['C11', 'C16'],
    exitCode: 0,
  },
  {
    what: 'a valuation whose inputs could be disclosed and are not',
    play: (world) => complete(world, valuationId),
    notShown: ['C11'],
    notApplying: ['C16'],
    exitCode: 1,
  },
  {
    what: 'a sample proved under a development key',
    keyClass: 'development',
    play: (world) => complete(world, null),
    notShown: ['C10'],
    notApplying: ['C11', 'C16'],
    exitCode: 1,
  },
  {
    what: 'a computation that nobody has released, beside the file that was sold',
    play: (world) => {
      complete(world, valuationId);
      agree(world, onCompute);
    },
    trades: [tradeId, onCompute.tradeId],
    isOpened: true,
    notShown: ['C13', 'C14', 'C15', 'C16'],
    notApplying: [],
    exitCode: 1,
  },
];

describe('dxl verify --strict', function () {
  this.timeout(coldBuildMs);
  let folder: string;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'dxl-strict-'));
  });
  after(() => rm(folder, { recursive: true }));

  for (const [at, row] of rows.entries()) {
    it(`${row.exitCode === 0 ? 'passes' : 'refuses'} ${row.what}`, async () => {
      const world = await openMarket({ keyClass: row.keyClass ?? 'ceremony' });
      row.play(world);
      const { valuations } = row.isOpened ? scenarioOpenings() : noOpenings;
      const bytes = await assembleDossier(world, {
        trades: row.trades ?? [tradeId],
        openings: { ...noOpenings, valuations },
        key: keyOf('buyer'),
      });
      const { claims, outcome, notShown, notApplying } = verifyDossier(bytes);
      const having = (wanted: string) =>
        claims.filter((claim) => claim.outcome === wanted).map(({ id }) => id);
      expect(having('FAILS')).to.deep.equal([]);
      expect(having('NOT SHOWN')).to.deep.equal(row.notShown);
      expect(having('DOES NOT APPLY')).to.deep.equal(row.notApplying);
      expect({ outcome, notShown, notApplying }).to.deep.equal({
        outcome: 'HOLDS',
        notShown: row.notShown.length,
        notApplying: row.notApplying.length,
      });

      const file = path.join(folder, `${at}.dossier.json`);
      await writeFile(file, bytes);
      const { code, output } = await dxl(['verify', file, '--strict']);
      expect(code, output).to.equal(row.exitCode);
      for (const id of row.notApplying)
        expect(output).to.match(new RegExp(`${id} +DOES NOT APPLY`));
      const listed = row.notApplying.join(', ');
      const count = listed === '' ? 'none' : `${row.notApplying.length} (${listed})`;
      expect(output).to.include(`not applying: ${count}.`);
    });
  }

  it('never says that a claim does not apply to trades that are not here', async () => {
    const world = await openMarket();
    complete(world, null);
    const bytes = await assembleDossier(world, {
      trades: [tradeId],
      openings: noOpenings,
      key: keyOf('buyer'),
    });
    const other = resealed(parsed(bytes), (content) => {
      content.trades = ['trade-elsewhere'];
    });
    expect(failing(other)).to.include.members(['C11', 'C16']);
    expect(verifyDossier(other)).to.include({ outcome: 'FAILS', notApplying: 0 });
    expect(verifyDossier(bytes.subarray(1))).to.include({ notShown: 18, notApplying: 0 });
  });
});
