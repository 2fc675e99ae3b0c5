import { periodEndMs } from '../../base/calendar.ts';
import { refuse, success, type Outcome } from '../../base/result.ts';
import { defineOperation, type Context, type Ledger } from '../../base/room.ts';
import type { Static } from '../../base/schema.ts';
import type { Licence } from '../../trading/schema.ts';
import { checkComputation, findLicence, findTrade } from '../../trading/state.ts';
import { checkComputable } from './computable.ts';
import { checkParty, checkStanding, findRights } from './party.ts';
import { jobResults } from './results.ts';
import { jobRequestCommand, type JobSpecFacts } from './schema.ts';
import { checkUnclaimed, claim, jobOverdue, jobRecord, readJob } from './state.ts';

/** The licensee asks for one job; specification and nonce serve no other, whatever becomes of it. */
export const request = defineOperation({
  number: 720,
  name: 'job.request',
  title: 'Request a compute job under a licence',
  command: jobRequestCommand,
  roles: ['BUYER'],
  apply(context, command) {
    if (readJob(context, command.jobId)) {
      return refuse(jobResults.JOB_EXISTS, `Job ${command.jobId}.`);
    }
    const found = findLicence(context, command.licenceId);
    if (!found.ok) return found;
    const licence = found.value;
    const party = checkParty(context, [licence.licensee]);
    if (!party.ok) return party;
    const fit = checkLicence(context, licence);
    if (!fit.ok) return fit;
    const standing = checkStanding(context, [licence.licensor]);
    if (!standing.ok) return standing;
    const licensed = checkSpec(context, licence, command.spec);
    if (!licensed.ok) return licensed;
    const computable = checkComputable(context, command.spec);
    if (!computable.ok) return computable;
    for (const digest of [command.specHash, command.nonceDigest]) {
      const fresh = checkUnclaimed(context, digest, jobResults.HE_ALREADY_EXECUTED);
      if (!fresh.ok) return fresh;
    }
    writeRequest(context, licence, command);
    return success;
  },
});

function checkLicence(ledger: Ledger, licence: Licence): Outcome {
  const { id, state, terms, uses } = licence;
  const left = terms.usesMax === null || uses < terms.usesMax;
  if (state !== 'ACTIVE' || licence.compute === null || !left) {
    return refuse(
      jobResults.JOB_LICENCE_UNFIT,
      `Licence ${id} is ${state}, for ${licence.purpose}, with ${uses} of ${terms.usesMax} used.`,
    );
  }
  const trade = findTrade(ledger, licence.tradeId);
  return trade.ok ? checkComputation(ledger, trade.value) : trade;
}

function checkSpec(ledger: Ledger, licence: Licence, spec: JobSpecFacts): Outcome {
  const { compute } = licence;
  const strange = (['functionId', 'valueColumn', 'groupColumn'] as const).find(
    (field) => compute?.[field] !== spec[field],
  );
  if (strange) {
    return refuse(
      jobResults.JOB_SPEC_NOT_LICENSED,
      `/spec/${strange}: the licence names ${compute?.[strange]}.`,
    );
  }
  const registration = findRights(ledger, licence);
  if (!registration.ok) return registration;
  const { rows } = registration.value.fingerprint;
  if (spec.rows > rows) {
    return refuse(jobResults.JOB_SPEC_NOT_LICENSED, `/spec/rows: ${rows} are registered.`);
  }
  const { cohortMinimum } = ledger.rules.compute;
  if (spec.cohortMinimum < cohortMinimum || spec.rows < spec.groups * spec.cohortMinimum) {
    return refuse(
      jobResults.JOB_COHORT_TOO_SMALL,
      `${spec.rows} rows in ${spec.groups} groups of at least ${spec.cohortMinimum}; ` +
        `the rule pack asks for ${cohortMinimum}.`,
    );
  }
  return success;
}

function writeRequest(
  context: Context,
  licence: Licence,
  { jobId, spec, specHash, nonceDigest }: Static<typeof jobRequestCommand>,
): void {
  const { timeMs, rules } = context;
  const dueAtMs = periodEndMs(timeMs, rules.periods.computeJob, rules.calendar);
  claim(context, specHash, 'SPECIFICATION', jobId);
  claim(context, nonceDigest, 'NONCE', jobId);
  context.schedule(jobOverdue, jobId, dueAtMs);
  context.write(
    jobRecord,
    {
      id: jobId,
      state: 'AWAITING_APPROVAL',
      tradeId: licence.tradeId,
      licenceId: licence.id,
      buyer: licence.licensee,
      seller: licence.licensor,
      spec,
      specHash,
      nonceDigest,
      reviewer: null,
      inputs: null,
      attestations: [],
      release: null,
      releasedBy: null,
      releasedAtMs: null,
      reason: null,
      requestedAtMs: timeMs,
      changedAtMs: timeMs,
      dueAtMs,
    },
    'job.requested',
  );
}
