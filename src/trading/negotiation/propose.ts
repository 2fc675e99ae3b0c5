import { success, type Outcome } from '../../base/result.ts';
import type { Context } from '../../base/room.ts';
import type { LicenceTerms } from '../../listing/schema.ts';
import { checkBank, openTrade, type PartyName } from '../party.ts';
import { moveTrade, type TradeStep } from '../state.ts';
import { tradeTotals } from '../types.ts';
import { checkProposal, checkTurn, checkTurnsLeft, findOffered } from './proposal.ts';

interface Proposal {
  readonly tradeId: string;
  readonly turn: number;
  readonly priceFen: bigint;
  readonly terms: LicenceTerms;
  readonly bank: string;
  readonly valuationId: string | null;
}

/** A further turn of the negotiation, by the party whose turn it is. */
export function propose(
  context: Context,
  side: PartyName,
  step: TradeStep,
  { tradeId, turn, priceFen, terms, bank, valuationId }: Proposal,
): Outcome {
  const opened = openTrade(context, tradeId, [side], step.verb);
  if (!opened.ok) return opened;
  const trade = opened.value;
  const timely = checkTurn(trade, turn);
  if (!timely.ok) return timely;
  const left = checkTurnsLeft(trade);
  if (!left.ok) return left;
  const offered = findOffered(context, trade.listingId, trade.listingRevision);
  if (!offered.ok) return offered;
  const checked = checkProposal(context, offered.value, trade.purpose, { priceFen, terms });
  if (!checked.ok) return checked;
  const held = checkBank(context, { ...trade, bank });
  if (!held.ok) return held;
  const totals = tradeTotals(priceFen, context.rules.money);
  moveTrade(context, { ...trade, ...totals, terms, bank, valuationId, turn: turn + 1 }, step);
  return success;
}
