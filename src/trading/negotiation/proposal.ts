import { refuse, success, successWith, type Outcome } from '../../base/result.ts';
import { sinceMachineVersion } from '../../base/machine-version.ts';
import type { Ledger } from '../../base/room.ts';
import type { LicenceTerms, Listing } from '../../listing/schema.ts';
import { readListing } from '../../listing/state.ts';
import { tradingResults } from '../results.ts';
import type { Trade } from '../schema.ts';

/** Proposals of one negotiation at most, so that none goes on for ever. */
const turnsMax = 40;

/** The listing as it is on offer now, of exactly this revision. */
export function findOffered(ledger: Ledger, id: string, revision: number): Outcome<Listing> {
  const listing = readListing(ledger, id);
  if (!listing) return refuse(tradingResults.TRADING_LISTING_NOT_FOUND, `Listing ${id}.`);
  if (listing.state !== 'LISTED') {
    return refuse(tradingResults.TRADING_LISTING_NOT_LISTED, `Listing ${id} is ${listing.state}.`);
  }
  if (listing.revision !== revision) {
    return refuse(
      tradingResults.TRADING_LISTING_CHANGED,
      `Listing ${id} has revision ${listing.revision}, the trade ${revision}.`,
    );
  }
  const opinion = checkOpinion(ledger, listing);
  return opinion.ok ? successWith(listing) : opinion;
}

/** The review saw an opinion that was valid, or needed none: what it rested on still holds. */
function checkOpinion({ timeMs }: Ledger, { id, legalOpinion }: Listing): Outcome {
  if (legalOpinion === null || legalOpinion.validUntilMs >= timeMs) return success;
  return refuse(
    tradingResults.TRADING_LEGAL_OPINION_EXPIRED,
    `Listing ${id}: valid until ${legalOpinion.validUntilMs} ms.`,
  );
}

/** Whether price and terms may be proposed for a listing. */
export function checkProposal(
  ledger: Ledger,
  listing: Listing,
  purpose: Trade['purpose'],
  proposal: { readonly priceFen: bigint; readonly terms: LicenceTerms },
): Outcome {
  const isGiven = isOfferedFree(ledger, listing, purpose);
  const priced = checkPrice(ledger, proposal.priceFen, isGiven);
  if (!priced.ok) return priced;
  const allowed = offeredTerms(listing, purpose, isGiven);
  if (!allowed) {
    return refuse(
      tradingResults.TRADING_PURPOSE_NOT_OFFERED,
      `${purpose}; listing ${listing.id} delivers by ${listing.delivery.join(', ')}.`,
    );
  }
  const excess = findExcess(proposal.terms, allowed);
  return excess ? refuse(tradingResults.TRADING_TERMS_EXCEEDED, excess) : success;
}

/** By version 1 what is offered free could be listed, and never traded. */
function isOfferedFree(
  { machineVersion }: Ledger,
  { price, computeOffer }: Listing,
  purpose: Trade['purpose'],
): boolean {
  if (machineVersion < sinceMachineVersion.freeTrades) return false;
  return purpose === 'DELIVERY' ? price.model === 'FREE' : computeOffer?.amountFen === 0n;
}

/** What is offered free has the price 0, all else a price. */
function checkPrice({ rules }: Ledger, priceFen: bigint, isGiven: boolean): Outcome {
  const { priceMaxFen } = rules.money;
  const [least, most] = isGiven ? [0n, 0n] : [1n, priceMaxFen];
  if (priceFen >= least && priceFen <= most) return success;
  const wanted = isGiven ? 'it is offered free: 0' : `1 to ${priceMaxFen} may be`;
  return refuse(tradingResults.TRADING_PRICE_OUT_OF_RANGE, `${priceFen} fen; ${wanted}.`);
}

/** The widest terms a trade of this purpose can have; null where it is not on offer. */
function offeredTerms(
  listing: Listing,
  purpose: Trade['purpose'],
  isGiven: boolean,
): LicenceTerms | null {
  if (purpose === 'DELIVERY') {
    return listing.delivery.includes('FILE') && (isGiven || listing.price.model === 'FIXED')
      ? {
          ...listing.terms,
          permissions: listing.terms.permissions.filter((it) => it !== 'EXECUTE'),
        }
      : null;
  }
  if (!listing.computeOffer || !listing.delivery.includes('COMPUTE')) return null;
  return { ...listing.terms, permissions: ['EXECUTE'], usesMax: listing.computeOffer.usesMax };
}

function findExcess(asked: LicenceTerms, allowed: LicenceTerms): string | null {
  for (const field of ['purposes', 'permissions', 'territory'] as const) {
    const names: readonly string[] = asked[field];
    const offered: readonly string[] = allowed[field];
    const beyond = names.find((name) => !offered.includes(name));
    if (beyond !== undefined) return `/terms/${field}: ${beyond} is not on offer.`;
    if (new Set(names).size !== names.length) return `/terms/${field}: one is named twice.`;
  }
  if (asked.durationDays > allowed.durationDays) {
    return `/terms/durationDays: at most ${allowed.durationDays}.`;
  }
  const { usesMax } = allowed;
  if (usesMax !== null && (asked.usesMax === null || asked.usesMax > usesMax)) {
    return `/terms/usesMax: at most ${usesMax}.`;
  }
  return null;
}

/** Whether `turn` is the trade's present one and another may follow. */
export function checkTurn(trade: Trade, turn: number): Outcome {
  if (turn !== trade.turn) {
    return refuse(
      tradingResults.TRADING_TURN_STALE,
      `Trade ${trade.id} is at turn ${trade.turn}, not ${turn}.`,
    );
  }
  return success;
}

export const checkTurnsLeft = (trade: Trade): Outcome =>
  trade.turn < turnsMax
    ? success
    : refuse(tradingResults.TRADING_TURNS_EXHAUSTED, `Trade ${trade.id}: ${turnsMax} turns.`);
