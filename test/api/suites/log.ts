import { expect } from 'chai';
import { apiResults } from '../../../src/api/results.ts';
import { fromHex, utf8 } from '../../../src/base/bytes.ts';
import { leafHash } from '../../../src/base/merkle.ts';
import { parseCheckpoint } from '../../../src/chain/checkpoint/body.ts';
import { cosign } from '../../../src/chain/checkpoint/cosignature.ts';
import { blockOf, originOf } from '../../../src/chain/checkpoint/ledger-note.ts';
import { isSignedByLog } from '../../../src/chain/checkpoint/log-signature.ts';
import { formatNote, parseNote, parseVerifierKey } from '../../../src/chain/checkpoint/note.ts';
import type { Publication } from '../../../src/chain/checkpoint/publication.ts';
import { rootFrom, subtreesOfRoot } from '../../../src/chain/checkpoint/subtrees.ts';
import { subtreesIn, tilePath, tilesOf } from '../../../src/chain/checkpoint/tiles.ts';
import type { Engine } from '../../../src/chain/engine/engine.ts';
import { genesisHash } from '../../../src/chain/machine/genesis.ts';
import { verifyEd25519 } from '../../../src/chain/tx/signature.ts';
import { genesis, keyOf, witness, witnessName } from '../exchange.ts';
import { expectProblem, type Suite } from '../suite.ts';

const nowS = (): number => Math.floor(Date.now() / 1000);

/** The newest note, when it has come to the newest block. */
export async function newestNote(suite: Suite): Promise<string> {
  const { engine, parts } = suite.exchange;
  while (parts.publication?.latest()?.height !== engine.status().height) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return (await suite.client.call('getLatestNote')).text;
}

/** The newest note with the cosignature that this exchange asks for. */
export async function cosignedNote(suite: Suite, timeS = nowS(), key = witness): Promise<string> {
  const note = parseNote(utf8(await newestNote(suite)));
  if (!note) throw new Error('the latest note is none');
  const signature = cosign(note.text, timeS, witnessName, key);
  return formatNote({ text: note.text, signatures: [...note.signatures, signature] });
}

export const plainText = (body: string | Uint8Array) => ({
  body,
  headers: { 'content-type': 'text/plain' },
});

const withEngine = (engine: Engine, checkpoint: Engine['checkpoint']): Engine =>
  Object.assign(Object.create(engine) as Engine, { checkpoint });

export function logSuite(suite: Suite): void {
  const tile = (path: string, headers = {}) =>
    suite.client.call('getTile', { params: { path }, headers });

  describe('log', () => {
    it('has no witnessed checkpoint before a witness has cosigned one', async () => {
      await newestNote(suite);
      const answer = await suite.client.call('getNote');
      expectProblem(answer, apiResults.CHECKPOINT_NOT_WITNESSED);
      const { json } = await suite.client.call('getStatus');
      expect(json.witnessed).to.deep.equal({ height: 0, logSize: 0, required: 1 });
    });

    it('signs the newest checkpoint as a note that names its block', async () => {
      const text = await newestNote(suite);
      const { json: log } = await suite.client.call('getLog');
      const { json: checkpoint } = await suite.client.call('getCheckpoint');
      const note = parseNote(utf8(text));
      const key = parseVerifierKey(log.logKey);
      expect(log.origin).to.equal(originOf(genesis.chainId, genesisHash(genesis)));
      expect(note && key && isSignedByLog(note, key, verifyEd25519)).to.equal(true);
      const body = note && parseCheckpoint(note.text);
      expect(body).to.include({ origin: log.origin, size: checkpoint.header.logSize });
      expect(body?.root).to.deep.equal(fromHex(checkpoint.header.logRoot));
      expect(body && blockOf(body)).to.deep.equal({
        height: checkpoint.header.height,
        headerHash: checkpoint.headerHash,
      });
    });

    it('refuses cosignatures that are not of its witness, not fresh or of another note', async () => {
      const refusals: [string, string][] = [
        ['another key', await cosignedNote(suite, nowS(), keyOf('another'))],
        ['an old one', await cosignedNote(suite, nowS() - 601)],
        ['one of the future', await cosignedNote(suite, nowS() + 320)],
        ['none', await newestNote(suite)],
      ];
      for (const [what, note] of refusals) {
        const answer = await suite.client.call('deliverCosignatures', plainText(note));
        expectProblem(answer, apiResults.COSIGNATURE_REFUSED);
        expect(suite.exchange.parts.publication?.witnessed(), what).to.equal(null);
      }
      const other = (await cosignedNote(suite)).replace(/^dxl\/[^/]+/, 'dxl/another');
      for (const note of [other, 'no note', new Uint8Array([255])]) {
        const answer = await suite.client.call('deliverCosignatures', plainText(note));
        expectProblem(answer, apiResults.NOTE_UNKNOWN);
      }
      const large = plainText('x'.repeat(140_000));
      await suite.refused(apiResults.BODY_TOO_LARGE, 'deliverCosignatures', large);
      const json = { json: {} };
      await suite.refused(apiResults.UNSUPPORTED_MEDIA_TYPE, 'deliverCosignatures', json);
    });

    it('takes a witness’s cosignature, once, and then calls the checkpoint witnessed', async () => {
      const note = await cosignedNote(suite);
      for (let times = 0; times < 2; times += 1) {
        const { json } = await suite.client.call('deliverCosignatures', plainText(note));
        expect(json).to.deep.equal({ witnesses: ['w1'] });
      }
      const { text } = await suite.client.call('getNote');
      expect(text).to.equal(note);
      const { json } = await suite.client.call('getLog');
      expect(json.witnessed.cosigned.map((one: { witness: string }) => one.witness)).to.deep.equal([
        'w1',
      ]);
      const { height, logSize } = suite.exchange.engine.status();
      const witnessed = { height, logSize, required: 1 };
      expect((await suite.client.call('getStatus')).json.witnessed).to.deep.equal(witnessed);
      expect((await suite.client.call('getCheckpoint')).json.witnessed).to.deep.equal(witnessed);
      const metrics = (await suite.client.call('getMetrics')).text;
      expect(metrics).to.include(`dxl_witnessed_height ${height}`);
      expect(metrics).to.include(`dxl_witness_log_leaves{witness="w1"} ${logSize}`);
      expect(metrics).to.include('dxl_witness_failing{witness="w1"} 0');
    });

    it('says that a node without a key for notes publishes none', async () => {
      const client = await suite.clientOf({ publication: null });
      for (const operation of ['getNote', 'getLatestNote', 'getLog', 'deliverCosignatures']) {
        const request = operation === 'deliverCosignatures' ? plainText('') : {};
        expectProblem(await client.call(operation, request), apiResults.NOT_FOUND);
      }
      expect((await client.call('getStatus')).json.witnessed).to.equal(null);
      expect((await client.call('getMetrics')).text).not.to.include('dxl_witnessed_height');
    });

    it('has no note before the first block, and asks for no cosignature without a policy', async () => {
      const before: Publication = Object.assign(
        Object.create(suite.exchange.parts.publication) as Publication,
        { latest: () => null, witnessed: () => null },
      );
      const young = await suite.clientOf({ publication: before });
      expectProblem(await young.call('getNote'), apiResults.CHECKPOINT_NOT_FOUND);
      expectProblem(await young.call('getLatestNote'), apiResults.CHECKPOINT_NOT_FOUND);
      const free: Publication = Object.assign(
        Object.create(suite.exchange.parts.publication) as Publication,
        { required: 0, latest: () => suite.exchange.parts.publication?.latest() ?? null },
      );
      const client = await suite.clientOf({ publication: free });
      expect((await client.call('getNote')).text).to.equal(await newestNote(suite));
    });

    it('has tiles from which the root of its note follows, and which may be kept for ever', async () => {
      const body = parseCheckpoint(parseNote(utf8(await newestNote(suite)))?.text ?? '');
      const size = body?.size ?? 0;
      const tiles = new Map<string, Uint8Array>();
      for (const one of tilesOf(subtreesOfRoot(size), size)) {
        const path = tilePath(one);
        const { bytes, headers } = await tile(path.replace('tile/', ''));
        expect(headers.get('cache-control')).to.equal('public, max-age=31536000, immutable');
        tiles.set(path, bytes);
      }
      expect(rootFrom(size, subtreesIn(tiles, size))).to.deep.equal(body?.root);
    });

    it('has its entries in bundles, plain or compressed, that hash to the tile', async () => {
      const { logSize } = suite.exchange.engine.status();
      const plain = await tile(`entries/000.p/${logSize}`, { 'accept-encoding': 'identity' });
      const zipped = await tile(`entries/000.p/${logSize}`, { 'accept-encoding': 'gzip' });
      expect(plain.headers.get('content-encoding')).to.equal(null);
      expect(Number(plain.headers.get('content-length'))).to.equal(plain.bytes.length);
      expect(zipped.headers.get('content-encoding')).to.equal('gzip');
      expect(zipped.bytes).to.deep.equal(plain.bytes);
      const hashes = (await tile(`0/000.p/${logSize}`)).bytes;
      let at = 0;
      for (let index = 0; index < logSize; index += 1) {
        const length = new DataView(plain.bytes.buffer).getUint16(at);
        const leaf = plain.bytes.subarray(at + 2, at + 2 + length);
        expect(leafHash(leaf)).to.deep.equal(hashes.slice(32 * index, 32 * (index + 1)));
        at += 2 + length;
      }
      expect(at).to.equal(plain.bytes.length);
    });

    it('has tiles of committed leaves only, and no others', async () => {
      const { logSize } = suite.exchange.engine.status();
      const beyond = [`0/000.p/${logSize + 1}`, '0/000', '0/001.p/1', '1/000.p/1', '63/000.p/1'];
      for (const path of [...beyond, `entries/000.p/${logSize + 1}`, 'entries/x999/999']) {
        expectProblem(await tile(path), apiResults.NOT_FOUND);
      }
      for (const path of [
        '0/0',
        '00/000.p/1',
        '0/000.p/256',
        '64/000',
        'x',
        `0/${'x000/'.repeat(20)}000`,
      ]) {
        expectProblem(await tile(path), apiResults.INVALID_PATH);
      }
      const young = withEngine(suite.exchange.engine, () => null);
      const client = await suite.clientOf({ engine: young });
      const none = await client.call('getTile', { params: { path: '0/000.p/1' } });
      expectProblem(none, apiResults.NOT_FOUND);
    });

    it('serves no bundle with an entry that its form cannot hold, and the others as ever', async () => {
      const { reader } = suite.exchange.parts;
      const measured = { count: 2, bytes: 70_000, longestBytes: 65_536 };
      const client = await suite.clientOf({
        reader: { ...reader, measureLeaves: async () => measured },
      });
      const request = { params: { path: 'entries/000.p/2' } };
      expectProblem(await client.call('getTile', request), apiResults.ENTRY_TOO_LARGE);
      const exactly = await suite.clientOf({
        reader: { ...reader, measureLeaves: async () => ({ ...measured, longestBytes: 65_535 }) },
      });
      const zipped = { ...request, headers: { 'accept-encoding': 'gzip' } };
      expect((await exactly.call('getTile', zipped)).status).to.equal(200);
      expect((await client.call('getTile', { params: { path: '0/000.p/2' } })).status).to.equal(
        200,
      );
    });

    it('serves no bundle while as many bytes are being served as the node holds', async () => {
      const client = await suite.clientOf({}, { answerBytesMax: 4 });
      const request = { params: { path: 'entries/000.p/2' } };
      expectProblem(await client.call('getTile', request), apiResults.BATCHES_EXHAUSTED);
      const hashes = await client.call('getTile', { params: { path: '0/000.p/2' } });
      expect(hashes.status).to.equal(200);
    });

    it('breaks a bundle off where the store fails in the middle of it', async () => {
      const { reader } = suite.exchange.parts;
      const client = await suite.clientOf({
        reader: {
          ...reader,
          async *streamLeaves() {
            yield utf8('a leaf');
            throw new Error('the database went away');
          },
        },
      });
      for (const encoding of ['identity', 'gzip']) {
        const headers = { 'accept-encoding': encoding };
        const request = { params: { path: 'entries/000.p/2' }, headers };
        const failed = await client.call('getTile', request).then(
          () => false,
          () => true,
        );
        expect(failed, encoding).to.equal(true);
      }
    });
  });
}
