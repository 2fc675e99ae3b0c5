import { expect } from 'chai';
import pg from 'pg';
import { checkLedger } from '../../../src/chain/fsck/check-ledger.ts';
import type { FsckReport } from '../../../src/chain/fsck/report.ts';
import { leafProjector } from '../../../src/chain/project-leaf.ts';
import { openAuditReader } from '../../../src/store/audit-reader.ts';
import { openDataSource } from '../../../src/store/data-source.ts';
import { createProjector } from '../../../src/store/projection.ts';
import { freshDatabase, type FreshDatabase } from '../../support/database.ts';
import { vectorBlocks } from '../../conformance/vectors.ts';
import { AbciClient, decidedBlock, initChainOf } from '../abci/abci-client.ts';
import { openApplication } from '../abci/test-application.ts';
import { testGenesis, testParts, testRegistry } from '../test-chain.ts';
import { digestsOf, exportDatabase, importInto, pieces } from './test-archive.ts';

describe('chain/archive and chain/fsck: a ledger of CometBFT', () => {
  let source: FreshDatabase;
  let target: FreshDatabase;
  let height = 0;
  before(async () => {
    [source, target] = await Promise.all([freshDatabase(), freshDatabase()]);
    const app = await openApplication(source.url);
    const client = await AbciClient.open(app.socketPath);
    await client.ask({ initChain: initChainOf(testGenesis()) });
    for (const { timeMs, envelopes } of vectorBlocks(testGenesis())) {
      height += 1;
      await client.ask({ finalizeBlock: decidedBlock(height, timeMs, [...envelopes]) });
      await client.ask({ commit: {} });
    }
    client.close();
    await app.close();
    const dataSource = await openDataSource(source.url, { poolMax: 2 });
    await createProjector({ dataSource, decode: leafProjector(testRegistry) }).advance();
    await dataSource.destroy();
  });
  after(() => Promise.all([source.drop(), target.drop()]));

  const audit = async (url: string): Promise<FsckReport> => {
    const reader = await openAuditReader(url);
    const genesis = testGenesis();
    const options = { reader, genesis, parts: testParts, invariants: () => [] };
    return checkLedger(options).finally(() => reader.close());
  };

  it('moves whole, seals and all, and is sound by what seals show by themselves', async () => {
    const { bytes, report } = await exportDatabase(source.url);
    expect(report.height).to.equal(height);
    const imported = await importInto(target.url, pieces(bytes));
    expect(imported).to.include({ imported: height, sealed: height, signed: 0 });
    expect(await digestsOf(target.url)).to.deep.equal(await digestsOf(source.url));
    const audited = await audit(target.url);
    expect(audited.findings).to.deep.equal([]);
    expect(audited).to.include({ sealed: height, signed: 0 });
  });

  /** Offsets in a seal: mark 4, array head 1, hash 2 + 32, seconds 5, nanos 1 to 5, … */
  it('names the block whose seal is no seal, or of another time or set of validators', async () => {
    const client = new pg.Client({ connectionString: source.url });
    await client.connect();
    const { rows } = await client.query<{ length: number }>(
      'SELECT octet_length(signature) AS length FROM block WHERE height = 3',
    );
    const length = rows[0]!.length;
    let found = 0;
    for (let at = 0; at < length; at += 1) {
      const flip = `UPDATE block SET signature =
        set_byte(signature, ${at}, get_byte(signature, ${at}) # 1) WHERE height = 3`;
      await client.query(flip);
      const { findings } = await audit(source.url);
      await client.query(flip);
      const named = findings.filter(({ table, row }) => table === 'block' && row === '3');
      expect(named.length, `byte ${at}`).to.equal(findings.length > 0 ? named.length : 0);
      if (named.length > 0) found += 1;
    }
    await client.end();
    // Hash of the header, proposer, round and votes are CometBFT's to confirm: dxl fsck --comet.
    expect(found).to.be.greaterThan(45);
    expect((await audit(source.url)).findings).to.deep.equal([]);
  });
});
