import { refuse, success, successWith, type Outcome } from '../base/result.ts';
import type { Context, Ledger } from '../base/room.ts';
import { areRelated, isInGoodStanding, readOrganisation } from '../identity/state.ts';
import { readRegistration } from '../rights/state.ts';
import { isInDefault } from './escrow/pay-out-due.ts';
import { tradingResults } from './results.ts';
import type { Trade } from './schema.ts';
import { checkStep, findTrade } from './state.ts';
import type { TradeVerb } from './transitions.ts';

export type PartyName = 'buyer' | 'seller';

/** The party that signs, where it is one of `sides`. */
export function partyOf(
  context: Context,
  trade: Trade,
  sides: readonly PartyName[],
): Outcome<PartyName> {
  const { organisationId } = context.actor;
  const side = sides.find((name) => trade[name] === organisationId);
  if (side) return successWith(side);
  const wanted = sides.map((name) => `${trade[name]} (${name})`).join(' or ');
  return refuse(tradingResults.TRADING_NOT_PARTY, `Trade ${trade.id} asks for ${wanted}.`);
}

/** The trade, where the signer is the party whose step this is, and state and time allow it. */
export function openTrade(
  context: Context,
  tradeId: string,
  sides: readonly PartyName[] | null,
  verb: TradeVerb,
): Outcome<Trade> {
  const found = findTrade(context, tradeId);
  if (!found.ok) return found;
  if (sides) {
    const party = partyOf(context, found.value, sides);
    if (!party.ok) return party;
  }
  const possible = checkStep(context, found.value, verb);
  return possible.ok ? found : possible;
}

/** Refuses with TRADING_PARTY_STANDING where an organisation is unknown or suspended. */
export function checkStanding(ledger: Ledger, organisationIds: readonly string[]): Outcome {
  const fallen = organisationIds.find((id) => !isInGoodStanding(ledger, id));
  return fallen === undefined
    ? success
    : refuse(tradingResults.TRADING_PARTY_STANDING, `Organisation ${fallen}.`);
}

/**
 * Whether the bank may hold the escrow between these parties: admitted as a bank, in good standing,
 * of neither party's house, and paying what it owes. Refuses with TRADING_BANK_UNFIT,
 * TRADING_BANK_IN_DEFAULT or TRADING_BANK_RELATED.
 */
export function checkBank(
  ledger: Ledger,
  { bank, buyer, seller }: Pick<Trade, 'bank' | PartyName>,
): Outcome {
  const organisation = readOrganisation(ledger, bank);
  if (organisation?.state !== 'ACTIVE' || !organisation.roles.includes('BANK')) {
    return refuse(tradingResults.TRADING_BANK_UNFIT, `Organisation ${bank}.`);
  }
  if (isInDefault(ledger, bank)) return refuse(tradingResults.TRADING_BANK_IN_DEFAULT, `${bank}.`);
  const related = [buyer, seller].find((party) => areRelated(ledger, bank, party));
  return related === undefined
    ? success
    : refuse(tradingResults.TRADING_BANK_RELATED, `${bank} to ${related}.`);
}

/** Refuses with TRADING_RIGHTS_NOT_ACTIVE where the right that is traded is no longer in force. */
export const checkRights = (ledger: Ledger, { registrationId }: Trade): Outcome =>
  readRegistration(ledger, registrationId)?.state === 'ACTIVE'
    ? success
    : refuse(tradingResults.TRADING_RIGHTS_NOT_ACTIVE, `Registration ${registrationId}.`);
