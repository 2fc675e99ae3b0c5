/** The kept chain of every operation type through the ABCI server, over a real socket. */
import { expect } from 'chai';
import { toHex } from '../../src/base/bytes.ts';
import { exchangeParts, registry } from '../../src/chain/rooms.ts';
import { AbciClient, decidedBlock, initChainOf } from '../chain/abci/abci-client.ts';
import { openApplication } from '../chain/abci/test-application.ts';
import { readGolden } from '../simulation/golden.ts';
import { realVerifier } from '../simulation/real-proof.ts';
import { freshDatabase } from '../support/database.ts';

describe('the kept chain of every operation, behind ABCI', function () {
  this.timeout(300_000);

  it('gives CometBFT the codes and app hashes that it gave when it was made', async () => {
    const golden = await readGolden();
    const { genesis } = golden;
    const database = await freshDatabase();
    const parts = { ...exchangeParts, verifyProof: await realVerifier() };
    const app = await openApplication(database.url, { genesis, parts, registry });
    try {
      const client = await AbciClient.open(app.socketPath);
      await client.ask({ initChain: initChainOf(genesis) });
      for (const [at, block] of golden.blocks.entries()) {
        const txs = block.envelopes.map((bytes) => new Uint8Array(bytes));
        const finalizeBlock = decidedBlock(at + 1, block.timeMs, txs);
        const found = (await client.ask({ finalizeBlock }))?.finalizeBlock;
        const codes = found?.txResults.map(({ code }) => code);
        expect(codes, `height ${at + 1}`).to.deep.equal(block.resultCodes);
        expect(toHex(found!.appHash), `height ${at + 1}`).to.equal(block.appHash);
        expect((await client.ask({ commit: {} }))?.commit).not.to.equal(undefined);
      }
      expect(app.application.head.height).to.equal(golden.blocks.length);
    } finally {
      await app.close();
      await database.drop();
    }
  });
});
