import { expect } from 'chai';
import { assert } from '../../../src/base/assert.ts';
import { ProblemError } from '../../../src/client/problem-error.ts';
import { ids } from '../../../src/demo/scenario.ts';
import { tradeRecord } from '../../../src/trading/state.ts';
import type { MidTrade } from '../support/mid-trade.ts';

/** What was delivered in the trade that was played, asked for by everybody who is admitted. */
export function contentAccess(world: () => MidTrade): void {
  const parties = ['buyer', 'seller'];

  it('the delivery is given to its buyer and its seller, and to nobody else', async () => {
    const { player, exchange } = world();
    const { delivery } = await player('buyer').read(tradeRecord, ids.trade);
    assert(delivery, 'the trade was delivered');
    for (const id of exchange.parties.keys()) {
      for (const digest of [delivery.ciphertextDigest, delivery.wrappedKeyDigest]) {
        const read = player(id).getContent(digest);
        if (parties.includes(id)) expect((await read).length).to.be.greaterThan(0);
        else expect(await nameOf(read), id).to.equal('NOT_FOUND');
      }
    }
  });

  it('what nobody has sent answers in the same words', async () => {
    const { player } = world();
    const { delivery } = await player('buyer').read(tradeRecord, ids.trade);
    assert(delivery, 'the trade was delivered');
    const wordsOf = async (digest: string): Promise<string> => {
      const error = await player('bank')
        .getContent(digest)
        .catch((thrown: unknown) => thrown);
      assert(error instanceof ProblemError, 'it is refused');
      return error.message.replace(digest, 'DIGEST');
    };
    expect(await wordsOf(delivery.ciphertextDigest)).to.equal(await wordsOf('ab'.repeat(32)));
  });
}

const nameOf = (read: Promise<unknown>): Promise<string> =>
  read.then(
    () => 'given',
    (error: unknown) => (error instanceof ProblemError ? error.problem.name : String(error)),
  );
