import { expect } from 'chai';
import { CometEngine } from '../../../src/chain/engine/comet.ts';
import { CometRpcError, type CometRpc } from '../../../src/chain/engine/comet-rpc.ts';
import { engineResults } from '../../../src/chain/engine/results.ts';
import { AbciClient, decidedBlock, initChainOf } from '../abci/abci-client.ts';
import { openApplicationAlone, type TestApplication } from '../abci/test-application.ts';
import { admissionEnvelope } from '../comet/test-network.ts';
import { beginMs, testGenesis } from '../test-chain.ts';

/** CometBFT's words where it takes no envelope: of v0.38 and v0.39, which are not run together. */
const refusals = {
  full: 'Internal error: mempool is full: number of txs 5 (max: 5)',
  behind: 'Internal error: endpoint is closed while node is catching up',
  known: 'Internal error: tx already exists in cache',
  other: 'Internal error: tx size is too big: 9 bytes',
};

describe('the engine beside CometBFT, where that takes no envelope', () => {
  let app: TestApplication;
  before(async () => {
    app = await openApplicationAlone();
  });
  after(() => app.close());

  /** Beside a CometBFT that says one after another, and the last of them for ever. */
  const engineOf = (...words: readonly string[]): CometEngine => {
    let asked = 0;
    const refuse = () => Promise.reject(new CometRpcError(words[asked++] ?? words.at(-1)));
    const rpc: CometRpc = { broadcast: refuse, call: refuse, close: () => undefined };
    return new CometEngine({
      ...{ application: app.application, rpc, initialHeight: 1, handOver: null },
      ...{
        envelopeBytesMax: 100_000,
        limitTrouble: null,
        silenceMsMax: 10_000,
        unheardMsMax: 5_000,
      },
      ...{ pendingMax: 10, pendingPerKeyMax: 10, submitTimeoutMs: 2_000 },
    });
  };
  const envelopeOf = (number: number): Uint8Array =>
    admissionEnvelope(testGenesis().chainId, `engine-${number}`, number, 500);

  it('is busy where the mempool is full', async () => {
    const outcome = await engineOf(refusals.full).submit(envelopeOf(1));
    expect(outcome).to.include({ ok: false, result: engineResults.ENGINE_BUSY });
  });

  it('is behind where CometBFT catches up with the network, and goes on doing so', async () => {
    const outcome = await engineOf(refusals.behind).submit(envelopeOf(1));
    expect(outcome).to.include({ ok: false, result: engineResults.ENGINE_BEHIND });
  });

  it('asks again where CometBFT catches up, and only then', async () => {
    const { behind, full } = refusals;
    const outcome = await engineOf(behind, behind, full, behind).submit(envelopeOf(1));
    expect(outcome).to.include({ ok: false, result: engineResults.ENGINE_BUSY });
  });

  it('fails by anything else, with the words of CometBFT', async () => {
    const error = await engineOf(refusals.other)
      .submit(envelopeOf(1))
      .catch((cause: unknown) => cause);
    expect(error).to.include({ code: 'COMET_REFUSED' });
    expect((error as Error).message).to.include('too big');
  });

  it('waits for the block of an envelope that CometBFT has already', async () => {
    const engine = engineOf(refusals.known);
    const waiting = engine.submit(envelopeOf(1));
    const client = await AbciClient.open(app.socketPath);
    await client.ask({ initChain: initChainOf(testGenesis()) });
    await client.ask({ finalizeBlock: decidedBlock(1, beginMs + 1_000, [envelopeOf(1)]) });
    await client.ask({ commit: {} });
    client.close();
    expect(await waiting).to.deep.include({ ok: true });
    await engine.stop();
  });
});
