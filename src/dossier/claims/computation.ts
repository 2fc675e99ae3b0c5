/** C16: a compute job, from the specification that was approved to the totals that were released. */
import { fromHex, toHex } from '../../base/bytes.ts';
import { sha256Hex } from '../../base/hash.ts';
import { areRelated } from '../../identity/state.ts';
import { checkRelease } from '../../privacy/he/protocols/p2/check-release.ts';
import {
  decodeJobSpec,
  jobSpecHash,
  type JobSpec,
} from '../../privacy/he/protocols/p2/job-spec.ts';
import type { Job } from '../../privacy/jobs/schema.ts';
import { jobRecord } from '../../privacy/jobs/state.ts';
import type { Licence } from '../../trading/schema.ts';
import { licenceRecord } from '../../trading/state.ts';
import { registrationRecord } from '../../rights/state.ts';
import {
  bytesOf,
  historyOf,
  lastShown,
  recordBefore,
  type Evidence,
  type LoggedEvent,
} from '../evidence.ts';
import type { Finding } from '../../proof/report.ts';
import { checkSteps } from '../steps.ts';
import { combine, eventNamed, missingTrades, tradesOf, type TradeView } from '../trades.ts';
import { whenText } from '../words.ts';

export function judgeComputation(evidence: Evidence): Finding {
  const found = [...missingTrades(evidence), ...checkSteps(evidence, ['job', 'job-claim'])];
  const findings = tradesOf(evidence).map((trade) =>
    trade.last.purpose === 'COMPUTE'
      ? judgeOne(evidence, trade)
      : { problems: [], inapplicable: `${trade.id} is not for computation` },
  );
  const finding = combine(findings, 'there is no trade');
  return { ...finding, problems: [...found, ...finding.problems] };
}

function judgeOne(evidence: Evidence, trade: TradeView): Finding {
  const computed = eventNamed(trade, 'trading.computed');
  const computation = computed?.record.computation;
  if (!computed || !computation) {
    return { problems: [], absent: `trade ${trade.id} is ${trade.last.state}: nothing released` };
  }
  const history = historyOf(evidence, jobRecord, computation.jobId);
  const released = history.find(({ leaf }) => leaf.name === 'job.released');
  if (!released) return { problems: [`job ${computation.jobId} is not released here`] };
  const job = released.record;
  const found: string[] = [];
  const { buyer, seller, licenceId } = trade.last;
  const same = job.tradeId === trade.id && job.licenceId === licenceId;
  if (!same || job.buyer !== buyer || job.seller !== seller)
    found.push('the job is of another trade');
  if (job.release?.commitment !== computation.releaseCommitment) {
    found.push('the trade names another release than the job');
  }
  if (released.leaf.envelopeId !== computed.leaf.envelopeId) {
    found.push('the trade was not delivered by the release');
  }
  found.push(...checkWorkers(evidence, job), ...checkReviewers(evidence, job));
  found.push(...checkLicence(evidence, released));
  const finding = openRelease(evidence, job, found);
  return { ...finding, facts: [...(finding.facts ?? []), rowsFact(evidence, trade, released)] };
}

/** A row whose value or group is missing is in no total; how many of them there are, the ledger is not told. */
function rowsFact(
  evidence: Evidence,
  { last }: TradeView,
  { record, logIndex }: LoggedEvent<Job>,
): string {
  const registration = recordBefore(evidence, registrationRecord, last.registrationId, logIndex);
  const { rows } = record.spec;
  const registered = registration?.fingerprint.rows ?? rows;
  const rest = registered === rows ? '' : `; ${registered - rows} are in no total`;
  return `over ${rows} of ${registered} registered rows${rest}`;
}

function checkWorkers(evidence: Evidence, { attestations, buyer, seller }: Job): string[] {
  const found: string[] = [];
  const records = lastShown(evidence);
  const ids = attestations.map(({ organisationId }) => organisationId);
  const workers = new Set(ids);
  const { workersRequired } = evidence.genesis.rules.compute;
  if (workers.size < workersRequired || workers.size !== attestations.length) {
    found.push(`${workers.size} workers attested; ${workersRequired} different ones are asked for`);
  }
  const isClose = (id: string) => [buyer, seller].some((party) => areRelated(records, id, party));
  if (ids.some(isClose)) found.push('a worker is a party, or of its house');
  const isRepeated = (id: string, at: number) =>
    ids.slice(at + 1).some((other) => areRelated(records, id, other));
  if (ids.some(isRepeated)) found.push('two workers are of one house');
  if (new Set(attestations.map(({ resultDigest }) => resultDigest)).size !== 1) {
    found.push('the workers came to different results');
  }
  return found;
}

function checkReviewers(evidence: Evidence, job: Job): string[] {
  const records = lastShown(evidence);
  return [job.reviewer, job.releasedBy].flatMap((id) => {
    if (id === null) return ['nobody approved or nobody released it'];
    const isClose = [job.buyer, job.seller].some((party) => areRelated(records, id, party));
    return isClose ? [`${id} is close to a party`] : [];
  });
}

/** What each worker said, in the order of the log: a later one could read what the first had said. */
const workerFacts = (evidence: Evidence, { attestations }: Job): string[] =>
  attestations.map(
    ({ organisationId, resultDigest, atMs }, at) =>
      `${organisationId} stated result ${resultDigest} on ${whenText(evidence, atMs)}` +
      (at === 0 ? ', for everybody to read' : ', after the first was public'),
  );

/** The release spends exactly one use of a licence that has one left. */
function checkLicence(evidence: Evidence, { leaf, record: job }: LoggedEvent<Job>): string[] {
  const history = historyOf(evidence, licenceRecord, job.licenceId);
  const at = history.findIndex(
    (event) => event.leaf.name === 'licence.used' && event.leaf.envelopeId === leaf.envelopeId,
  );
  const [before, after] = [history[at - 1]?.record, history[at]?.record];
  if (!before || !after) return ['the release spent no use of the licence'];
  return usesFaults(before, after, job);
}

function usesFaults(before: Licence, after: Licence, { spec }: Job): string[] {
  const found: string[] = [];
  if (after.uses !== before.uses + 1) found.push('the release did not spend exactly one use');
  const { usesMax, permissions } = after.terms;
  if (usesMax !== null && after.uses > usesMax) found.push('the licence was used beyond its quota');
  if (!permissions.includes('EXECUTE')) found.push('the licence does not permit computation');
  const { compute } = after;
  const licensed =
    compute?.functionId === spec.functionId &&
    compute.valueColumn === spec.valueColumn &&
    compute.groupColumn === spec.groupColumn;
  if (!licensed) found.push('the licence is for another function or other columns');
  return found;
}

function openRelease(evidence: Evidence, job: Job, found: string[]): Finding {
  const opening = evidence.dossier.openings.computations.find(({ jobId }) => jobId === job.id);
  const facts = [`job ${job.id}, specification ${job.specHash}`, ...workerFacts(evidence, job)];
  if (!opening) {
    const absent = `specification and release of job ${job.id} are not disclosed`;
    return { problems: found, absent, facts };
  }
  const spec = decodeJobSpec(bytesOf(opening.spec));
  if (!spec.ok) return { problems: [...found, `its specification: ${spec.detail}`], facts };
  found.push(...checkSpec(evidence, job, spec.value));
  const released = checkRelease({
    spec: spec.value,
    release: bytesOf(opening.release),
    salt: toHex(bytesOf(opening.salt)),
    recordedResultDigest: job.attestations[0]?.resultDigest ?? '',
    recordedReleaseDigest: job.release?.commitment ?? '',
  });
  if (!released.ok) found.push(`the release: ${released.result.name} ${released.detail}`);
  return {
    problems: found,
    facts: [...facts, ...(released.ok ? [`${released.value.length} group totals released`] : [])],
  };
}

/** The disclosed specification is the recorded one, and says what the ledger says of it. */
function checkSpec({ genesis }: Evidence, job: Job, spec: JobSpec): string[] {
  const found: string[] = [];
  if (jobSpecHash(spec) !== job.specHash) found.push('the specification has another hash');
  if (sha256Hex(fromHex(spec.nonce)) !== job.nonceDigest) found.push('its nonce is another one');
  const facts: readonly (readonly [string, unknown, unknown])[] = [
    ['function', spec.functionId, job.spec.functionId],
    ['preset', spec.presetId, job.spec.presetId],
    ['value column', spec.column, job.spec.valueColumn],
    ['group column', spec.groupColumn, job.spec.groupColumn],
    ['groups', spec.groups.length, job.spec.groups],
    ['rows', spec.rows, job.spec.rows],
    ['value bound', spec.valueBound, BigInt(job.spec.valueBound)],
    ['scale', spec.scale, job.spec.scale],
    ['smallest cohort', spec.policy.cohortMin, job.spec.cohortMinimum],
    ['rounding unit', spec.policy.roundingUnit, BigInt(job.spec.roundingUnit)],
    ['licence', spec.licenceId, job.licenceId],
    ['chain', spec.chainId, genesis.chainId],
    ['seller', spec.parties.seller, job.seller],
    ['buyer', spec.parties.buyer, job.buyer],
  ];
  for (const [name, said, recorded] of facts) {
    if (said !== recorded) found.push(`the specification has another ${name}`);
  }
  if (job.spec.cohortMinimum < genesis.rules.compute.cohortMinimum) {
    found.push('the smallest cohort is below the rule pack’s');
  }
  return found;
}
