/** C07: the registration that the product rests on, from application to certificate. */
import { areRelated } from '../../identity/state.ts';
import type { Objection, Registration } from '../../rights/schema.ts';
import { fingerprintClaimRecord, objectionRecord, registrationRecord } from '../../rights/state.ts';
import {
  causeOf,
  historyOf,
  lastShown,
  recordBefore,
  type Evidence,
  type LoggedEvent,
} from '../evidence.ts';
import type { Finding } from '../../proof/report.ts';
import { checkSteps } from '../steps.ts';
import { eachTrade, tradesOf, type TradeView } from '../trades.ts';
import { checkTable, fingerprintFact, tableOf } from '../told/fingerprint.ts';
import { lengthText, whenText } from '../words.ts';
import { signerOf } from './envelopes.ts';

export function judgeRegistration(evidence: Evidence): Finding {
  const steps = checkSteps(evidence, [
    ...['registration', 'objection', 'certificate-series', 'registered-table', 'fingerprint-claim'],
  ]);
  const finding = eachTrade(evidence, tradesOf(evidence), 'there is no trade', (trade) =>
    judgeOne(evidence, trade),
  );
  return { ...finding, problems: [...steps, ...finding.problems] };
}

type Event = LoggedEvent<Registration>;

function judgeOne(evidence: Evidence, trade: TradeView): Finding {
  const { registrationId, seller } = trade.last;
  const history = historyOf(evidence, registrationRecord, registrationId);
  const certified = history.findLast(({ leaf }) => leaf.name === 'rights.registered');
  if (!certified) return { problems: [`registration ${registrationId} was not certified here`] };
  const found = [...checkRegistrar(evidence, certified), ...checkPublicity(history, certified)];
  const { applicant, rights, objectionIds, certificateNumber } = certified.record;
  if (applicant !== seller) found.push(`the applicant ${applicant} is not the seller`);
  if (!rights.operate) found.push('no right to operate the data was registered');
  for (const id of objectionIds) found.push(...checkObjection(evidence, id, certified));
  found.push(...checkClaimed(evidence, history, certified));
  const table = tableOf(evidence, certified.record);
  found.push(...(table ? checkTable(table) : []));
  const reference = trade.agreed ?? trade.history.at(-1);
  const then =
    reference && recordBefore(evidence, registrationRecord, registrationId, reference.logIndex);
  if (then?.state !== 'ACTIVE') found.push('it was not in force when the trade was agreed');
  const sources = judgeSources(evidence, certified.record, reference?.logIndex ?? 0);
  return {
    problems: found,
    absent: sources.absent,
    facts: [
      `registration ${registrationId}, certificate ${certificateNumber ?? 'without a number'}`,
      publicityFact(evidence, history, certified.record),
      `${objectionIds.length} objection(s), none upheld or open at certification`,
      fingerprintFact(certified.record, table),
      ...sources.facts,
    ],
  };
}

/**
 * The registrations that derived data come from, up to the first: how each stood at the agreement. The
 * rooms ask for them when the application is made, and never after, so that one may be gone by then.
 */
function judgeSources(
  evidence: Evidence,
  { parentRegistrationId }: Registration,
  logIndex: number,
): { absent: string | null; facts: string[] } {
  const facts: string[] = [];
  const gone: string[] = [];
  const seen = new Set<string>();
  for (let id = parentRegistrationId; id !== null && !seen.has(id);) {
    seen.add(id);
    const source = recordBefore(evidence, registrationRecord, id, logIndex);
    const state = source?.state ?? 'not here';
    facts.push(`derived from registration ${id}, which was ${state} when the trade was agreed`);
    if (state !== 'ACTIVE') gone.push(id);
    id = source?.parentRegistrationId ?? null;
  }
  const absent =
    gone.length === 0
      ? null
      : `what it derives from was not in force when the trade was agreed: ${gone.join(', ')}`;
  return { absent, facts };
}

/** For how long it was open to objections, and by whose clock: block times are not the law's. */
function publicityFact(
  evidence: Evidence,
  history: readonly Event[],
  { publicityWaiver, registrar }: Registration,
): string {
  if (publicityWaiver !== null) {
    return `never public: ${registrar ?? 'nobody'} waived publicity, “${publicityWaiver}”`;
  }
  const timeOf = (name: string) => history.findLast(({ leaf }) => leaf.name === name)?.leaf.timeMs;
  const opened = timeOf('rights.publicity-opened');
  const closed = timeOf('rights.publicity-closed');
  if (opened === undefined || closed === undefined) return 'no publicity is here';
  const clock =
    evidence.sealing.by === 'signer' ? 'the block signer’s clock' : 'the validators’ clock';
  return (
    `public from ${whenText(evidence, opened)} to ${whenText(evidence, closed)}, ` +
    `${lengthText(closed - opened)} by ${clock}`
  );
}

/** Submitted by machine version 2, the fingerprint was claimed: no other registration in force has it. */
function checkClaimed(
  evidence: Evidence,
  history: readonly Event[],
  { logIndex }: Event,
): string[] {
  const submitted = history.findLast(
    (event) => event.logIndex < logIndex && /^rights\.(re)?submitted$/.test(event.leaf.name),
  );
  if (!submitted?.link) return [];
  const { rowsRoot, contentCommitment } = submitted.record.fingerprint;
  return [rowsRoot, contentCommitment]
    .filter((digest) => {
      const claim = recordBefore(evidence, fingerprintClaimRecord, digest, logIndex);
      return claim?.registrationId !== submitted.leaf.id;
    })
    .map((digest) => `the fingerprint ${digest} was not claimed for it alone`);
}

function checkRegistrar(evidence: Evidence, { record }: Event): string[] {
  const { registrar, applicant } = record;
  if (registrar === null) return ['no registrar was in charge'];
  if (registrar === applicant) return ['the registrar is the applicant'];
  return areRelated(lastShown(evidence), registrar, applicant)
    ? [`the registrar ${registrar} is of the house of the applicant`]
    : [];
}

/** Open to everybody for its whole period, or waived with a reason, since the last submission. */
function checkPublicity(history: readonly Event[], certified: Event): string[] {
  const path = history.filter(({ logIndex }) => logIndex <= certified.logIndex);
  const named = (name: string) => path.findLast(({ leaf }) => leaf.name === `rights.${name}`);
  const found: string[] = [];
  if (!named('accepted') && !named('accepted-by-silence')) found.push('it was not accepted');
  if (!named('review-begun')) found.push('it was not reviewed');
  const { publicityEndsAtMs, publicityWaiver, openObjections } = certified.record;
  const closed = named('publicity-closed');
  if (publicityWaiver === null) {
    if (publicityEndsAtMs === null || !named('publicity-opened') || !closed) {
      found.push('it had no publicity');
    } else if (closed.leaf.timeMs < publicityEndsAtMs) {
      found.push('its publicity was closed before its end');
    }
  }
  if (openObjections !== 0) found.push('an objection was open when it was certified');
  return found;
}

function checkObjection(evidence: Evidence, id: string, certified: Event): string[] {
  const history = historyOf(evidence, objectionRecord, id);
  const last = history.findLast(({ logIndex }) => logIndex < certified.logIndex);
  if (!last) return [`objection ${id} is not here`];
  const found: string[] = [];
  const { state, objector, registrationId } = last.record;
  const { applicant, registrar } = certified.record;
  if (state !== 'DISMISSED' && state !== 'WITHDRAWN') found.push(`objection ${id} was ${state}`);
  if (registrationId !== certified.record.id) found.push(`objection ${id} is to another one`);
  if (objector === applicant || objector === registrar) {
    found.push(`objection ${id} is by a party of the registration`);
  }
  if (state === 'DISMISSED' && decider(evidence, last) !== registrar) {
    found.push(`objection ${id} was not decided by the registrar`);
  }
  return found;
}

function decider(evidence: Evidence, event: LoggedEvent<Objection>): string | null {
  const { envelopeId } = event.leaf;
  const read = envelopeId === null ? undefined : evidence.envelopes.get(envelopeId);
  const receipt = envelopeId === null ? undefined : evidence.receipts.get(envelopeId);
  if (!read || !receipt || causeOf(evidence, event)?.rule.name !== 'rights.resolve-objection') {
    return null;
  }
  return signerOf(evidence, read, receipt)?.organisationId ?? null;
}
