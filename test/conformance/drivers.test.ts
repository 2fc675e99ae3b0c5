import { expect } from 'chai';
import { toHex } from '../../src/base/bytes.ts';
import { EmbeddedEngine } from '../../src/chain/engine/embedded.ts';
import { logIndexBytes } from '../../src/chain/abci/block.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';
import { AbciClient, decidedBlock, initChainOf } from '../chain/abci/abci-client.ts';
import { openApplication } from '../chain/abci/test-application.ts';
import { openNode } from '../chain/test-node.ts';
import { namesOf, operationOf, sign, TestChain, testGenesis } from '../chain/test-chain.ts';
import { put } from '../chain/probe-room.ts';
import { vectorBlocks } from './vectors.ts';

interface Executed {
  readonly appHash: string;
  readonly codes: readonly number[];
  readonly logIndexes: readonly string[];
}

describe('one machine behind two drivers', () => {
  const genesis = testGenesis();
  const databases: FreshDatabase[] = [];
  const fresh = async (): Promise<string> => {
    const database = await freshDatabase();
    databases.push(database);
    return database.url;
  };
  afterEach(async () => {
    for (const database of databases.splice(0)) await database.drop();
  });

  const byMachine = (): Executed[] => {
    const chain = new TestChain(genesis);
    return vectorBlocks(genesis).map(({ envelopes, timeMs }) => {
      const { appHash, results } = chain.block(envelopes, timeMs);
      return {
        appHash,
        codes: results.map(({ outcome }) => (outcome.ok ? 0 : outcome.result.code)),
        logIndexes: results.map(({ logIndex }) => toHex(logIndexBytes(logIndex))),
      };
    });
  };

  it('gives through ABCI the results and app hashes that the machine gives, vector by vector', async () => {
    const expected = byMachine();
    const app = await openApplication(await fresh());
    const client = await AbciClient.open(app.socketPath);
    await client.ask({ initChain: initChainOf(genesis) });
    for (const [at, { name, timeMs, envelopes, codes }] of vectorBlocks(genesis).entries()) {
      const finalizeBlock = decidedBlock(at + 1, timeMs, [...envelopes]);
      const block = (await client.ask({ finalizeBlock }))?.finalizeBlock;
      expect((await client.ask({ commit: {} }))?.commit, name).not.to.equal(undefined);
      const executed: Executed = {
        appHash: toHex(block!.appHash),
        codes: block!.txResults.map(({ code }) => code),
        logIndexes: block!.txResults.map(({ data }) => toHex(data)),
      };
      expect(executed, name).to.deep.equal(expected[at]);
      expect(executed.codes, name).to.deep.equal(codes);
    }
    await app.close();
  });

  it('gives the same app hashes through the embedded engine, whose disk holds the same ledger', async () => {
    let clockMs = genesis.timeMs;
    const node = await openNode(await fresh(), { genesis, clock: () => clockMs });
    const notes = [1, 2, 3, 4, 5].map((sequence) =>
      sign(operationOf(put, { id: `probe-${sequence}`, note: 'noted' }), { sequence }),
    );
    for (const envelope of notes) {
      clockMs += 1_000;
      expect((await node.engine.submit(envelope)).ok).to.equal(true);
    }
    expect(node.engine).to.be.instanceOf(EmbeddedEngine);
    const app = await openApplication(await fresh(), { genesis });
    const client = await AbciClient.open(app.socketPath);
    await client.ask({ initChain: initChainOf(genesis) });
    const last = node.engine.status().height;
    for await (const block of node.store.readBlocks(1, last)) {
      const txs = block.envelopes.map(({ bytes }) => new Uint8Array(bytes));
      const finalizeBlock = decidedBlock(block.height, block.timeMs, txs);
      const finalized = (await client.ask({ finalizeBlock }))?.finalizeBlock;
      expect(toHex(finalized!.appHash)).to.equal(block.appHash);
      await client.ask({ commit: {} });
    }
    for (const from of [node.store, app.store])
      expect((await from.readHead())?.height).to.equal(last);
    const rows = async (store: typeof app.store) => {
      const found: string[] = [];
      for await (const { key, value } of store.readState()) found.push(`${key} ${toHex(value!)}`);
      for await (const { bytes } of store.readLeaves(0)) found.push(toHex(bytes));
      return found;
    };
    expect(await rows(app.store)).to.deep.equal(await rows(node.store as typeof app.store));
    await app.close();
    await node.close();
  });

  it('names every vector, and each is what its codes say', () => {
    const chain = new TestChain(genesis);
    for (const { envelopes, timeMs, codes } of vectorBlocks(genesis)) {
      expect(namesOf(chain.block(envelopes, timeMs))).to.have.length(codes.length);
    }
  });
});
