import { expect } from 'chai';
import { apiResults } from '../../../src/api/results.ts';
import { utf8 } from '../../../src/base/bytes.ts';
import { canonicalJson } from '../../../src/base/canonical-json.ts';
import { bytesOf } from '../../../src/proof/file.ts';
import { noSigner } from '../../../src/chain/machine/header.ts';
import { readSignedHeader } from '../../../src/proof/checkpoint.ts';
import type { ProofReport } from '../../../src/proof/report.ts';
import { OperationalError } from '../../../src/base/operational-error.ts';
import type { Engine } from '../../../src/chain/engine/engine.ts';
import { genesisKey } from '../../../src/chain/machine/genesis.ts';
import { encodeHeader } from '../../../src/chain/machine/header.ts';
import { verifyProof, type ProofOptions } from '../../../src/proof/verify.ts';
import { makeLightBlock, testSetHash } from '../../chain/light/make-block.ts';
import type { ApiAnswer, ApiRequest } from '../../support/api-client.ts';
import { admission, genesis, idOf, keyOf, operator, sign } from '../exchange.ts';
import { expectProblem, type Suite } from '../suite.ts';

/** The answer's very bytes are a proof file that verifies. */
function proven(answer: ApiAnswer, options: ProofOptions = {}): ProofReport {
  expect(answer.status, answer.text).to.equal(200);
  expect(answer.text).to.equal(canonicalJson(answer.json));
  const report = verifyProof(answer.bytes, options);
  expect(report.outcome, JSON.stringify(report.claims)).to.equal('HOLDS');
  expect(report.chainId).to.equal(genesis.chainId);
  return report;
}

const titles = ({ claims }: ProofReport): string[] =>
  claims.filter(({ shown }) => shown !== null).map(({ title }) => title);

export function proofSuite(suite: Suite): void {
  describe('proofs', () => {
    const trust = (): ProofOptions => ({
      trustedGenesisHash: suite.exchange.parts.genesisHash,
      trustedBlockSigner: genesis.blockSigner,
    });
    const sizeAt = async (height: number): Promise<number> => {
      const { json } = await suite.client.call('getBlock', { params: { height } });
      return json.logSize as number;
    };

    it('proves every leaf under one checkpoint', async () => {
      const { logSize } = suite.exchange.engine.status();
      const logIndexes = Array.from({ length: logSize }, (_, at) => at);
      const answer = await suite.client.call('getProofs', { json: { logIndexes } });
      const report = proven(answer, trust());
      expect(report.checkpoint).to.include({ logSize });
      expect(titles(report)).to.have.length(logSize);
      expect(report.notShown).to.equal(0);
    });

    it('proves a leaf, also under an older header, then without the state of it', async () => {
      const params = { logIndex: 1 };
      expect(proven(await suite.client.call('getInclusionProof', { params })).notShown).to.equal(0);
      const { json: block } = await suite.client.call('getBlock', { params: { height: 2 } });
      const query = `logSize=${block.logSize}`;
      const answer = await suite.client.call('getInclusionProof', { params, query });
      expect(answer.json.checkpoint.header).to.equal(block.checkpoint.headerBytes);
      const report = proven(answer);
      expect(report.claims.find(({ id }) => id === 'P05')?.outcome).to.equal('NOT SHOWN');
    });

    it('holds the commit where validators sealed the block, and is not given without it', async () => {
      const { engine } = suite.exchange.parts;
      const proved = await engine.proveState([genesisKey]);
      if (!proved) throw new Error('a block is made');
      const header = { ...proved.checkpoint.header, signer: noSigner };
      const seal = Uint8Array.of(0);
      const checkpoint = { header, headerBytes: encodeHeader(header), signature: seal };
      const clientWith = (proveCommit: Engine['proveCommit']) =>
        suite.clientOf({
          engine: Object.assign(Object.create(engine) as Engine, {
            proveCommit,
            status: engine.status.bind(engine),
            proveState: async () => ({ ...proved, checkpoint }),
          }),
        });
      const block = makeLightBlock({
        ...{ chainId: header.chainId, height: header.height + 1 },
        header: { appHash: header.appHash, timeSeconds: Math.ceil(header.timeMs / 1_000) },
      });
      const client = await clientWith(async () => ({ lightBlocks: [block], handOver: null }));
      const options = { trustedValidatorsHash: testSetHash };
      const report = proven(await client.call('getCheckpointProof'), options);
      expect(report.notShown).to.equal(0);
      // A node that has a ledger of validators, and no CometBFT.
      const without = await (await clientWith(undefined)).call('getCheckpointProof');
      expect(without.json).to.include({ format: 'dxl/proof/1' });
      expect(verifyProof(without.bytes).outcome).to.equal('NOT SHOWN');
      const standing = await clientWith(() =>
        Promise.reject(new OperationalError('COMMIT_MISSING', 'The network makes no blocks.')),
      );
      const bytes = sign(suite.exchange, operator, [admission('org-halt', keyOf('org-halt'))]);
      await suite.submit(bytes);
      const asked: readonly [operation: string, request: ApiRequest][] = [
        ['getCheckpointProof', {}],
        ['getInclusionProof', { params: { logIndex: 0 } }],
        ['getTransactionProof', { params: { id: idOf(bytes) } }],
        ['getConsistencyProof', { query: 'first=1' }],
        ['getRecordProof', { params: { kind: 'licence', id: 'none' } }],
        ['getStateProof', { query: 'key=licence/none' }],
        ['getProofs', { json: { logIndexes: [0] } }],
      ];
      for (const [operation, request] of asked) {
        expectProblem(await standing.call(operation, request), apiResults.NOT_READY);
      }
    });

    it('takes each leaf and each key once', async () => {
      for (const [name, json] of [
        ['logIndexes', { logIndexes: [0, 1, 0] }],
        ['keys', { keys: ['licence/none', 'licence/none'] }],
      ] as const) {
        const answer = await suite.refused(apiResults.INVALID_BODY, 'getProofs', { json });
        expect(answer.json.errors[0].pointer).to.equal(`/${name}`);
      }
    });

    it('is turned away while as many bytes are being served as the node holds, and not after', async () => {
      const logIndexes = [0, 1, 2];
      const whole = proven(await suite.client.call('getProofs', { json: { logIndexes } }));
      expect(whole.claims.filter(({ id }) => id.startsWith('L'))).to.have.length(3);
      const leaves = await suite.exchange.parts.reader.readLeaves(logIndexes);
      const bytes = [...leaves.values()].reduce((sum, leaf) => sum + leaf.length, 0);
      const tight = await suite.clientOf({}, { answerBytesMax: 4 * bytes });
      for (const _ of [1, 2, 3]) {
        expect((await tight.call('getProofs', { json: { logIndexes } })).status).to.equal(200);
      }
      const tooTight = await suite.clientOf({}, { answerBytesMax: 4 * (bytes - 1) });
      for (const _ of [1, 2]) {
        const refused = await tooTight.call('getProofs', { json: { logIndexes } });
        expectProblem(refused, apiResults.BATCHES_EXHAUSTED);
        expect(refused.headers.get('retry-after')).to.equal('1');
      }
      const one = await tooTight.call('getInclusionProof', { params: { logIndex: 0 } });
      expect(one.status).to.equal(200);
    });

    it('proves a transaction’s receipt and then its events', async () => {
      const bytes = sign(suite.exchange, operator, [admission('org-proof', keyOf('org-proof'))]);
      const { json: receipt } = await suite.submit(bytes);
      const params = { id: idOf(bytes) };
      const answer = await suite.client.call('getTransactionProof', { params });
      const [first, ...events] = titles(proven(answer, trust()));
      expect(first).to.equal(
        `Leaf ${receipt.logIndex} stands in the log: receipt of envelope ${params.id}`,
      );
      expect(events.join()).to.match(/identity.admitted of organisation org-proof.*key-added/);
    });

    it('proves that the log only grew, from any checkpoint to any later one', async () => {
      const [first, second] = [await sizeAt(1), await sizeAt(2)];
      const newest = await suite.client.call('getConsistencyProof', { query: `first=${first}` });
      expect(titles(proven(newest, trust()))[0]).to.include(`log of ${first} leaves (block 1)`);
      const query = `first=${first}&second=${second}`;
      const between = await suite.client.call('getConsistencyProof', { query });
      expect(proven(between, trust()).checkpoint).to.include({ height: 2, logSize: second });
    });

    it('gives a checkpoint to keep, from which later proofs go on', async () => {
      const kept = await suite.client.call('getCheckpointProof');
      const report = proven(kept, trust());
      expect(titles(report)).to.deep.equal([]);
      const { header, signature } = kept.json.checkpoint;
      const since = readSignedHeader(bytesOf(header), bytesOf(signature));
      await suite.submit(
        sign(suite.exchange, operator, [admission('org-kept', keyOf('org-kept'))]),
      );
      const json = { keys: ['organisation/org-kept'], earlier: [since.header.logSize] };
      const later = await suite.client.call('getProofs', { json });
      const grown = proven(later, { since });
      expect(grown.claims.find(({ id }) => id === 'P06')?.outcome).to.equal('HOLDS');
      const without = verifyProof((await suite.client.call('getCheckpointProof')).bytes, { since });
      expect(without.outcome).to.equal('NOT SHOWN');
    });

    it('proves what a record is, and that there is none', async () => {
      const there = { kind: 'organisation', id: 'the-seller' };
      const present = proven(await suite.client.call('getRecordProof', { params: there }), trust());
      expect(titles(present)).to.deep.equal(['organisation/the-seller is there, with this value']);
      expect(present.claims.at(-1)?.shown).to.have.nested.property('record.state', 'ACTIVE');
      const none = { kind: 'licence', id: 'no such one' };
      const absent = proven(await suite.client.call('getRecordProof', { params: none }), trust());
      expect(titles(absent)).to.deep.equal(['Nothing stands at licence/no such one']);
    });

    it('proves any key, the machine’s own too', async () => {
      for (const key of ['~genesis', 'trade/none', `key/${operator.keyId}`]) {
        const query = `key=${encodeURIComponent(key)}`;
        const report = proven(await suite.client.call('getStateProof', { query }), trust());
        expect(titles(report)[0]).to.include(key);
      }
    });

    it('does not prove the absence of what can never be there', async () => {
      for (const key of ['listings/x', 'listing', 'listing/', '/x', 'x']) {
        const query = `key=${encodeURIComponent(key)}`;
        await suite.refused(apiResults.STATE_KEY_UNKNOWN, 'getStateProof', { query });
        const json = { keys: [key] };
        await suite.refused(apiResults.STATE_KEY_UNKNOWN, 'getProofs', { json });
      }
      const params = { kind: 'listings', id: 'x' };
      const answer = await suite.refused(apiResults.INVALID_PATH, 'getRecordProof', { params });
      expect(answer.json.errors[0].message).to.match(
        /^"listings" is not one of organisation, .*did you mean "listing"\?$/,
      );
      for (const query of ['', 'key=', `key=${'x'.repeat(301)}`, 'key=a%00b']) {
        await suite.refused(apiResults.INVALID_QUERY, 'getStateProof', { query });
      }
    });

    it('refuses leaves beyond the log, and sizes that no header signs', async () => {
      const { logSize } = suite.exchange.engine.status();
      const params = { logIndex: logSize };
      await suite.refused(apiResults.NOT_FOUND, 'getInclusionProof', { params });
      const json = { logIndexes: [0, logSize] };
      await suite.refused(apiResults.NOT_FOUND, 'getProofs', { json });
      for (const size of [1, logSize + 1]) {
        const request = { params: { logIndex: 0 }, query: `logSize=${size}` };
        await suite.refused(apiResults.CHECKPOINT_NOT_FOUND, 'getInclusionProof', request);
        const first = { query: `first=${size}` };
        await suite.refused(apiResults.CHECKPOINT_NOT_FOUND, 'getConsistencyProof', first);
      }
    });

    it('refuses sizes out of order, and keys under an older block', async () => {
      const [older, newer] = [await sizeAt(1), await sizeAt(2)];
      const query = `first=${newer}&second=${older}`;
      const { CHECKPOINTS_OUT_OF_ORDER, STATE_NOT_PROVED, INVALID_QUERY } = apiResults;
      await suite.refused(CHECKPOINTS_OUT_OF_ORDER, 'getConsistencyProof', { query });
      const json = { keys: ['~genesis'], logSize: older };
      await suite.refused(STATE_NOT_PROVED, 'getProofs', { json });
      for (const wrong of ['', 'first=0', 'first=x', 'first=1&second=1.5', 'second=1']) {
        await suite.refused(INVALID_QUERY, 'getConsistencyProof', { query: wrong });
      }
    });

    it('refuses a batch that is too large or no JSON', async () => {
      const large = { json: { logIndexes: [0], more: ' '.repeat(600_000) } };
      await suite.refused(apiResults.BODY_TOO_LARGE, 'getProofs', large);
      const other = { body: '0', headers: { 'content-type': 'text/plain' } };
      await suite.refused(apiResults.UNSUPPORTED_MEDIA_TYPE, 'getProofs', other);
    });

    it('proves nothing before the first block', async () => {
      const { engine } = suite.exchange;
      const blank = Object.create(engine) as typeof engine;
      const client = await suite.clientOf({
        engine: Object.assign(blank, { proveState: async () => null }),
      });
      const calls: [string, ApiRequest][] = [
        ['getCheckpointProof', {}],
        ['getRecordProof', { params: { kind: 'trade', id: 'x' } }],
        ['getStateProof', { query: 'key=~genesis' }],
        ['getConsistencyProof', { query: 'first=1' }],
        ['getProofs', { json: {} }],
      ];
      for (const [operation, request] of calls) {
        expectProblem(await client.call(operation, request), apiResults.CHECKPOINT_NOT_FOUND);
      }
    });

    const malformed: [string, unknown][] = [
      ['too many leaves', { logIndexes: Array.from({ length: 1001 }, () => 0) }],
      ['too many keys', { keys: Array.from({ length: 1001 }, () => '~genesis') }],
      ['too many earlier logs', { earlier: Array.from({ length: 17 }, () => 1) }],
      ['a negative one', { logIndexes: [-1] }],
      ['text', { logIndexes: ['0'] }],
      ['a log of nothing', { earlier: [0] }],
      ['an unknown field', { logIndexes: [0], leaf: 1 }],
    ];
    for (const [what, json] of malformed) {
      it(`refuses a batch of ${what}`, async () => {
        await suite.refused(apiResults.INVALID_BODY, 'getProofs', { json });
      });
    }

    it('answers with bytes of which none can be changed', async () => {
      const json = { logIndexes: [0], keys: ['organisation/the-seller'], earlier: [2] };
      const { bytes } = await suite.client.call('getProofs', { json });
      for (let at = 0; at < bytes.length; at += 97) {
        const changed = Uint8Array.from(bytes, (byte, index) => (index === at ? byte ^ 1 : byte));
        expect(verifyProof(changed).outcome, String(at)).to.equal('FAILS');
      }
      expect(verifyProof(utf8('{}')).outcome).to.equal('FAILS');
    });
  });
}
