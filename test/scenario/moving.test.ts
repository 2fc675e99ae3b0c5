/** A trade that is begun on one node and ends on four validators, who took the ledger over. */
import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { genesisHash } from '../../src/chain/machine/genesis.ts';
import { apiSource } from '../../src/client/dossier/api-source.ts';
import { assembleDossier } from '../../src/client/dossier/assemble.ts';
import { ExchangeClient } from '../../src/client/exchange-client.ts';
import { writeDossier } from '../../src/demo/acts/dossier.ts';
import { play, type Played } from '../../src/demo/play.ts';
import { ids } from '../../src/demo/scenario.ts';
import type { Stage } from '../../src/demo/stage.ts';
import { verifyDossier } from '../../src/dossier/verify.ts';
import { moveIn } from '../../src/net/move.ts';
import type { NetPlan } from '../../src/net/plan.ts';
import { tradeRecord } from '../../src/trading/state.ts';
import { fourValidators, netFolder, openNodes, type Nodes } from './support/driver.ts';
import { audit } from './support/audit.ts';
import {
  makeExchange,
  setUpMs,
  spawnNode,
  startNode,
  type NodeProcess,
  type TestExchange,
} from './support/exchange.ts';
import { brokenMoney } from './support/records.ts';
import { watchedStage } from './support/stage.ts';

/** Terms are signed and the money is in escrow; nothing is delivered. */
const lastBefore = 'delivers the file, encrypted, its key wrapped to the buyer';

describe('a trade that moves house half-way', function () {
  this.timeout(setUpMs);

  const cleanUp: (() => Promise<void>)[] = [];
  let exchange: TestExchange;
  let nodes: Nodes | null = null;
  let old: NodeProcess;
  let plan: NetPlan;
  let played: Played;
  let stage: Stage;
  let oldDossier: Uint8Array;
  let left: { height: number; appHash: string };

  before(async function () {
    const why = await fourValidators.whyNot();
    if (why !== null) {
      process.stdout.write(`    left out: ${why}\n`);
      this.skip();
    }
    exchange = await makeExchange();
    cleanUp.push(() => exchange.remove());
    old = await spawnNode(exchange);
    const oldClient = new ExchangeClient(old.url);
    stage = watchedStage(async (_number, title) => {
      if (title === lastBefore) await move(oldClient);
    });
    const { outDir, parties, artefacts } = exchange;
    const clientOf = (id: string): ExchangeClient => nodes?.clientOf(id) ?? oldClient;
    played = await play({ url: old.url, clientOf, outDir, stage, parties, artefacts });
  });

  async function move(oldClient: ExchangeClient): Promise<void> {
    const key = exchange.parties.get('buyer')?.signingKey;
    if (!key) throw new Error('the buyer has a key');
    const options = { trades: [ids.trade], key };
    oldDossier = await assembleDossier(apiSource(oldClient), options);
    await expectRefusal('DATA_FOLDER_IN_USE');
    left = await oldClient.status();
    await old.stop();
    plan = await moveIn(request());
    nodes = await openNodes(exchange);
    cleanUp.push(() => nodes?.stop() ?? Promise.resolve());
  }

  const request = (dir = netFolder(exchange)) => ({
    dataDir: exchange.config.dataDir,
    sourceUrl: exchange.database.url,
    serverUrl: exchange.database.url,
    validators: 4,
    development: true,
    dir,
  });

  async function expectRefusal(code: string): Promise<void> {
    const other = path.join(exchange.folder, 'too-early');
    const refusal = await moveIn(request(other)).then(
      () => null,
      (error: unknown) => (error as { code?: string }).code,
    );
    expect(refusal).to.equal(code);
  }

  after(async () => {
    for (let undo = cleanUp.pop(); undo; undo = cleanUp.pop()) await undo();
  });

  const network = (): Nodes => {
    if (!nodes) throw new Error('the network runs');
    return nodes;
  };

  it('goes on at the next height from the same app hash, on every validator', async () => {
    expect(plan.initialHeight).to.equal(left.height + 1);
    for (const { url } of network().clients) {
      const answer = await fetch(new URL(`/v1/blocks/${left.height}`, url));
      expect(await answer.json()).to.include({ appHash: left.appHash });
    }
  });

  it('ends the trade that was begun before it', async () => {
    const client = network().clientOf('buyer');
    const trade = await client.read(tradeRecord, ids.trade);
    expect(trade).to.include({ state: 'CERTIFIED', totalFen: 10_600_000n });
    expect(await brokenMoney(client)).to.deep.equal([]);
    expect(stage.steps.filter(({ result }) => result === 'FAILED')).to.deep.equal([]);
  });

  it('leaves the old dossier as good as it was', () => {
    const { checkpoint, claims } = verifyDossier(oldDossier, {
      trustedGenesisHash: genesisHash(exchange.genesis),
    });
    expect(checkpoint?.height).to.be.at.most(left.height);
    // The trade is not settled yet; what holds the file together does hold.
    const sealed = claims.filter(({ id }) => ['C01', 'C02', 'C03', 'C04', 'C05'].includes(id));
    expect(sealed.map(({ outcome: found }) => found)).to.deep.equal(Array(5).fill('HOLDS'));
  });

  it('gives a dossier that spans the move, with the hand-over in it', async () => {
    const { outDir, parties } = exchange;
    const file = await writeDossier({ stage, url: network().url, outDir, parties, played });
    const bytes = new Uint8Array(await readFile(file));
    const report = verifyDossier(bytes, { trustedGenesisHash: genesisHash(exchange.genesis) });
    expect(report).to.include({ outcome: 'HOLDS', notShown: 2 });
    expect(report.ends.map(({ state }) => state)).to.deep.equal(['CERTIFIED', 'CERTIFIED']);
    const facts = report.claims.find(({ id }) => id === 'C03')?.facts.join('; ');
    const { height, appHash } = left;
    expect(facts).to.include(`handed over to them after height ${height}, app hash ${appHash}`);
  });

  it('proves blocks of after the move by validators, of before it by the block signer', async () => {
    const { url } = network();
    const later = await fetch(new URL(`/v1/blocks/${left.height + 1}/commit`, url));
    expect(later.status).to.equal(200);
    const earlier = await fetch(new URL(`/v1/blocks/${left.height}/commit`, url));
    expect(earlier.status).to.equal(404);
  });

  it('is sound by audit over the whole of its history', async () => {
    const { url: databaseUrl } = network().ledger;
    const { config, genesis, folder } = exchange;
    const report = await audit({ config: { ...config, databaseUrl }, genesis, folder });
    expect(report.findings).to.deep.equal([]);
  });

  it('leaves the old ledger unchanged, and its node refuses to go on', async () => {
    const report = await audit(exchange);
    expect(report.findings).to.deep.equal([]);
    expect(report.height).to.equal(left.height);
    const refusal = await startNode(exchange).then(
      () => null,
      (error: unknown) => (error as { code?: string }).code,
    );
    expect(refusal).to.equal('CHAIN_MOVED');
  });
});
