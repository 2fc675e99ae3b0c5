import { expect } from 'chai';
import {
  CheckTxType,
  ResponseProcessProposal_ProposalStatus as Status,
} from 'cosmjs-types/tendermint/abci/types';
import { toHex, utf8 } from '../../../src/base/bytes.ts';
import { decodeSeal, isSeal } from '../../../src/chain/abci/seal.ts';
import { decodeHeader } from '../../../src/chain/machine/header.ts';
import { freshDatabase, type FreshDatabase } from '../../support/database.ts';
import { put } from '../probe-room.ts';
import { beginMs, operationOf, sign, TestChain, testGenesis } from '../test-chain.ts';
import { AbciClient, decidedBlock, initChainOf } from './abci-client.ts';
import { openApplication, type TestApplication } from './test-application.ts';

const noted = (sequence: number, note = `note ${sequence}`): Uint8Array =>
  sign(operationOf(put, { id: `probe-${sequence}`, note }), { sequence });

const blockAt = (height: number, txs: Uint8Array[] = []) =>
  decidedBlock(height, beginMs + height * 1_000, txs);

describe('the ABCI application', () => {
  let database: FreshDatabase;
  let open: TestApplication[] = [];
  const start = async (options = {}): Promise<{ app: TestApplication; client: AbciClient }> => {
    const app = await openApplication(database.url, options);
    open.push(app);
    return { app, client: await AbciClient.open(app.socketPath) };
  };
  const stop = async (app: TestApplication): Promise<void> => {
    open = open.filter((each) => each !== app);
    await app.close();
  };
  beforeEach(async () => {
    database = await freshDatabase();
  });
  afterEach(async () => {
    for (const app of [...open]) await stop(app);
    await database.drop();
  });

  it('shakes hands, begins the chain and commits blocks with the hashes of the machine', async () => {
    const { client } = await start();
    expect((await client.ask({ echo: { message: 'x' } }))?.echo?.message).to.equal('x');
    const info = (await client.ask({ info: emptyInfo }))?.info;
    expect(info?.lastBlockHeight).to.equal(0n);
    const begun = (await client.ask({ initChain: initChainOf(testGenesis()) }))?.initChain;
    const twin = new TestChain();
    expect(toHex(begun!.appHash)).to.equal(twin.machine.info().appHash);
    for (const height of [1, 2, 3]) {
      const txs = height === 2 ? [noted(1), noted(1), noted(2)] : [];
      const finalized = (await client.ask({ finalizeBlock: blockAt(height, txs) }))?.finalizeBlock;
      const expected = twin.block(txs, beginMs + height * 1_000);
      expect(toHex(finalized!.appHash)).to.equal(expected.appHash);
      expect(finalized?.txResults.map(({ code }) => code)).to.deep.equal(
        height === 2 ? [0, 111, 0] : [],
      );
      expect((await client.ask({ commit: {} }))?.commit).to.deep.equal({ retainHeight: 0n });
    }
    const after = (await client.ask({ info: emptyInfo }))?.info;
    expect(after?.lastBlockHeight).to.equal(3n);
    expect(toHex(after!.lastBlockAppHash)).to.equal(twin.machine.info().appHash);
  });

  it('keeps the facts of CometBFT in the place of a signature, and names no signer', async () => {
    const { app, client } = await start();
    await client.ask({ initChain: initChainOf(testGenesis()) });
    await client.ask({ finalizeBlock: blockAt(1, [noted(1)]) });
    await client.ask({ commit: {} });
    for await (const block of app.store.readBlocks(1, 1)) {
      expect(isSeal(block.signature)).to.equal(true);
      expect(decodeSeal(block.signature).blockHash).to.equal('01'.repeat(32));
      expect(decodeHeader(block.header).signer).to.equal('00'.repeat(32));
    }
    expect(isSeal(new Uint8Array(64))).to.equal(false);
  });

  it('stages only: nothing of a finalized block is seen before Commit, whatever comes between', async () => {
    const { app, client } = await start();
    await client.ask({ initChain: initChainOf(testGenesis()) });
    await client.ask({ finalizeBlock: blockAt(1, [noted(1)]) });
    const info = (await client.ask({ info: emptyInfo }))?.info;
    expect(info?.lastBlockHeight).to.equal(0n);
    expect(
      (await client.ask({ checkTx: { tx: noted(1), type: CheckTxType.NEW } }))?.checkTx?.code,
    ).to.equal(0);
    const query = { data: utf8('probe/probe-1'), path: '/record', height: 0n, prove: false };
    expect((await client.ask({ query }))?.query?.code).to.equal(3);
    expect((await app.store.readHead())?.height).to.equal(0);
    await client.ask({ commit: {} });
    expect((await client.ask({ query }))?.query?.code).to.equal(0);
    expect(
      (await client.ask({ checkTx: { tx: noted(1), type: CheckTxType.RECHECK } }))?.checkTx?.code,
    ).to.equal(111);
  });

  it('gives the same hash where a block is finalized again after a lost connection', async () => {
    const { app, client } = await start();
    await client.ask({ initChain: initChainOf(testGenesis()) });
    const once = (await client.ask({ finalizeBlock: blockAt(1, [noted(1)]) }))?.finalizeBlock;
    client.close();
    const again = await AbciClient.open(app.socketPath);
    expect((await again.ask({ info: emptyInfo }))?.info?.lastBlockHeight).to.equal(0n);
    const twice = (await again.ask({ finalizeBlock: blockAt(1, [noted(1)]) }))?.finalizeBlock;
    expect(toHex(twice!.appHash)).to.equal(toHex(once!.appHash));
    await again.ask({ commit: {} });
    expect(app.application.head.appHash).to.equal(toHex(once!.appHash));
  });

  it('goes on from its disk after a kill at each step', async () => {
    const twin = new TestChain();
    const expected = [1, 2, 3, 4].map((height) =>
      twin.block([noted(height)], beginMs + height * 1_000),
    );
    const steps = ['InitChain', 'FinalizeBlock', 'Commit'] as const;
    for (const [round, killedAfter] of [...steps, ...steps].entries()) {
      const { app, client } = await start();
      const info = (await client.ask({ info: emptyInfo }))?.info;
      const height = Number(info?.lastBlockHeight) + 1;
      if (height > 4) break;
      if (height === 1) await client.ask({ initChain: initChainOf(testGenesis()) });
      if (killedAfter !== 'InitChain') {
        const block = blockAt(height, [noted(height)]);
        const finalized = (await client.ask({ finalizeBlock: block }))?.finalizeBlock;
        expect(toHex(finalized!.appHash), `round ${round}`).to.equal(expected[height - 1]?.appHash);
        if (killedAfter === 'Commit') await client.ask({ commit: {} });
      }
      await stop(app);
    }
    const { app } = await start();
    expect(app.application.head.height).to.equal(2);
    expect(app.application.head.appHash).to.equal(expected[1]?.appHash);
  });

  it('refuses what the protocol forbids by an exception, and changes nothing', async () => {
    const { app } = await start();
    const fails = async (request: Parameters<AbciClient['ask']>[0], what: RegExp) => {
      const client = await AbciClient.open(app.socketPath);
      expect((await client.ask(request))?.exception?.error).to.match(what);
      expect(app.application.head.height).to.equal(0);
      expect(app.failures).to.deep.equal([]);
    };
    await fails({ commit: {} }, /without a finalized block/);
    await fails({ finalizeBlock: blockAt(2) }, /out of order/);
    await fails({ initChain: initChainOf(testGenesis(), { chainId: 'other' }) }, /another genesis/);
    await fails(
      { initChain: initChainOf(testGenesis({ timeMs: beginMs + 1 })) },
      /another genesis/,
    );
    await fails({ initChain: initChainOf(testGenesis(), { initialHeight: 5n }) }, /initial height/);
    await fails(
      { initChain: initChainOf(testGenesis(), { appStateBytes: utf8('{}') }) },
      /app_state/,
    );
    await fails({}, /no known kind/);
  });

  it('proposes only what may stand in a block, and refuses the proposals of a bad proposer', async () => {
    const { app, client } = await start();
    await client.ask({ initChain: initChainOf(testGenesis()) });
    const forged = noted(3);
    forged.set([forged.at(-1)! ^ 1], forged.length - 1);
    const stranger = sign(operationOf(put, { id: 'probe-9', note: 'x' }), {
      sequence: 9,
      chainId: 'other',
    });
    const base = {
      ...blockAt(1),
      localLastCommit: { round: 0, votes: [] },
      maxTxBytes: 1_000_000n,
    };
    const prepare = async (txs: Uint8Array[], maxTxBytes = 1_000_000n) =>
      (
        await client.ask({ prepareProposal: { ...base, txs, maxTxBytes } })
      )?.prepareProposal?.txs.map(toHex);
    expect(await prepare([noted(1), forged, noted(1), stranger, noted(2)])).to.deep.equal(
      [noted(1), noted(2)].map(toHex),
    );
    const wire = BigInt(noted(1).length + 3);
    expect(await prepare([noted(1), noted(2)], wire * 2n)).to.have.length(2);
    expect(await prepare([noted(1), noted(2)], wire * 2n - 1n)).to.have.length(1);
    const process = async (txs: Uint8Array[], height = 1) => {
      const { decidedLastCommit: proposedLastCommit, ...facts } = blockAt(height, txs);
      const answer = await client.ask({ processProposal: { ...facts, proposedLastCommit } });
      return answer?.processProposal?.status;
    };
    expect(await process([noted(1), noted(2)])).to.equal(Status.ACCEPT);
    expect(await process([])).to.equal(Status.ACCEPT);
    const oversized = sign(operationOf(put, { id: 'probe-8', note: 'x' }), {
      sequence: 8,
      expiryHeight: 99_999,
    });
    for (const bad of [[forged], [noted(1), noted(1)], [stranger], [oversized], [utf8('junk')]]) {
      expect(await process(bad)).to.equal(Status.REJECT);
    }
    const many = Array.from({ length: 17 }, (_, at) => noted(at + 1)).reverse();
    expect(await process(many)).to.equal(Status.REJECT);
    expect(await process([noted(1)], 2)).to.equal(Status.REJECT);
    const reasons = ['SIGNATURE_INVALID', 'SEQUENCE_USED', 'SIGNATURE_INVALID'];
    reasons.push(
      'ENVELOPE_EXPIRY_TOO_FAR',
      'ENVELOPE_MALFORMED',
      'SEQUENCE',
      'the next block is 1',
    );
    expect(app.rejections).to.have.length(reasons.length);
    for (const [at, reason] of reasons.entries()) expect(app.rejections[at]).to.include(reason);
  });

  describe('votes for no block', () => {
    const dayMs = 86_400_000;
    /** Of the first block after genesis, by a node whose clocks are held. */
    async function vote(aheadMs: number, thenSetMs = 0, proposedMs = aheadMs) {
      const clocks = { wallMs: beginMs + aheadMs, steadyMs: 0 };
      const { app, client } = await start({
        clocks: {
          clock: () => clocks.wallMs,
          steadyClock: () => clocks.steadyMs,
          clockConfirmed: false,
        },
      });
      await client.ask({ initChain: initChainOf(testGenesis()) });
      clocks.wallMs += thenSetMs;
      const block = decidedBlock(1, beginMs + proposedMs, []);
      const { decidedLastCommit: proposedLastCommit, ...facts } = block;
      const answer = await client.ask({ processProposal: { ...facts, proposedLastCommit } });
      const accepted = answer?.processProposal?.status === Status.ACCEPT;
      client.close();
      await stop(app);
      return accepted ? 'accepted' : (app.rejections[0] ?? '');
    }

    it('while its own clock is far from the newest block, or was set', async () => {
      expect(await vote(1_000)).to.equal('accepted');
      expect(await vote(31 * dayMs)).to.match(/^1: The clock says .* votes for no block/);
      expect(await vote(-31 * dayMs, 0, 1_000)).to.match(/^1: The clock says .* is behind/);
      expect(await vote(1_000, 3_650 * dayMs, 1_000)).to.match(/^1: The clock stepped forward/);
    });

    it('whose time is far in the future; one that is behind, or a while old, it accepts', async () => {
      expect(await vote(1_000, 0, 31 * dayMs)).to.equal(
        "1: its time is 30 days ahead of this node's clock",
      );
      expect(await vote(1_000, 0, 29 * dayMs)).to.equal('accepted');
      // A validator that is some minutes slow makes no wrong time: it is told, and votes.
      expect(await vote(-300_000, 0, 1_000)).to.equal('accepted');
      // After a pause the block's time is that of votes from before it.
      expect(await vote(29 * dayMs, 0, 1_000)).to.equal('accepted');
    });
  });

  it('answers nothing more after its store has failed, and the disk decides at the next start', async () => {
    const { app, client } = await start({
      around: (store: TestApplication['store']) => ({
        ...store,
        commit: async () => {
          throw new Error('disk full');
        },
      }),
    });
    await client.ask({ initChain: initChainOf(testGenesis()) });
    await client.ask({ finalizeBlock: blockAt(1) });
    expect((await client.ask({ commit: {} }))?.exception?.error).to.match(/could not be written/);
    expect(app.failures.map(({ code }) => code)).to.deep.equal(['ENGINE_STORE_FAILED']);
    const other = await AbciClient.open(app.socketPath);
    expect((await other.ask({ info: emptyInfo }))?.exception).not.to.equal(undefined);
  });
});

const emptyInfo = { version: '0.38.25', blockVersion: 11n, p2pVersion: 8n, abciVersion: '2.0.0' };
