import { utf8 } from '../../base/bytes.ts';
import { commitment } from '../../base/hash.ts';
import type { LicenceTerms } from '../../listing/schema.ts';
import {
  acceptOfferCommand,
  counterCommand,
  fundCommand,
  offerCommand,
  requestCommand,
  termsHashCommand,
  tradeCommand,
  type Trade,
} from '../../trading/schema.ts';
import { tradeRecord } from '../../trading/state.ts';
import { agreedTermsOf, termsHash } from '../../trading/types.ts';
import { act, ids, newSalt, type Scenario } from '../scenario.ts';
import { yuan } from './valuation.ts';

export interface Deal {
  readonly tradeId: string;
  readonly purpose: Trade['purpose'];
  readonly terms: LicenceTerms;
  /** The seller's price, and what the buyer asks for first; equal where nobody bargains. */
  readonly priceFen: bigint;
  readonly askedFen: bigint;
  readonly valuationId: string | null;
}

/** From the request to the money in escrow. */
export async function playAgreement(scenario: Scenario, deal: Deal): Promise<void> {
  await negotiate(scenario, deal);
  await sign(scenario, deal);
  await fund(scenario, deal);
}

async function negotiate({ stage, player }: Scenario, deal: Deal): Promise<void> {
  const { tradeId, purpose, terms, priceFen, askedFen, valuationId } = deal;
  const buyer = player('buyer');
  const seller = player('seller');
  await stage.step('buyer', `requests a licence at ${yuan(askedFen)}, escrow with the bank`, () =>
    buyer.submit(
      act('trading.request', requestCommand, {
        tradeId,
        purpose,
        listingId: ids.listing,
        listingRevision: 1,
        priceFen: askedFen,
        terms,
        bank: 'bank',
      }),
    ),
  );
  let turn = 1;
  if (askedFen !== priceFen) {
    const wantedFen = priceFen + (priceFen - askedFen);
    await stage.step('seller', `offers it at ${yuan(wantedFen)}`, () =>
      seller.submit(
        act('trading.offer', offerCommand, {
          tradeId,
          turn,
          priceFen: wantedFen,
          terms,
          bank: 'bank',
          valuationId: null,
        }),
      ),
    );
    turn += 1;
    await stage.step('buyer', `counters with ${yuan(priceFen)}`, () =>
      buyer.submit(
        act('trading.counter', counterCommand, { tradeId, turn, priceFen, terms, bank: 'bank' }),
      ),
    );
    turn += 1;
  }
  await stage.step('seller', `offers it at ${yuan(priceFen)}`, () =>
    seller.submit(
      act('trading.offer', offerCommand, {
        tradeId,
        turn,
        priceFen,
        terms,
        bank: 'bank',
        valuationId,
      }),
    ),
  );
  turn += 1;
  await stage.step('buyer', 'accepts the offer', () =>
    buyer.submit(act('trading.accept-offer', acceptOfferCommand, { tradeId, turn })),
  );
}

async function sign({ stage, player, chainId }: Scenario, { tradeId }: Deal): Promise<void> {
  await stage.step('reviewer-a', 'clears the trade: purpose, territory, parties', () =>
    player('reviewer-a').submit(act('trading.clear', tradeCommand, { tradeId })),
  );
  for (const party of ['seller', 'buyer']) {
    await stage.step(party, 'signs the terms that its own machine has hashed', async () => {
      const trade = await player(party).read(tradeRecord, tradeId);
      const hash = termsHash(agreedTermsOf(chainId, trade));
      return player(party).submit(
        act('trading.sign', termsHashCommand, { tradeId, termsHash: hash }),
      );
    });
  }
  await stage.step('buyer', 'verifies the agreement', async () => {
    const trade = await player('buyer').read(tradeRecord, tradeId);
    const hash = termsHash(agreedTermsOf(chainId, trade));
    return player('buyer').submit(
      act('trading.verify', termsHashCommand, { tradeId, termsHash: hash }),
    );
  });
}

async function fund({ stage, player }: Scenario, { tradeId }: Deal): Promise<void> {
  const { totalFen } = await player('bank').read(tradeRecord, tradeId);
  await stage.step('bank', `confirms ${yuan(totalFen)} of the buyer, held in escrow`, () =>
    player('bank').submit(
      act('trading.fund', fundCommand, {
        tradeId,
        amountFen: totalFen,
        referenceCommitment: commitment(newSalt(), utf8(`transfer for ${tradeId}`)),
      }),
    ),
  );
}
