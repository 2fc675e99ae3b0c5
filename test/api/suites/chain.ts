import { expect } from 'chai';
import { OperationalError } from '../../../src/base/operational-error.ts';
import { makeLightBlock } from '../../chain/light/make-block.ts';
import { apiResults } from '../../../src/api/results.ts';
import { fromHex, toHex } from '../../../src/base/bytes.ts';
import type { Engine } from '../../../src/chain/engine/engine.ts';
import { registry } from '../../../src/chain/rooms.ts';
import { decodeGenesis, genesisHash } from '../../../src/chain/machine/genesis.ts';
import { decodeHeader, headerSignatureInput } from '../../../src/chain/machine/header.ts';
import { verifyEd25519 } from '../../../src/chain/tx/signature.ts';
import { admission, genesis, idOf, keyOf, operator, sign } from '../exchange.ts';
import type { Json } from '../../support/api-client.ts';
import { expectProblem, type Suite } from '../suite.ts';

const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64url'));

/** The header, after checking that the block signer signed those bytes. */
function checkedHeader(checkpoint: Json) {
  const bytes = bytesOf(checkpoint.headerBytes);
  const signature = bytesOf(checkpoint.signature);
  const message = headerSignatureInput(bytes);
  expect(toHex(message)).to.equal(checkpoint.headerHash);
  expect(verifyEd25519(fromHex(genesis.blockSigner), message, signature)).to.equal(true);
  expect(decodeHeader(bytes)).to.deep.equal(checkpoint.header);
  return decodeHeader(bytes);
}

export function chainSuite(suite: Suite): void {
  const newChain = (): Engine =>
    Object.assign(Object.create(suite.exchange.engine) as Engine, {
      checkpoint: () => null,
      proveState: async () => null,
    });

  describe('chain', () => {
    it('shows genesis as JSON and as the bytes that are hashed', async () => {
      const { json } = await suite.client.call('getGenesis');
      expect(json.genesisHash).to.equal(genesisHash(genesis));
      expect(decodeGenesis(bytesOf(json.genesisBytes))).to.deep.equal(genesis);
    });

    it('says where it stands', async () => {
      await suite.exchange.settle();
      const { json } = await suite.client.call('getStatus');
      const { height, logSize } = suite.exchange.engine.status();
      expect(json).to.include({ height, logSize, mode: 'development' });
      expect(json.projection).to.deep.equal({ height, logIndex: logSize });
    });

    it('shows a checkpoint that the block signer signed', async () => {
      const { json } = await suite.client.call('getCheckpoint');
      expect(checkedHeader(json).height).to.equal(suite.exchange.engine.status().height);
    });

    it('has no checkpoint before the first block', async () => {
      const client = await suite.clientOf({ engine: newChain() });
      expectProblem(await client.call('getCheckpoint'), apiResults.CHECKPOINT_NOT_FOUND);
      const proof = await client.call('getInclusionProof', { params: { logIndex: 0 } });
      expectProblem(proof, apiResults.CHECKPOINT_NOT_FOUND);
    });

    it('pages through all blocks, newest first, by cursors', async () => {
      const heights: number[] = [];
      let query = 'limit=2';
      for (;;) {
        const { json } = await suite.client.call('listBlocks', { query });
        heights.push(...json.data.map(({ height }: { height: number }) => height));
        if (json.next === null) break;
        query = `limit=2&after=${json.next}`;
      }
      const { height } = suite.exchange.engine.status();
      expect(heights).to.deep.equal(Array.from({ length: height }, (_, at) => height - at));
    });

    it('shows how validators committed to a block, where they did', async () => {
      const params = { height: 1 };
      await suite.refused(apiResults.NOT_FOUND, 'getCommit', { params });
      const { engine } = suite.exchange.parts;
      const block = makeLightBlock();
      const handOver = { statement: Uint8Array.of(1), signature: new Uint8Array(64) };
      const withCommits = (proveCommit: Engine['proveCommit']) =>
        suite.clientOf({
          engine: Object.assign(Object.create(engine) as Engine, { proveCommit }),
        });
      for (const found of [handOver, null]) {
        const proof = { lightBlocks: [block], handOver: found };
        const client = await withCommits(async () => proof);
        const { status, json } = await client.call('getCommit', { params });
        expect(status).to.equal(200);
        expect(json.validatorsHash).to.equal(block.header.validatorsHash);
      }
      const away = await withCommits(() =>
        Promise.reject(new OperationalError('COMET_DOWN', 'CometBFT does not answer.')),
      );
      const { status, json } = await away.call('getCommit', { params });
      expect(status).to.equal(503);
      expect(json.name).to.equal('NOT_READY');
    });

    it('shows a block with its transactions', async () => {
      const bytes = sign(suite.exchange, operator, [admission('org-block', keyOf('org-block'))]);
      const { json: receipt } = await suite.submit(bytes);
      const params = { height: receipt.height };
      const { json } = await suite.client.call('getBlock', { params });
      expect(checkedHeader(json.checkpoint).height).to.equal(receipt.height);
      expect(json).to.include({ appHash: receipt.appHash, envelopeCount: 1 });
      expect(json.transactions[0]).to.include({ id: idOf(bytes), resultCode: 0 });
      await suite.refused(apiResults.NOT_FOUND, 'getBlock', { params: { height: 1e9 } });
      for (const height of ['0', 'x', '1.5', '-1']) {
        await suite.refused(apiResults.INVALID_PATH, 'getBlock', { params: { height } });
      }
    });

    it('lists every operation with the schema of its command', async () => {
      const { json } = await suite.client.call('listOperations');
      const numbers = json.data.map(({ number }: { number: number }) => number);
      expect(numbers).to.deep.equal([...registry.operations.keys()].sort((a, b) => a - b));
      expect(json.data[0].command.properties).to.have.property('organisationId');
    });

    it('gives the verification key of a pinned circuit', async () => {
      const params = { id: 'k-anonymity-512-k5' };
      const { json } = await suite.client.call('getVerificationKey', { params });
      expect(json.circuit).to.deep.equal(genesis.circuits[0]);
      expect(json.verificationKey.format).to.equal('dxl-groth16-bn254-vk/1');
      await suite.refused(apiResults.NOT_FOUND, 'getVerificationKey', { params: { id: 'other' } });
    });
  });
}
