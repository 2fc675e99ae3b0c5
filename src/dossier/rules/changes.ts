/**
 * Which fields of a record each event may change, beside `state`, `dueAtMs` and `changedAtMs`:
 * every other field is as it was before. An event that is not named here changes no other.
 */
import { editCommand, listingProfileSchema } from '../../listing/schema.ts';
import { registeredTableSchema, registrationFactsSchema } from '../../rights/schema.ts';

export const alwaysChanging: readonly string[] = ['state', 'dueAtMs', 'changedAtMs'];

const registrationFacts = Object.keys(registrationFactsSchema.properties);
const listingFacts = Object.keys(editCommand.properties).filter((name) => name !== 'listingId');
/** Who stated it stays the same. */
const restatedBut = (schema: { readonly properties: object }, kept: readonly string[]): string[] =>
  Object.keys(schema.properties).filter((name) => !kept.includes(name));
const money = ['priceFen', 'vatFen', 'feeFen', 'totalFen'];
const proposal = [...money, 'terms', 'bank', 'valuationId', 'turn'];
const decided = ['automatic', 'decidedAtMs', 'evidenceRoot', 'chair'];
const objectionEnd = ['decisionReason', 'decidedAtMs'];
const released = ['settlement', 'postingCount', 'dispute'];

const changes: Readonly<Record<string, readonly string[]>> = {
  'identity.key-revoked': ['revokedAtMs'],
  'identity.restated': ['name', 'beneficialOwner', 'roles'],
  'identity.sealing-key-changed': ['encryptionKey'],
  'identity.recovery-refused': ['refusedBy', 'refusal'],
  'identity.recovery-withdrawn': ['refusal'],
  'identity.recovery-put-off': ['publicUntilMs'],
  'rights.resubmitted': [...registrationFacts, 'submittedAtMs', 'decisionReason'],
  'rights.returned-for-fix': ['decisionReason'],
  'rights.accepted': ['registrar'],
  'rights.review-begun': ['registrar'],
  'rights.review-extended': ['reviewExtended', 'decisionReason'],
  'rights.review-overdue': [
    'registrar',
    'reviewExtended',
    'reviewLeft',
    'publicityEndsAtMs',
    'publicityWaiver',
    'decisionReason',
  ],
  'rights.refused': ['decisionReason', 'openObjections'],
  'rights.terminated': ['decisionReason', 'openObjections'],
  'rights.publicity-opened': ['publicityEndsAtMs', 'reviewLeft'],
  'rights.publicity-waived': ['publicityWaiver'],
  'rights.objected': ['openObjections', 'objectionIds'],
  'rights.objection-settled': ['openObjections'],
  'rights.publicity-resumed': ['openObjections'],
  'rights.publicity-closed': ['openObjections', 'reviewLeft'],
  'rights.registered': ['certificateNumber', 'validFromMs', 'validToMs'],
  'rights.deregistered': ['decisionReason', 'validToMs'],
  'rights.table-restated': restatedBut(registeredTableSchema, ['id', 'version', 'applicant']),
  'rights.objection-dismissed': objectionEnd,
  'rights.objection-upheld': objectionEnd,
  'rights.objection-withdrawn': objectionEnd,
  'rights.objection-lapsed': objectionEnd,
  'pricing.valuation-confirmed': ['confirmations'],
  'pricing.valuation-contested': ['confirmations'],
  'pricing.valuation-withdrawn': ['withdrawalReason'],
  'listing.edited': [
    ...listingFacts,
    'revision',
    'revisionRoot',
    'sampleProof',
    'listedAtMs',
    'reviewId',
  ],
  'listing.sample-proved': ['sampleProof'],
  'listing.profile-restated': restatedBut(listingProfileSchema, ['id', 'seller']),
  'listing.submitted': ['reviewId'],
  'listing.review-opened': ['reviewId'],
  'listing.listed': ['listedAtMs'],
  'compliance.decision-committed': ['decisions'],
  'compliance.decision-revealed': ['decisions'],
  'compliance.review-passed': decided,
  'compliance.review-failed': decided,
  'compliance.review-expired': decided,
  'trading.offered': proposal,
  'trading.countered': proposal,
  'trading.cleared': ['clearedBy'],
  'trading.clearance-refused': ['ending'],
  'trading.signed': ['signatures'],
  'trading.agreed': ['signatures', 'agreement'],
  'trading.verified': ['verifiedAtMs'],
  'trading.funded': ['funding', 'licenceId', 'postingCount'],
  'trading.delivered': ['delivery'],
  'trading.computed': ['computation'],
  'trading.delivery-accepted': ['acceptance'],
  'trading.rejected': ['dispute'],
  'trading.disputed': ['dispute'],
  'trading.settled': released,
  'trading.partly-refunded': released,
  'trading.refunded': [...released, 'ending'],
  'trading.certified': ['certificate'],
  'trading.cancelled': ['ending'],
  'trading.terminated': ['ending'],
  'trading.expired': ['ending', 'settlement', 'postingCount'],
  'trading.paid-out': ['settlement', 'postingCount'],
  'trading.pay-out-reversed': ['settlement', 'postingCount'],
  'licence.activated': ['activatedAtMs'],
  'licence.used': ['uses', 'nextNonce'],
  'licence.deletion-attested': ['deletionCommitment'],
  'job.approved': ['reviewer'],
  'job.rejected': ['reviewer', 'reason'],
  'job.provisioned': ['inputs'],
  'job.attested': ['attestations'],
  'job.failed': ['attestations', 'reason'],
  'job.release-proposed': ['release'],
  'job.released': ['releasedBy', 'releasedAtMs'],
  'job.cancelled': ['reason'],
  'governance.adopted': ['approvals', 'decidedBy', 'fromHeight'],
  'governance.rejected': ['refusal'],
  'governance.withdrawn': ['refusal'],
  'governance.publicity-put-off': ['publicUntilMs'],
  'governance.deadline-provisional': ['calendarVersion', 'afterDay', 'workingDays'],
  'rights.deadline-put-off': ['publicityEndsAtMs'],
};

/** What an event may change, beside these, by machine version 2. */
const sinceVersion2: Readonly<Record<string, readonly string[]>> = {
  'trading.delivery-started': ['licenceId'],
  'licence.activated': ['validUntilMs'],
};

/** @param isNumbered whether machine version 2, or a later one, wrote the event */
export const changesOf = (event: string, isNumbered: boolean): readonly string[] => [
  ...(changes[event] ?? []),
  ...(isNumbered ? (sinceVersion2[event] ?? []) : []),
];
