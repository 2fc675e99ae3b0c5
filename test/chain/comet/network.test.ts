import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { signEnvelope, type EnvelopeOperation } from '../../../src/chain/tx/envelope.ts';
import { networkStatus } from '../../../src/net/status.ts';
import { CometRpcError, openCometRpc } from '../../../src/chain/engine/comet-rpc.ts';
import { netJoin } from '../../../src/net/join.ts';
import { fetchStatus, netUp } from '../../../src/net/network.ts';
import { readPlan, rpcAddressOf } from '../../../src/net/plan.ts';
import { parseProofFile } from '../../../src/proof/file.ts';
import { verifyProof } from '../../../src/proof/verify.ts';
import { keyOf, operator } from '../test-chain.ts';
import { startLoad } from './load.ts';
import { judge } from './judge.ts';
import { seededRandom } from './perturbations.ts';
import {
  admissionEnvelope,
  admissionOf,
  heightOf,
  needsComet,
  networkGenesis,
  readinessOf,
  rowsOf,
  startNetwork,
  submit,
  untilReadiness,
  waitForHeight,
  type TestNetwork,
} from './test-network.ts';

const envelopeOf = (network: TestNetwork, number: number): Uint8Array =>
  admissionEnvelope(network.genesis.chainId, `tested-${number}`, number);

/** A module for `--import`: the process's clock of the wall says another time. */
const clockAhead = (aheadMs: number): string =>
  `data:text/javascript,const now = Date.now; Date.now = () => now() + ${aheadMs};`;

/** Of more than CometBFT's JSON-RPC takes where its configuration says nothing. */
function largeEnvelope(network: TestNetwork, id: string, sequence: number): Uint8Array {
  const { chainId } = network.genesis;
  const admission = admissionOf(chainId, `${id}-${'x'.repeat(50)}`, '𠮷'.repeat(200));
  const operations = new Array<EnvelopeOperation>(1_024).fill(admission);
  return signEnvelope(chainId, operator, { sequence, expiryHeight: 50_000, operations });
}

describe('one real validator', function () {
  this.timeout(300_000);
  let network: TestNetwork;
  let started = false;
  before(needsComet);
  before(async () => {
    const genesis = await networkGenesis();
    const parameters = {
      ...genesis.parameters,
      ...{ envelopeBytesMax: 2_000_000, operationsMax: 1_024 },
      ...{ envelopeExcessMax: 8_000_000, organisationExcessMax: 8_000_000 },
    };
    network = await startNetwork({ validators: 1, genesis: { ...genesis, parameters } });
    started = true;
  });
  after(async () => {
    if (started) await network.remove();
  });

  it('acknowledges an envelope when its block is on disk, and once only', async () => {
    await waitForHeight(network, 0, 2);
    const answer = await submit(network, 0, envelopeOf(network, 1));
    if (!answer?.ok) throw new Error(JSON.stringify(answer));
    const { envelopeId, height, resultCode } = answer.receipt;
    expect(resultCode).to.equal(0);
    const rows = await rowsOf(
      network,
      0,
      `SELECT height FROM envelope WHERE id = '\\x${envelopeId}'`,
    );
    expect(rows).to.deep.equal([{ height: String(height) }]);
    const again = await submit(network, 0, envelopeOf(network, 1));
    expect(again).to.include({ ok: false, code: 'SEQUENCE_USED' });
  });

  it('gives one block to the same bytes sent twice at once', async () => {
    const both = await Promise.all([1, 2].map(() => submit(network, 0, envelopeOf(network, 2))));
    for (const answer of both) expect(answer?.ok).to.equal(true);
    expect(both[0]).to.deep.equal(both[1]);
  });

  it('says that CometBFT is down, and takes the same envelope when it is back', async () => {
    await network.kill(0, 'comet');
    const down = await submit(network, 0, envelopeOf(network, 3));
    expect(down).to.include({ ok: false, code: 'COMET_DOWN' });
    await network.start(0, 'comet');
    await waitForHeight(network, 0, (await heightOf(network, 0)) + 1);
    expect((await submit(network, 0, envelopeOf(network, 3)))?.ok).to.equal(true);
  });

  it('goes on after both of its processes were killed', async () => {
    const before = await heightOf(network, 0);
    await Promise.all([network.kill(0, 'app'), network.kill(0, 'comet')]);
    await network.startBoth(0);
    await waitForHeight(network, 0, before + 2);
    expect((await submit(network, 0, envelopeOf(network, 4)))?.ok).to.equal(true);
  });

  it('takes an envelope that genesis allows and CometBFT’s usual limits do not', async () => {
    await untilReadiness(network, 0, 200);
    const envelope = largeEnvelope(network, 'large', 5);
    expect(envelope.length).to.be.above(1_048_576).and.below(2_000_000);
    const answer = await submit(network, 0, envelope);
    if (!answer?.ok) throw new Error(JSON.stringify(answer));
    // The same admission a thousand times stands in a block, refused.
    expect(answer.receipt).to.include({ resultCode: 1000, failedOperation: 1 });
  });

  it('says by name where CometBFT takes less than genesis allows, and refuses at once', async () => {
    const file = path.join(network.validator(0).cometHome, 'config', 'config.toml');
    const toml = await readFile(file, 'utf8');
    await network.end(0, 'comet');
    await network.end(0, 'app');
    await writeFile(file, toml.replace(/^max_(body|tx)_bytes.*$/gm, ''));
    await network.startBoth(0);
    const { checks } = await untilReadiness(network, 0, 503);
    expect(checks['comet-limits']).to.match(
      /envelopes of 2000000 bytes, and CometBFT takes none above 749232: .*max_body_bytes under \[rpc\]/,
    );
    const log = await readFile(path.join(network.validator(0).dir, 'app.log'), 'utf8');
    expect(log).to.match(/comet-limits: Genesis allows/);
    const large = await submit(network, 0, largeEnvelope(network, 'larger', 6));
    expect(large).to.include({ ok: false, code: 'ENGINE_ENVELOPE_LIMIT' });
    const rpc = openCometRpc(`http://${rpcAddressOf(network.validator(0))}`);
    const said = await rpc
      .broadcast(largeEnvelope(network, 'larger', 6))
      .catch((error: unknown) => error as Error);
    rpc.close();
    expect(said).to.be.instanceOf(CometRpcError);
    expect((said as Error).message).to.match(/too large/);
    await waitForHeight(network, 0, (await heightOf(network, 0)) + 1);
    expect((await submit(network, 0, envelopeOf(network, 6)))?.ok).to.equal(true);
  });
});

const isBehind = (answer: Awaited<ReturnType<typeof submit>>): boolean =>
  answer !== null && !answer.ok && answer.code === 'ENGINE_BEHIND';

describe('a real network of four validators', function () {
  this.timeout(240_000);
  let network: TestNetwork;
  let started = false;
  let clockAheadMs = 0;
  before(needsComet);
  before(async () => {
    network = await startNetwork({
      validators: 4,
      snapshotInterval: 10,
      shape: (command, at, part) =>
        at === 3 && part === 'app' && clockAheadMs !== 0
          ? { ...command, args: ['--import', clockAhead(clockAheadMs), ...command.args] }
          : command,
    });
    started = true;
  });
  after(async () => {
    if (started) await network.remove();
  });

  it('comes to one app hash on all validators, whoever was given the envelope', async () => {
    await waitForHeight(network, 0, 2);
    for (const at of [0, 1, 2, 3]) {
      const answer = await submit(network, at, envelopeOf(network, at + 1));
      if (!answer?.ok) throw new Error(JSON.stringify(answer));
      const { height, appHash } = answer.receipt;
      for (const other of [0, 1, 2, 3]) {
        await waitForHeight(network, other, height);
        const sql = `SELECT encode(app_hash, 'hex') AS hash FROM block WHERE height = ${height}`;
        expect(await rowsOf(network, other, sql)).to.deep.equal([{ hash: appHash }]);
      }
    }
    // Blocks come as soon as three of four are connected somehow; the rest of the links take longer.
    const peers = async () => (await networkStatus(network.plan)).map((row) => row.peers);
    while ((await peers()).some((count) => count !== 3)) await delay(200);
  });

  it('is ready all the while where nobody submits, for longer than a silence may be', async () => {
    for (const at of [0, 1, 2, 3]) await untilReadiness(network, at, 200);
    const { pending } = (await fetchStatus(network.validator(0)))!;
    expect(pending).to.equal(0);
    for (const endMs = performance.now() + 11_000; performance.now() < endMs; await delay(250)) {
      const all = await Promise.all([0, 1, 2, 3].map((at) => readinessOf(network, at)));
      expect(all.flatMap(({ checks }) => checks['quorum'] ?? [])).to.deep.equal([]);
    }
  });

  it('goes on with three of four, stands still with two, and goes on again', async () => {
    await Promise.all([network.signal(3, 'app', 'SIGSTOP'), network.signal(3, 'comet', 'SIGSTOP')]);
    const three = await heightOf(network, 0);
    await waitForHeight(network, 0, three + 4);
    expect((await readinessOf(network, 0)).checks).to.deep.equal({});
    await network.signal(2, 'comet', 'SIGSTOP');
    // Those who are left say so by themselves, with the reason.
    const [first] = await Promise.all([0, 1].map((at) => untilReadiness(network, at, 503)));
    expect(first?.checks['quorum']).to.match(
      /^No block was decided for \d+ s\. In round \d+ of height \d+, validators with 20 of 40 votes/,
    );
    const two = await heightOf(network, 0);
    await delay(2_000);
    expect(await heightOf(network, 0)).to.equal(two);
    // The newest block is sealed by the next one: the proof comes with it.
    const proof = fetch(`http://127.0.0.1:${network.validator(0).httpPort}/v1/proofs/checkpoint`);
    await delay(500);
    await network.signal(2, 'comet', 'SIGCONT');
    await Promise.all([network.signal(3, 'app', 'SIGCONT'), network.signal(3, 'comet', 'SIGCONT')]);
    await waitForHeight(network, 3, two + 3);
    for (const at of [0, 1, 2, 3]) await untilReadiness(network, at, 200);
    const bytes = new Uint8Array(await (await proof).arrayBuffer());
    const { checkpoint } = verifyProof(bytes);
    expect(checkpoint?.height).to.equal(two);
    expect(parseProofFile(bytes).format).to.equal('dxl/proof/2');
  });

  it('goes on where one validator’s clock cannot be right, which says so until it is', async () => {
    const log = () => readFile(path.join(network.validator(3).dir, 'app.log'), 'utf8');
    const restart = async (aheadMs: number): Promise<void> => {
      await network.end(3, 'comet');
      await network.end(3, 'app');
      clockAheadMs = aheadMs;
      await network.startBoth(3);
    };
    const rows = [
      { days: 40, trouble: /40 days apart, more than 30 days/ },
      { days: -40, trouble: /behind by (39|40) days/ },
    ];
    for (const { days, trouble } of rows) {
      const before = (await log()).length;
      await restart(days * 86_400_000);
      // It follows what the others decide, and votes for none of it.
      await waitForHeight(network, 3, (await heightOf(network, 0)) + 3);
      const { checks } = await untilReadiness(network, 3, 503);
      expect(checks['clock'])
        .to.match(trouble)
        .and.to.match(/--confirm-clock/);
      const rejected = new RegExp(` rejected: .*${trouble.source}`);
      while (!rejected.test((await log()).slice(before))) await delay(100);
      expect((await readinessOf(network, 0)).status).to.equal(200);
    }
    await restart(0);
    await untilReadiness(network, 3, 200);
  });

  it('takes a new node by a snapshot of its peers, to the same ledger', async () => {
    await waitForHeight(network, 0, 12);
    await delay(500);
    const dir = network.plan.validators[0]!.dir.replace(/\/validator-0$/, '');
    await netJoin(dir);
    const joined = await netUp({
      dir,
      databaseUrl: network.databaseUrls[0]!,
    });
    // A key that was admitted in a block which the new node lacks: it does not judge it yet.
    const early = admissionEnvelope(
      network.genesis.chainId,
      'too-early',
      1,
      50_000,
      keyOf('tested-1'),
    );
    const behind = await submit(joined, 4, early);
    if (!behind || behind.ok) throw new Error(JSON.stringify(behind));
    expect(behind.code).to.equal('ENGINE_BEHIND');
    expect(behind.detail).to.match(
      /blocks up to 0, .*KEY_UNKNOWN\. CometBFT (is catching|does not)/,
    );
    const [own] = (await readPlan(dir)).validators.slice(-1);
    await waitForHeight(joined, 4, await heightOf(network, 0));
    const url = Object.assign(new URL(network.databaseUrls[0]!), { pathname: `/${own!.database}` });
    const sql = `SELECT height, encode(app_hash, 'hex') AS hash FROM block WHERE height <= 10 ORDER BY height`;
    const there = await rowsOf({ databaseUrls: [url.href] }, 0, sql);
    expect(there).to.deep.equal(await rowsOf(network, 0, sql));
    // Restored rows were all written by the snapshot's last block; a replay would spread them.
    const least = await rowsOf<{ height: number }>(
      { databaseUrls: [url.href] },
      0,
      'SELECT min(height)::int AS height FROM state',
    );
    expect(least[0]?.height).to.be.at.least(10);
    // Its CometBFT may take itself for behind a little longer than the height says.
    let later = await submit(joined, 4, early);
    while (isBehind(later)) {
      await delay(100);
      later = await submit(joined, 4, early);
    }
    // It knows the key now, whose role this is not.
    expect(later).to.include({ ok: false, code: 'ROLE_MISSING' });
    // It has no votes from before its snapshot, and says so at once.
    const answer = await fetch(`http://127.0.0.1:${own!.httpPort}/v1/blocks/2/commit`);
    const problem = (await answer.json()) as { name: string; detail: string };
    expect(problem.name).to.equal('NOT_READY');
    expect(problem.detail).to.match(/no block 3, whose commit seals block 2.* ask another node/);
    await joined.end(4, 'comet');
    await joined.end(4, 'app');
  });

  it('loses and doubles nothing under seeded trouble (a short run; the long one is perturb.ts)', async () => {
    const load = await startLoad(network, { clients: 4, random: seededRandom(3) });
    for (const at of [0, 3]) {
      await Promise.all([network.kill(at, 'app'), network.kill(at, 'comet')]);
      await network.startBoth(at);
      await waitForHeight(network, at, (await heightOf(network, (at + 1) % 4)) + 2);
    }
    await load.stop();
    expect(load.acknowledged.size).to.be.above(0);
    const { problems, reexecuted, height } = await judge(network, load);
    expect(problems).to.deep.equal([]);
    expect(reexecuted).to.equal(height);
  });
});
