/** C12: what both parties signed. */
import { periodEndMs } from '../../base/calendar.ts';
import { areRelated, organisationRecord } from '../../identity/state.ts';
import type { Licence, Trade } from '../../trading/schema.ts';
import { licenceRecord } from '../../trading/state.ts';
import { agreedTermsOf, termsHash } from '../../trading/types.ts';
import {
  causeOf,
  historyOf,
  lastShown,
  recordBefore,
  type Evidence,
  type LoggedEvent,
} from '../evidence.ts';
import { sameValue } from '../paths.ts';
import type { Finding } from '../../proof/report.ts';
import { checkSteps } from '../steps.ts';
import { eachTrade, eventNamed, tradesOf, type TradeView } from '../trades.ts';
import { signerOf } from './envelopes.ts';
import { tradedListing } from './listing.ts';

export function judgeAgreement(evidence: Evidence): Finding {
  const steps = checkSteps(evidence, ['trade']);
  const finding = eachTrade(evidence, tradesOf(evidence), 'there is no trade', (trade) =>
    judgeOne(evidence, trade),
  );
  return { ...finding, problems: [...steps, ...finding.problems] };
}

function judgeOne(evidence: Evidence, trade: TradeView): Finding {
  const { agreed, last } = trade;
  if (!agreed) return { problems: [], absent: `the trade is ${last.state} and was never agreed` };
  const { agreement, buyer, seller, signatures, clearedBy, revisionRoot } = agreed.record;
  if (!agreement) return { problems: ['the event of the agreement holds none'] };
  const hash = termsHash(agreedTermsOf(evidence.genesis.chainId, agreed.record));
  const found: string[] = [];
  if (agreement.termsHash !== hash) found.push('the terms hash does not follow from the terms');
  if (buyer === seller) found.push('buyer and seller are one');
  const isClose = (id: string) =>
    [buyer, seller].some((party) => areRelated(lastShown(evidence), id, party));
  if (clearedBy === null || isClose(clearedBy)) found.push('no independent reviewer cleared it');
  const listing = tradedListing(evidence, trade);
  const frozen = agreement.revisionRoot === revisionRoot && listing?.revisionRoot === revisionRoot;
  if (!frozen) found.push('the agreement freezes another revision than the listed one');
  const states = [agreement.buyerState, agreement.sellerState];
  for (const party of [buyer, seller]) {
    const { state } = recordBefore(evidence, organisationRecord, party, agreed.logIndex) ?? {};
    states.push(state ?? 'SUSPENDED');
  }
  if (!states.every((state) => state === 'ACTIVE')) found.push('a party was not in good standing');
  if (agreement.height !== agreed.leaf.height || agreement.agreedAtMs !== agreed.leaf.timeMs) {
    found.push('the agreement names another height or time');
  }
  const keys = [agreement.buyerKeyId, agreement.sellerKeyId];
  if (signatures.buyer?.keyId !== keys[0] || signatures.seller?.keyId !== keys[1]) {
    found.push('the agreement names other keys than signed');
  }
  found.push(...checkBank(evidence, agreed));
  found.push(...checkSignatures(evidence, trade, hash), ...checkVerified(trade));
  found.push(...checkLicence(evidence, trade));
  if (agreement.valuationId !== agreed.record.valuationId) found.push('it names another valuation');
  return { problems: found, facts: [`terms hash ${hash}, ${buyer} buys from ${seller}`] };
}

/** Both agreed on a bank that was one, and no party's or its owner's. */
function checkBank(evidence: Evidence, { record, logIndex }: LoggedEvent<Trade>): string[] {
  const { bank, buyer, seller } = record;
  const held = recordBefore(evidence, organisationRecord, bank, logIndex);
  if (held?.state !== 'ACTIVE' || !held.roles.includes('BANK')) {
    return [`${bank} was no settlement bank in good standing`];
  }
  return [buyer, seller]
    .filter((party) => areRelated(lastShown(evidence), bank, party))
    .map((party) => `the bank ${bank} is ${party}’s own`);
}

/** One envelope of each party, by the key that the agreement names, over this very hash. */
function checkSignatures(evidence: Evidence, { history, last }: TradeView, hash: string): string[] {
  const signings = history.filter(
    (event) => causeOf(evidence, event)?.rule.name === 'trading.sign',
  );
  return (['buyer', 'seller'] as const).flatMap((side) => {
    const own = signings.find((event) => signs(evidence, event, last[side]));
    if (!own) return [`no envelope of the ${side} signs the terms`];
    const found: string[] = [];
    if (causeOf(evidence, own)?.command['termsHash'] !== hash) {
      found.push(`the ${side} signed another terms hash`);
    }
    const { envelopeId } = own.leaf;
    const read = envelopeId === null ? undefined : evidence.envelopes.get(envelopeId);
    if (read?.envelope.keyId !== own.record.signatures[side]?.keyId) {
      found.push(`the ${side}’s recorded key is not the one that signed`);
    }
    return found;
  });
}

function signs(evidence: Evidence, { leaf }: LoggedEvent<Trade>, organisation: string): boolean {
  if (leaf.envelopeId === null) return false;
  const read = evidence.envelopes.get(leaf.envelopeId);
  const receipt = evidence.receipts.get(leaf.envelopeId);
  return read !== undefined && receipt !== undefined
    ? signerOf(evidence, read, receipt)?.organisationId === organisation
    : false;
}

/** What was licensed is what was agreed; no later step of a licence may change these fields. */
function checkLicence(evidence: Evidence, { id, last }: TradeView): string[] {
  const { licenceId, seller, buyer } = last;
  if (licenceId === null) return [];
  const history = historyOf(evidence, licenceRecord, licenceId);
  const licence = history[0]?.record;
  if (!licence) return [`licence ${licenceId} is not here`];
  const terms = history.flatMap((event) => termFaults(evidence, event));
  const named = licence.tradeId === id && licence.licensor === seller && licence.licensee === buyer;
  const same = (
    ['purpose', 'listingId', 'revisionRoot', 'registrationId', 'terms', 'compute'] as const
  ).every((name) => sameValue(licence[name], last[name]));
  return named && same ? terms : [...terms, `licence ${licenceId} is not on what was agreed`];
}

/** By machine version 2 the term begins when the licence becomes active. */
function termFaults({ genesis }: Evidence, { leaf, link, record }: LoggedEvent<Licence>): string[] {
  if (leaf.name !== 'licence.activated' || link === null) return [];
  const term = { unit: 'day', count: record.terms.durationDays } as const;
  const untilMs = periodEndMs(leaf.timeMs, term, genesis.rules.calendar);
  return record.validUntilMs === untilMs
    ? []
    : [`licence ${record.id} does not end a term after it became active`];
}

/** Money follows only an agreement that the buyer verified. */
const checkVerified = (trade: TradeView): string[] =>
  eventNamed(trade, 'trading.funded') && !eventNamed(trade, 'trading.verified')
    ? ['it was funded without the buyer’s verification']
    : [];
