/** Every operation through a proxy that loses requests and answers: each takes effect exactly once. */
import { expect } from 'chai';
import { fromCbor } from '../../src/base/codec.ts';
import type { Hex } from '../../src/base/bytes.ts';
import { keyIdOf } from '../../src/base/key-id.ts';
import { registry } from '../../src/chain/rooms.ts';
import type { SigningKey } from '../../src/chain/tx/signing-key.ts';
import type { NamedOperation } from '../../src/client/commands.ts';
import { ExchangeClient } from '../../src/client/exchange-client.ts';
import type { Party } from '../../src/client/party.ts';
import { openExchange, type TestExchange } from '../api/exchange.ts';
import { readEnvelope, type Reading } from '../simulation/audit/access.ts';
import { blockSigner, cast, keyOf, operator, possessionOf } from '../simulation/cast.ts';
import { readGolden } from '../simulation/golden.ts';
import { Random } from '../simulation/random.ts';
import { realVerifier } from '../simulation/real-proof.ts';
import { losses, openLossyProxy, type Loss, type LossyProxy } from '../support/lossy-proxy.ts';

const seed = 20_261_130;
/** Blocks for which an envelope may wait; the proxy can let more pass by. */
const expiryBlocks = 6;

interface Step {
  readonly timeMs: number;
  readonly party: Party;
  readonly operations: readonly NamedOperation[];
  /** True where it has an operation that no step before it had. */
  readonly isFirst: boolean;
}

/** What was applied on the kept chain of every operation, as its parties would submit it. */
async function readSteps(): Promise<Step[]> {
  const golden = await readGolden();
  const seen = new Set<number>();
  const keys = new KeyRing();
  return golden.blocks.flatMap(({ timeMs, envelopes, resultCodes }) =>
    envelopes.flatMap((bytes, position) => {
      if (resultCodes[position] !== 0) return [];
      const reading = readEnvelope(bytes);
      const isFirst = reading.operations.some(([number]) => !seen.has(number));
      for (const [number] of reading.operations) seen.add(number);
      const { key, organisationId } = keys.of(reading.keyId);
      const operations = reading.operations.map((one) =>
        keys.exchanged(named(one), organisationId),
      );
      return [{ timeMs, party: partyOf(key), operations, isFirst }];
    }),
  );
}

/** Keys that the kept chain took in on the way, of which others are made here to sign with. */
class KeyRing {
  readonly #keys = new Map<Hex, { readonly key: SigningKey; readonly organisationId: string }>();

  constructor() {
    for (const id of ['operator', ...cast.map((one) => one.id)]) {
      this.#keys.set(keyOf(id).keyId, { key: keyOf(id), organisationId: id });
    }
  }

  of(keyId: Hex) {
    const known = this.#keys.get(keyId);
    if (!known) throw new Error(`no key ${keyId}`);
    return known;
  }

  /** The operation with the keys in it exchanged for those that are made here. */
  exchanged({ name, command }: NamedOperation, signer: string): NamedOperation {
    const fields = command as Readonly<Record<string, unknown>>;
    const { publicKey, keyId, organisationId = signer } = fields;
    if (typeof keyId === 'string' && name === 'identity.revoke-key') {
      return { name, command: { ...fields, keyId: this.of(keyId).key.keyId } };
    }
    if (typeof publicKey !== 'string') return { name, command };
    const old = keyIdOf(publicKey);
    const owner = String(organisationId);
    const known = this.#keys.get(old);
    const key = known?.key ?? keyOf(`in place of ${old}`);
    this.#keys.set(old, { key, organisationId: owner });
    const possession = possessionOf(key, owner);
    return { name, command: { ...fields, publicKey: key.publicKey, possession } };
  }
}

function named([number, command]: Reading['operations'][number]): NamedOperation {
  const operation = registry.operations.get(number);
  if (!operation) throw new Error(`no operation ${number}`);
  return { name: operation.name, command: fromCbor(operation.command, command) };
}

const partyOf = (signingKey: SigningKey): Party => ({
  ...{ organisationId: null, signingKey, encryptionKey: '22'.repeat(32) },
  openSealedBox: () => null,
});

describe('every operation, through a proxy that loses what passes', function () {
  this.timeout(300_000);
  const random = new Random(seed, 'losses');
  const clock = { nowMs: 0 };
  let steps: Step[];
  let exchange: TestExchange;
  let proxy: LossyProxy;
  let url: string;
  /** What is done to the next requests that submit. */
  let planned: Loss[] = [];

  before(async () => {
    steps = await readSteps();
    const { genesis } = await readGolden();
    clock.nowMs = genesis.timeMs;
    const verifyProof = await realVerifier();
    const chain = { genesis, blockSigner, nowMs: () => clock.nowMs, verifyProof };
    exchange = await openExchange({ chain, projects: false });
    url = await exchange.serve();
    const direct = new ExchangeClient(url, { submit: { expiryBlocks: 90 } });
    const refused = { organisationId: 'nobody-at-all', reason: 'makes a block' };
    proxy = await openLossyProxy({
      target: url,
      draw: () => planned.shift() ?? null,
      async expire() {
        for (let made = 0; made <= expiryBlocks; made += 1) {
          await direct
            .submit(partyOf(operator), [{ name: 'identity.suspend', command: refused }])
            .catch(() => undefined);
        }
      },
    });
  });

  after(async () => {
    await proxy.close();
    await exchange.close();
  });

  it('takes effect exactly once, whatever is lost on the way', async () => {
    const transport = { pauseMs: 5, patienceMs: 60_000 };
    const options = { transport, submit: { expiryBlocks } };
    const clients = new Map<Hex, ExchangeClient>();
    const lossy = new Set<string>();
    for (const [at, { timeMs, party, operations, isFirst }] of steps.entries()) {
      clock.nowMs = Math.max(clock.nowMs, timeMs);
      const { keyId } = party.signingKey;
      const client = clients.get(keyId) ?? new ExchangeClient(proxy.url, options);
      clients.set(keyId, client);
      if (isFirst) {
        for (const { name } of operations) lossy.add(name);
        planned = [losses[lossy.size % losses.length] ?? 'delay', random.pick(losses) ?? 'delay'];
      }
      const names = operations.map(({ name }) => name).join();
      await client.submit(party, operations).catch((error: unknown) => {
        throw new Error(`step ${at}, ${names}: ${(error as Error).message}`, { cause: error });
      });
      planned = [];
      // Long after its end is known to the client, what was held back comes to the exchange.
      if (at % 10 === 9) await proxy.release();
    }
    await proxy.release();
    expect([...registry.operationsByName.keys()].filter((name) => !lossy.has(name))).to.deep.equal(
      [],
    );
    expect([...proxy.done.keys()].sort()).to.deep.equal([...losses].sort());
    expect(await appliedOf(exchange)).to.deep.equal(steps.map(wordsOfStep));
  });
});

const wordsOfStep = ({ party, operations }: Step): string =>
  `${party.signingKey.keyId.slice(0, 8)} ${operations.map(({ name }) => name).join()}`;

/** Envelopes that were applied, in order, as the chain itself says. */
async function appliedOf(exchange: TestExchange): Promise<string[]> {
  const rows = await exchange.query(
    `SELECT encode(bytes, 'hex') AS bytes FROM envelope WHERE result_code = 0
     ORDER BY height, position`,
  );
  return rows.map(({ bytes = '' }) => {
    const { keyId, operations } = readEnvelope(Uint8Array.from(Buffer.from(bytes, 'hex')));
    return `${keyId.slice(0, 8)} ${operations.map((one) => named(one).name).join()}`;
  });
}
