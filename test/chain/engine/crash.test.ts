import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { checkLedger } from '../../../src/chain/fsck/check-ledger.ts';
import { openAuditReader } from '../../../src/store/audit-reader.ts';
import { startPostgres, type RunningPostgres } from '../../../src/store/postgres/start.ts';
import { testGenesis, testParts } from '../test-chain.ts';
import { openFolder } from '../../support/open-folder.ts';
import { loader } from '../../support/loader.ts';

/** Fixed, so that a failing run can be had again; when it is killed still depends on the machine. */
const seed = 20260302;

/** Park and Miller's generator: 0 to 1. */
function randomOf(state: number): () => number {
  let current = state % 2_147_483_647;
  return () => (current = (current * 48_271) % 2_147_483_647) / 2_147_483_647;
}

const child = fileURLToPath(new URL('./crash-child.ts', import.meta.url));
const rounds = 10;
const databaseRounds = new Set([2, 5, 8]);

describe('chain/engine: killed at any moment (M-87, M-88)', function () {
  this.timeout(300_000);
  let dataDir: string;
  let postgres: RunningPostgres;
  const start = () => startPostgres({ dataDir, log: () => undefined });
  before(async () => {
    dataDir = await openFolder('dxl-crash-');
    postgres = await start();
  });
  after(async () => {
    await postgres.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  /** Runs a node and kills it, or its database, `afterMs` after its first acknowledgement. */
  async function killedRun(afterMs: number, database: boolean): Promise<string[]> {
    const node = spawn(process.execPath, [...loader, child, postgres.url], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = once(node, 'close');
    let said = '';
    let complained = '';
    node.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
    node.stderr.setEncoding('utf8').on('data', (text: string) => (complained += text));
    await Promise.race([once(node.stdout, 'data'), ended]);
    expect(said, complained).to.not.equal('');
    await delay(afterMs);
    if (database) {
      process.kill(postgres.pid, 'SIGKILL');
      await Promise.race([ended, delay(5_000)]);
    }
    node.kill('SIGKILL');
    await ended;
    return said.split('\n').filter((line) => line.length === 64);
  }

  it(`keeps every acknowledged envelope, once, over ${rounds} kills (seed ${seed})`, async () => {
    const random = randomOf(seed);
    const acknowledged: string[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const database = databaseRounds.has(round);
      const ids = await killedRun(Math.floor(random() * 250), database);
      expect(ids.length).to.be.greaterThan(0);
      acknowledged.push(...ids);
      if (database) postgres = await start();
      const reader = await openAuditReader(postgres.url);
      try {
        const standing = new Map<string, number>();
        for await (const { id } of reader.envelopes()) {
          standing.set(id, (standing.get(id) ?? 0) + 1);
        }
        for (const id of acknowledged) expect(standing.get(id), `round ${round}`).to.equal(1);
        const report = await checkLedger({
          reader,
          genesis: testGenesis(),
          parts: testParts,
          invariants: () => [],
        });
        expect(report.findings, `round ${round}`).to.deep.equal([]);
        expect(report.replayed).to.equal(report.height);
      } finally {
        await reader.close();
      }
    }
    expect(acknowledged.length).to.be.greaterThan(rounds);
  });
});
