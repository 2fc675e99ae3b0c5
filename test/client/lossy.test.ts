/** Every operation through a proxy that loses requests and answers: each takes effect exactly once. */
import { expect } from 'chai';
import { dayMs } from '../../src/base/calendar.ts';
import { registry } from '../../src/chain/rooms.ts';
import type { NamedOperation } from '../../src/client/commands.ts';
import { ExchangeClient } from '../../src/client/exchange-client.ts';
import type { Party } from '../../src/client/party.ts';
import { openExchange, type TestExchange } from '../api/exchange.ts';
import { blockSigner, operator } from '../simulation/cast.ts';
import { readGolden } from '../simulation/golden.ts';
import { Random } from '../simulation/random.ts';
import { realVerifier } from '../simulation/real-proof.ts';
import { appliedSql, wordsOf, wordsOfApplied } from '../support/applied-envelopes.ts';
import { losses, openLossyProxy, type Loss, type LossyProxy } from '../support/lossy-proxy.ts';
import { testRules } from '../support/rules.ts';
import { partyOf, readSteps, type Step } from './golden-steps.ts';

const seed = 20_261_130;
/** Blocks for which an envelope may wait; the proxy can let more pass by. */
const expiryBlocks = 6;
/** After a longer one no engine trusts its clock. */
const silenceMs = 20 * dayMs;
const publicityMs = testRules.periods.publicity.count;

type Submit = (
  client: ExchangeClient,
  party: Party,
  operations: readonly NamedOperation[],
) => Promise<unknown>;

const ways: readonly (readonly [string, Submit])[] = [
  ['alone', (client, party, operations) => client.submit(party, operations)],
  [
    'in a batch',
    async (client, party, operations) => {
      const [outcome] = await client.submitMany(party, [operations]);
      if (outcome?.ok !== true) throw outcome?.error ?? new Error('no outcome');
    },
  ],
];

for (const [way, submit] of ways) {
  describe(`every operation ${way}, through a proxy that loses what passes`, function () {
    this.timeout(900_000);
    const clock = { nowMs: 0 };
    let steps: Step[];
    let exchange: TestExchange;
    let proxy: LossyProxy;
    /** What is done to the next requests that submit. */
    let planned: Loss[] = [];
    /** By an envelope that comes to nothing. */
    let makeBlock: () => Promise<unknown>;

    before(async () => {
      steps = await readSteps();
      const { genesis } = await readGolden();
      clock.nowMs = genesis.timeMs;
      const verifyProof = await realVerifier();
      const chain = { genesis, blockSigner, nowMs: () => clock.nowMs, verifyProof };
      exchange = await openExchange({ chain, projects: false });
      const url = await exchange.serve();
      const direct = new ExchangeClient(url, { submit: { expiryBlocks: 90 } });
      const refused = { organisationId: 'nobody-at-all', reason: 'makes a block' };
      makeBlock = () =>
        direct
          .submit(partyOf(operator), [{ name: 'identity.suspend', command: refused }])
          .catch(() => undefined);
      proxy = await openLossyProxy({
        target: () => url,
        draw: () => planned.shift() ?? null,
        async expire() {
          for (let made = 0; made <= expiryBlocks; made += 1) await makeBlock();
        },
      });
    });

    /** What came of time on the kept chain, as a recovered key, comes before who relies on it. */
    async function passTo(timeMs: number): Promise<void> {
      const isLong = timeMs - clock.nowMs >= publicityMs;
      while (clock.nowMs < timeMs) {
        clock.nowMs = Math.min(timeMs, clock.nowMs + silenceMs);
        if (isLong) await makeBlock();
      }
    }

    after(async () => {
      await proxy.close();
      await exchange.close();
    });

    it('takes effect exactly once, whatever is lost on the way', async () => {
      const random = new Random(seed, `losses ${way}`);
      const transport = { pauseMs: 5, patienceMs: 300_000 };
      const options = { transport, submit: { expiryBlocks } };
      const client = new ExchangeClient(proxy.url, options);
      const lossy = new Set<string>();
      for (const [at, { timeMs, party, operations, isFirst }] of steps.entries()) {
        await passTo(timeMs);
        if (isFirst) {
          for (const { name } of operations) lossy.add(name);
          planned = [losses[lossy.size % losses.length] ?? 'delay', random.pick(losses) ?? 'delay'];
        }
        const names = operations.map(({ name }) => name).join();
        await submit(client, party, operations).catch((error: unknown) => {
          throw new Error(`step ${at}, ${names}: ${(error as Error).message}`, { cause: error });
        });
        planned = [];
        // Long after its end is known to the client, what was held back comes to the exchange.
        if (at % 10 === 9) await proxy.release();
      }
      await proxy.release();
      const names = [...registry.operationsByName.keys()];
      expect(names.filter((name) => !lossy.has(name))).to.deep.equal([]);
      expect([...proxy.done.keys()].sort()).to.deep.equal([...losses].sort());
      const applied = (await exchange.query(appliedSql)).map(wordsOfApplied);
      expect(applied).to.deep.equal(steps.map(wordsOfStep));
    });
  });
}

const wordsOfStep = ({ party, operations }: Step): string =>
  wordsOf(
    party.signingKey.keyId,
    operations.map(({ name }) => name),
  );
