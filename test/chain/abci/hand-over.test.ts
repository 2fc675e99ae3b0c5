/** Moving house as the application sees it: InitChain at the height after a ledger's history. */
import { expect } from 'chai';
import type { RequestInitChain } from 'cosmjs-types/tendermint/abci/types';
import { fromHex, toHex, utf8 } from '../../../src/base/bytes.ts';
import { appStateOf } from '../../../src/chain/abci/app-state.ts';
import { signHandOver, type HandOver } from '../../../src/chain/light/hand-over.ts';
import { genesisHash } from '../../../src/chain/machine/genesis.ts';
import type { SigningKey } from '../../../src/chain/tx/signing-key.ts';
import { keyIdOf } from '../../../src/base/key-id.ts';
import { freshDatabase, type FreshDatabase } from '../../support/database.ts';
import { put } from '../probe-room.ts';
import { beginMs, keyOf, operationOf, operator, sign, testGenesis } from '../test-chain.ts';
import { testSetHash, testValidators } from '../light/make-block.ts';
import { AbciClient, decidedBlock, initChainOf } from './abci-client.ts';
import { openApplication, type TestApplication } from './test-application.ts';

const blockSigner = keyOf('a block signer that signs');
const genesis = { ...testGenesis(), blockSigner: blockSigner.publicKey };

const noted = (sequence: number): Uint8Array =>
  sign(operationOf(put, { id: `probe-${sequence}`, note: 'noted' }), { sequence });

interface Wish {
  readonly handOver?: Partial<HandOver> | null;
  readonly signer?: SigningKey;
  readonly validators?: typeof testValidators;
}

describe('a ledger with history that validators take over', () => {
  const open: TestApplication[] = [];
  let database: FreshDatabase;
  let appHash: string;

  beforeEach(async () => {
    database = await freshDatabase();
    const app = await openApplication(database.url, { genesis });
    const client = await AbciClient.open(app.socketPath);
    await client.ask({ initChain: initChainOf(genesis) });
    await client.ask({ finalizeBlock: decidedBlock(1, beginMs + 1_000, [noted(1)]) });
    await client.ask({ commit: {} });
    ({ appHash } = app.application.head);
    await app.close();
  });
  afterEach(async () => {
    for (const app of open.splice(0)) await app.close();
    await database.drop();
  });

  function requestOf({ handOver = {}, signer = blockSigner, validators }: Wish): RequestInitChain {
    const statement: HandOver = {
      ...{ version: 1, chainId: genesis.chainId, genesisHash: genesisHash(genesis) },
      ...{ height: 1, appHash, validatorsHash: testSetHash },
      ...handOver,
    };
    const signed = handOver === null ? null : signHandOver(statement, signer);
    // CometBFT names the set in the order of its genesis file, whatever that is.
    const given = [...(validators ?? testValidators)].reverse();
    return initChainOf(genesis, {
      initialHeight: 2n,
      appStateBytes: utf8(JSON.stringify(appStateOf(genesis, signed))),
      validators: given.map(({ publicKey, power }) => ({
        pubKey: { ed25519: fromHex(publicKey) },
        power: BigInt(power),
      })),
    });
  }

  async function ask(wish: Wish) {
    const app = await openApplication(database.url, { genesis, initialHeight: 2 });
    open.push(app);
    const client = await AbciClient.open(app.socketPath);
    const info = (await client.ask({ info: emptyInfo }))?.info;
    expect(info?.lastBlockHeight).to.equal(0n);
    return { app, client, answer: await client.ask({ initChain: requestOf(wish) }) };
  }

  it('goes on at the next height, from the same app hash', async () => {
    const { app, client, answer } = await ask({});
    expect(toHex(answer!.initChain!.appHash)).to.equal(appHash);
    await client.ask({ finalizeBlock: decidedBlock(2, beginMs + 2_000, [noted(2)]) });
    await client.ask({ commit: {} });
    expect((await client.ask({ info: emptyInfo }))?.info?.lastBlockHeight).to.equal(2n);
    expect(app.application.machine.nextSequence(keyIdOf(operator.publicKey))).to.equal(3);
    for await (const block of app.store.readBlocks(1, 2)) {
      expect(block.height).to.be.within(1, 2);
    }
  });

  const refused: readonly [what: string, wish: () => Wish, why: RegExp][] = [
    ['without a hand-over', () => ({ handOver: null }), /needs the block signer's hand-over/],
    ['signed by somebody else', () => ({ signer: operator }), /not signed by the block signer/],
    ['of another height', () => ({ handOver: { height: 2 } }), /at height 2/],
    ['of another app hash', () => ({ handOver: { appHash: '11'.repeat(32) } }), /app hash 1111/],
    ['of another chain', () => ({ handOver: { chainId: 'another' } }), /another chain/],
    ['of another genesis', () => ({ handOver: { genesisHash: '22'.repeat(32) } }), /another chain/],
    ['to others', () => ({ handOver: { validatorsHash: '33'.repeat(32) } }), /other validators/],
    ['to more than are there', () => ({ validators: testValidators.slice(1) }), /other validators/],
    [
      'to the same with other power',
      () => ({ validators: testValidators.map((one) => ({ ...one, power: 11 })) }),
      /other validators/,
    ],
  ];
  for (const [what, wish, why] of refused) {
    it(`refuses to begin ${what}, and changes nothing`, async () => {
      const { app, answer } = await ask(wish());
      expect(answer?.exception?.error).to.match(why);
      expect(app.application.head.height).to.equal(1);
    });
  }
});

const emptyInfo = { version: '0.38.25', blockVersion: 11n, p2pVersion: 8n, abciVersion: '2.0.0' };
