import { assert } from '../base/assert.ts';
import { refuse, success, successWith, type Outcome } from '../base/result.ts';
import { defineRecord, type Ledger } from '../base/room.ts';
import { governanceResults } from './results.ts';
import {
  machineVersionSchema,
  noNoticeSchema,
  proposalSchema,
  proposedRulesSchema,
  provisionalDeadlineSchema,
  regulatorSeatSchema,
  rulesVersionSchema,
  type Proposal,
  type ProposalState,
} from './schema.ts';
import { proposalTransitions, type ProposalVerb } from './transitions.ts';

export const proposalRecord = defineRecord({
  name: 'proposal',
  collection: 'proposals',
  title: 'Proposal to change a rule of the chain',
  schema: proposalSchema,
  stream: 'supervision',
});

export const machineVersionRecord = defineRecord({
  name: 'machine-version',
  collection: 'machine-versions',
  title: 'Machine version that the chain has decided on',
  schema: machineVersionSchema,
  stream: 'supervision',
});

export const regulatorSeatRecord = defineRecord({
  name: 'regulator-seat',
  collection: 'regulator-seats',
  title: 'Seat of the chain’s regulator',
  schema: regulatorSeatSchema,
  stream: 'supervision',
});

export const proposedRulesRecord = defineRecord({
  name: 'proposed-rules',
  collection: 'proposed-rules',
  title: 'Rule pack or calendar year that is proposed',
  schema: proposedRulesSchema,
  stream: 'supervision',
});

export const rulesVersionRecord = defineRecord({
  name: 'rules-version',
  collection: 'rules-versions',
  title: 'Rule pack and calendar that the chain has decided on',
  schema: rulesVersionSchema,
  stream: 'supervision',
});

export const noNoticeRecord = defineRecord({
  name: 'no-notice',
  collection: 'no-notices',
  title: 'Year for which no notice of working days comes',
  schema: noNoticeSchema,
  stream: 'supervision',
});

export const provisionalDeadlineRecord = defineRecord({
  name: 'provisional-deadline',
  collection: 'provisional-deadlines',
  title: 'Deadline beyond the days that the calendar knows',
  schema: provisionalDeadlineSchema,
  stream: 'supervision',
});

/** Deadline of a proposal's publicity. */
export const publicityOver = 'governance.publicity-over';

const seatId = 'regulator';

type Reader = Pick<Ledger, 'read'>;

/** Refuses with PROPOSAL_NOT_FOUND, or PROPOSAL_STATE where the table has no such step. */
export function openProposal(ledger: Reader, id: string, verb: ProposalVerb): Outcome<Proposal> {
  const proposal = ledger.read(proposalRecord, id);
  if (!proposal) return refuse(governanceResults.PROPOSAL_NOT_FOUND, `Proposal ${id}.`);
  return proposalTransitions[proposal.state][verb]
    ? successWith(proposal)
    : refuse(governanceResults.PROPOSAL_STATE, `Proposal ${id} is ${proposal.state}.`);
}

/** Writes a proposal in its next state; of one that is decided no time is to come. */
export function moveProposal(
  ledger: Ledger,
  proposal: Proposal,
  verb: ProposalVerb,
  to: ProposalState,
  event: string,
): void {
  const { id, state } = proposal;
  assert(proposalTransitions[state][verb]?.includes(to), `${state} ${verb} leads to ${to}`);
  if (to !== 'PROPOSED') ledger.unschedule(publicityOver, id);
  ledger.write(proposalRecord, { ...proposal, state: to, changedAtMs: ledger.timeMs }, event);
}

export const hasRegulator = (ledger: Reader): boolean =>
  ledger.read(regulatorSeatRecord, seatId) !== null;

export function takeSeatFor(ledger: Ledger, organisationId: string): void {
  const { height: takenAtHeight, timeMs: takenAtMs } = ledger;
  const seat = { id: seatId, organisationId, takenAtHeight, takenAtMs };
  ledger.write(regulatorSeatRecord, seat, 'governance.seat-taken');
}

export const noNoticeId = (year: number): string => `no-notice-${year}`;

export const rulesId = (number: number): string => `rules-${number}`;

export const versionId = (version: number): string => `version-${version}`;

/** Whether a version is one above the highest that is decided. Refuses with VERSION_NOT_NEXT. */
export function checkNext(ledger: Reader, version: number): Outcome {
  let next = 2;
  while (ledger.read(machineVersionRecord, versionId(next))) next += 1;
  return version === next
    ? success
    : refuse(governanceResults.VERSION_NOT_NEXT, `${version} is proposed; ${next} is next.`);
}
