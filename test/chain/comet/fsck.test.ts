import { expect } from 'chai';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { openCometRpc, type CometRpc } from '../../../src/chain/engine/comet-rpc.ts';
import { checkCommits, type CommitReport } from '../../../src/chain/fsck/check-commits.ts';
import { Findings } from '../../../src/chain/fsck/report.ts';
import { openAuditReader } from '../../../src/store/audit-reader.ts';
import { exportDatabase, pieces } from '../archive/test-archive.ts';
import { readArchive } from '../../../src/chain/archive/read-archive.ts';
import { needsComet, startNetwork, type TestNetwork } from './test-network.ts';

const heights = 6;

describe('chain/fsck: seals against the commits of real validators', function () {
  let network: TestNetwork | undefined;
  let rpc: CometRpc;
  let url: string;
  let chainId: string;
  before(needsComet);
  before(async () => {
    const made = await startNetwork({ validators: 2 });
    network = made;
    url = made.databaseUrls[0] ?? '';
    chainId = made.genesis.chainId;
    rpc = openCometRpc(`http://127.0.0.1:${made.plan.validators[0]?.rpcPort}`);
    for (;;) {
      const reader = await openAuditReader(url);
      const head = await reader.readHead().finally(() => reader.close());
      if ((head?.height ?? 0) > heights) return;
      await delay(200);
    }
  });
  after(async () => {
    if (!network) return;
    rpc.close();
    await network.remove();
  });

  /** The first blocks, so that both of a pair of runs see the same. */
  async function check(): Promise<CommitReport & { readonly findings: Findings }> {
    const findings = new Findings();
    const reader = await openAuditReader(url);
    const bounded = {
      async *blocks() {
        for await (const row of reader.blocks()) if (row.height <= heights) yield row;
      },
      async *envelopes() {
        for await (const row of reader.envelopes()) if (row.height <= heights) yield row;
      },
    };
    const report = await checkCommits({ reader: bounded, rpc, chainId, findings }).finally(() =>
      reader.close(),
    );
    return { ...report, findings };
  }

  it('finds every seal confirmed by two thirds of the validators', async () => {
    const { commits, validatorsHash, findings } = await check();
    expect(findings.list).to.deep.equal([]);
    expect(commits).to.equal(heights);
    expect(validatorsHash).to.match(/^[0-9a-f]{64}$/);
  });

  it('names the block for a changed byte anywhere in its seal', async () => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query<{ length: number }>(
      'SELECT octet_length(signature) AS length FROM block WHERE height = 4',
    );
    // The first four bytes mark a seal: without them it is a signature, and fsck names that.
    for (let at = 4; at < rows[0]!.length; at += 3) {
      const flip = `UPDATE block SET signature =
        set_byte(signature, ${at}, get_byte(signature, ${at}) # 1) WHERE height = 4`;
      await client.query(flip);
      const { findings, commits } = await check();
      await client.query(flip);
      // A seal that cannot be read is named by the audit of the ledger.
      if (commits < heights) continue;
      expect(
        findings.list.map(({ row }) => row),
        `byte ${at}`,
      ).to.include('4');
    }
    await client.end();
  });

  it('exports a validator’s ledger while blocks go on', async () => {
    const { bytes, report } = await exportDatabase(url);
    expect(report.height).to.be.greaterThan(heights);
    let end = 0;
    for await (const item of readArchive(pieces(bytes)))
      if (item.kind === 'end') end = item.end.height;
    expect(end).to.equal(report.height);
  });
});
