import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import pg from 'pg';
import { equalBytes, utf8 } from '../../../src/base/bytes.ts';
import { openCometRpc, type CometRpc } from '../../../src/chain/engine/comet-rpc.ts';
import { forgetHistory } from '../../../src/net/join.ts';
import { prepareDatabase, type Network } from '../../../src/net/network.ts';
import { rpcAddressOf } from '../../../src/net/plan.ts';
import { keyOf, operator } from '../test-chain.ts';
import { startLiar, type Liar } from './byzantine.ts';
import { judge } from './judge.ts';
import { startLoad, type Load } from './load.ts';
import { seededRandom } from './perturbations.ts';
import {
  admissionEnvelope,
  heightOf,
  needsComet,
  networkGenesis,
  hangMs,
  nextSequenceOf,
  rowsOf,
  startNetwork,
  submit,
  waitForHeight,
  type TestNetwork,
} from './test-network.ts';

const liarAt = 3;
const honest = [0, 1, 2];
const parameters = { envelopeBytesMax: 4_096, blockEnvelopesMax: 40, blockBytesMax: 65_536 };

/** What a bad proposer has to work with, of the moment. */
interface Material {
  readonly chainId: string;
  /** The operator's next number. */
  readonly sequence: number;
  readonly window: number;
  /** An envelope that stands in a block. */
  readonly spent: Uint8Array;
}

interface Deed {
  readonly name: string;
  /** What honest validators say of it. */
  readonly reason: RegExp;
  readonly txs: (material: Material) => Uint8Array[];
}

const next = ({ chainId, sequence }: Material, ahead = 0, signer = operator): Uint8Array =>
  admissionEnvelope(chainId, `byzantine-${sequence}-${ahead}`, sequence + ahead, 50_000, signer);

const deeds: readonly Deed[] = [
  {
    name: 'a wrong signature',
    reason: /SIGNATURE_INVALID/,
    txs: (material) => {
      const forged = next(material);
      forged.set([(forged.at(-1) ?? 0) ^ 1], forged.length - 1);
      return [forged];
    },
  },
  { name: 'a replayed envelope', reason: /SEQUENCE_USED/, txs: ({ spent }) => [spent] },
  {
    name: 'the same envelope twice',
    reason: /SEQUENCE_USED/,
    txs: (material) => [next(material), next(material)],
  },
  {
    name: 'a sequence number out of order',
    reason: /SEQUENCE_TOO_FAR/,
    txs: (material) => [next(material, material.window + 5)],
  },
  {
    name: 'an oversized envelope',
    reason: /ENVELOPE_TOO_LARGE/,
    txs: () => [new Uint8Array(parameters.envelopeBytesMax + 1).fill(0xd2)],
  },
  {
    name: 'more envelopes than a block may hold',
    reason: /4\d envelopes, of which 40 fit/,
    txs: (material) =>
      Array.from({ length: parameters.blockEnvelopesMax + 1 }, (_, ahead) => next(material, ahead)),
  },
  {
    name: 'bytes that are no envelope',
    reason: /ENVELOPE_MALFORMED/,
    txs: () => [utf8('garbage')],
  },
  {
    name: 'the envelope of an unknown key',
    reason: /KEY_UNKNOWN/,
    txs: (material) => [next({ ...material, sequence: 1 }, 0, keyOf('a stranger'))],
  },
  {
    name: 'an envelope for another chain',
    reason: /SIGNATURE_INVALID/,
    txs: (material) => [next({ ...material, chainId: 'another-chain' })],
  },
  {
    name: 'an expired envelope',
    reason: /ENVELOPE_EXPIRED/,
    txs: ({ chainId, sequence }) => [admissionEnvelope(chainId, 'late', sequence, 1)],
  },
  {
    name: 'an envelope that asks for a role which its key does not hold',
    reason: /ROLE_MISSING/,
    txs: (material) => [next({ ...material, sequence: 1 }, 0, keyOf('seller'))],
  },
];

interface CommitAnswer {
  readonly signed_header: {
    readonly header: { readonly proposer_address: string };
    readonly commit: { readonly round: number };
  };
}

describe('a Byzantine validator among four', function () {
  this.timeout(600_000);
  let network: TestNetwork;
  let rpc: CometRpc;
  let liar: Liar;
  let liarIsUp = false;
  let load: Load;
  let started = false;
  let nextDeed: ((height: number) => readonly Uint8Array[]) | null = null;
  let denyFrom = Number.MAX_SAFE_INTEGER;

  let censored: Uint8Array | null = null;
  let omitted = 0;
  const leaveOut = (txs: readonly Uint8Array[]): readonly Uint8Array[] | null => {
    const left = txs.filter((tx) => !censored || !equalBytes(tx, censored));
    omitted += txs.length - left.length;
    return left.length === txs.length ? null : left;
  };

  before(needsComet);
  before(async () => {
    const usual = await networkGenesis();
    const genesis = { ...usual, parameters: { ...usual.parameters, ...parameters } };
    network = await startNetwork({
      validators: 4,
      genesis,
      snapshotInterval: 20,
      // Its CometBFT asks the liar, and the liar its application.
      shape: (command, at, part) =>
        at === liarAt && part === 'comet' && liarIsUp
          ? { ...command, args: [...command.args, '--proxy_app', `unix://${socketOf(network)}`] }
          : command,
    });
    started = true;
    rpc = openCometRpc(`http://${rpcAddressOf(network.validator(0))}`);
    // CometBFT that is killed while it makes its databases for the first time cannot open them again.
    await waitForHeight(network, liarAt, 2);
    await network.end(liarAt, 'comet');
    liar = await startLiar(socketOf(network), network.validator(liarAt).appSocket, {
      propose: (height, txs) => {
        if (!nextDeed) return leaveOut(txs);
        const bad = nextDeed(height);
        nextDeed = null;
        return [...txs, ...bad];
      },
      denyHash: (height) => height >= denyFrom,
    });
    liarIsUp = true;
    await network.start(liarAt, 'comet');
    await waitForHeight(network, liarAt, 2);
    const { chainId } = network.genesis;
    const spent = admissionEnvelope(chainId, 'seller', 1);
    expect(await submit(network, 0, spent)).to.include({ ok: true });
    load = await startLoad(network, { clients: 3, random: seededRandom(5), pauseMsMax: 200 });
  });
  after(async () => {
    if (!started) return;
    rpc.close();
    await network.remove();
    await liar.close();
  });

  const material = async (): Promise<Material> => ({
    chainId: network.genesis.chainId,
    sequence: await nextSequenceOf(network, 0),
    window: network.genesis.parameters.sequenceWindow,
    spent: admissionEnvelope(network.genesis.chainId, 'seller', 1),
  });

  /** Waits for the liar's next turn, and for the block of that height on all. */
  const performed = async (bad: readonly Uint8Array[]): Promise<number> => {
    const height = await new Promise<number>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('the liar had no turn')), hangMs);
      nextDeed = (at) => {
        clearTimeout(timer);
        resolve(at);
        return bad;
      };
    });
    // The commit of a block stands for sure when the next one is there.
    for (const at of honest) await waitForHeight(network, at, height + 1);
    return height;
  };

  /** That another's block was decided at the height, in a later round, and without what was bad. */
  const expectOther = async (height: number, bad: readonly Uint8Array[]): Promise<void> => {
    const { signed_header: signed } = await rpc.call<CommitAnswer>('commit', {
      height: String(height),
    });
    expect(signed.commit.round).to.be.above(0);
    expect(signed.header.proposer_address).not.to.equal(await addressOf(network, liarAt));
    const { block } = await rpc.call<{ block: { data: { txs: string[] | null } } }>('block', {
      height: String(height),
    });
    const decided = new Set(block.data.txs ?? []);
    for (const tx of bad) expect(decided.has(Buffer.from(tx).toString('base64'))).to.equal(false);
  };

  for (const { name, reason, txs } of deeds) {
    it(`proposes ${name}: the others reject it, and another's block is decided`, async () => {
      // Whoever was too busy to look at a proposal in its round votes for none and says nothing: once more.
      for (let silent = honest; silent.length > 0;) {
        const bad = txs(await material());
        const height = await performed(bad);
        await expectOther(height, bad);
        const said = await Promise.all(silent.map((at) => rejectionOf(network, at, height)));
        for (const [index, words] of said.entries()) {
          if (words === '') continue;
          expect(words, `validator ${silent[index]} of height ${height}`).to.match(reason);
        }
        silent = silent.filter((_, index) => said[index] === '');
      }
    });
  }

  it('leaves an envelope out: it stands in the block of another', async () => {
    const now = await material();
    for (let sent = 0; omitted === 0 && sent < 40; sent += 1) {
      censored = next({ ...now, sequence: now.sequence + sent });
      expect(await submit(network, liarAt, censored)).to.include({ ok: true });
    }
    expect(omitted, 'the liar had an envelope to leave out').to.be.above(0);
  });

  it('has diverged nobody and lost nothing by all that', async () => {
    await load.stop();
    const verdict = await judge(network, load);
    expect(verdict.problems).to.deep.equal([]);
    expect(verdict.envelopes.acknowledged).to.be.above(deeds.length);
  });

  it('answers another app hash: it alone stands still, and the others go on', async () => {
    denyFrom = (await heightOf(network, 0)) + 2;
    await waitForHeight(network, 0, denyFrom + 6);
    expect(await heightOf(network, liarAt)).to.be.at.most(denyFrom);
    const said = /CONSENSUS FAILURE|wrong Block.Header.AppHash|invalid block/i;
    const logFile = path.join(network.validator(liarAt).dir, 'comet.log');
    while (!said.test(await readFile(logFile, 'utf8'))) await delay(100);
    expect(await heightOf(network, liarAt)).to.be.at.most(denyFrom);
  });

  it('comes back by a snapshot of the others, once its application is sound', async () => {
    denyFrom = Number.MAX_SAFE_INTEGER;
    const own = network.validator(liarAt);
    await network.end(liarAt, 'comet');
    await network.end(liarAt, 'app');
    await waitForHeight(network, 0, 22);
    await dropDatabase(network.databaseUrls[0]!, own.database);
    await prepareDatabase(own, network.databaseUrls[0]!);
    await forgetHistory(network.plan, own);
    await network.startBoth(liarAt);
    const height = (await heightOf(network, 0)) + 1;
    await waitForHeight(network, liarAt, height);
    const sql = `SELECT encode(app_hash, 'hex') AS hash FROM block WHERE height = ${height}`;
    expect(await rowsOf(network, liarAt, sql)).to.deep.equal(await rowsOf(network, 0, sql));
  });
});

const socketOf = (network: Network): string =>
  network.validator(liarAt).appSocket.replace(/\.sock$/, '-liar.sock');

async function addressOf(network: Network, at: number): Promise<string> {
  const file = path.join(network.validator(at).cometHome, 'config', 'priv_validator_key.json');
  return (JSON.parse(await readFile(file, 'utf8')) as { address: string }).address;
}

/** What the validator's application wrote of its vote against the proposal of a height. */
async function rejectionOf(network: Network, at: number, height: number): Promise<string> {
  const log = await readFile(path.join(network.validator(at).dir, 'app.log'), 'utf8');
  const lines = log.split('\n').filter((line) => line.includes(`proposal of height ${height} `));
  return lines.join('\n');
}

async function dropDatabase(url: string, name: string): Promise<void> {
  const admin = new pg.Client({ connectionString: url });
  await admin.connect();
  await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
  await admin.end();
}
