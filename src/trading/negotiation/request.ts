import { assert } from '../../base/assert.ts';
import { periodEndMs } from '../../base/calendar.ts';
import { refuse, success } from '../../base/result.ts';
import { defineOperation, type Context } from '../../base/room.ts';
import type { Static } from '../../base/schema.ts';
import type { Listing } from '../../listing/schema.ts';
import { checkBank, checkStanding } from '../party.ts';
import { tradingResults } from '../results.ts';
import { requestCommand, type Trade } from '../schema.ts';
import { tradeRecord } from '../state.ts';
import { tradeDeadlines } from '../transitions.ts';
import { tradeTotals } from '../types.ts';
import { checkProposal, findOffered } from './proposal.ts';

/** A buyer asks for a licence of a listed product, with a price and terms of its own. */
export const request = defineOperation({
  number: 600,
  name: 'trading.request',
  title: 'Request a licence of a listed product',
  command: requestCommand,
  roles: ['BUYER'],
  apply(context, command) {
    if (context.read(tradeRecord, command.tradeId)) {
      return refuse(tradingResults.TRADING_EXISTS, `Trade ${command.tradeId}.`);
    }
    const offered = findOffered(context, command.listingId, command.listingRevision);
    if (!offered.ok) return offered;
    const listing = offered.value;
    if (listing.seller === context.actor.organisationId) {
      return refuse(tradingResults.TRADING_OWN_LISTING, `Listing ${listing.id}.`);
    }
    const standing = checkStanding(context, [listing.seller]);
    if (!standing.ok) return standing;
    const proposal = checkProposal(context, listing, command.purpose, command);
    if (!proposal.ok) return proposal;
    const parties = { buyer: context.actor.organisationId, seller: listing.seller };
    const bank = checkBank(context, { ...parties, bank: command.bank });
    if (!bank.ok) return bank;
    const trade = newTrade(context, listing, command);
    if (tradeDeadlines.REQUESTED && trade.dueAtMs !== null) {
      context.schedule(tradeDeadlines.REQUESTED.name, trade.id, trade.dueAtMs);
    }
    context.write(tradeRecord, trade, 'trading.requested');
    return success;
  },
});

function newTrade(
  context: Context,
  listing: Listing,
  { tradeId, purpose, terms, priceFen, bank }: Static<typeof requestCommand>,
): Trade {
  const { timeMs, rules, actor } = context;
  return {
    id: tradeId,
    state: 'REQUESTED',
    purpose,
    buyer: actor.organisationId,
    seller: listing.seller,
    bank,
    listingId: listing.id,
    listingRevision: listing.revision,
    revisionRoot: listing.revisionRoot,
    registrationId: listing.registrationId,
    terms,
    compute: purpose === 'COMPUTE' ? frozenOffer(listing) : null,
    ...tradeTotals(priceFen, rules.money),
    turn: 1,
    valuationId: null,
    clearedBy: null,
    signatures: { buyer: null, seller: null },
    agreement: null,
    verifiedAtMs: null,
    funding: null,
    licenceId: null,
    delivery: null,
    computation: null,
    acceptance: null,
    dispute: null,
    settlement: null,
    certificate: null,
    ending: null,
    postingCount: 0,
    requestedAtMs: timeMs,
    changedAtMs: timeMs,
    dueAtMs: periodEndMs(timeMs, rules.periods.negotiation, rules.calendar),
  };
}

function frozenOffer({ computeOffer }: Listing): Trade['compute'] {
  assert(computeOffer, 'a compute trade is requested of a compute offer');
  const { functionId, valueColumn, groupColumn } = computeOffer;
  return { functionId, valueColumn, groupColumn };
}
