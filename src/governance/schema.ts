import { rulePackSchema } from '../base/rules.ts';
import {
  digest,
  identifier,
  integer,
  isoDate,
  list,
  nullable,
  oneOf,
  record,
  text,
  timeMs,
  type Static,
} from '../base/schema.ts';

/** What can be decided; append-only. */
export const proposalKinds = ['MACHINE_VERSION', 'RULE_PACK', 'CALENDAR_YEAR'] as const;
export type ProposalKind = (typeof proposalKinds)[number];

export const proposalStates = ['PROPOSED', 'ADOPTED', 'REJECTED', 'WITHDRAWN', 'LAPSED'] as const;
export type ProposalState = (typeof proposalStates)[number];

const height = (description: string) => integer(0, Number.MAX_SAFE_INTEGER, description);

const facts = {
  kind: oneOf(proposalKinds, 'What is decided'),
  value: nullable(
    integer(0, Number.MAX_SAFE_INTEGER, 'Machine version to raise to; year of a calendar'),
  ),
  digest: nullable(digest('Of what is decided, for kinds of which that is a document; else null')),
  notBeforeHeight: height('The first height at which it may take effect'),
  reason: text(400, 'Why, and where the change is described'),
};

export const proposalSchema = record({
  id: identifier(),
  state: oneOf(proposalStates),
  ...facts,
  proposedBy: identifier('Organisation'),
  proposedAtHeight: height('Height of the proposal'),
  proposedAtMs: timeMs(),
  publicUntilMs: timeMs('Until when it can be objected to where no regulator has its seat'),
  approvals: list(record({ organisationId: identifier(), atMs: timeMs() }), 0, 16),
  decidedBy: nullable(oneOf(['APPROVAL', 'PUBLICITY'])),
  fromHeight: nullable(height('Height at which it takes effect, once adopted')),
  refusal: nullable(text(400, 'Why it was rejected or withdrawn')),
  changedAtMs: timeMs(),
});
export type Proposal = Static<typeof proposalSchema>;

/** By which rules the machine executes blocks, from a height on. */
export const machineVersionSchema = record({
  id: identifier('version-2 and so on'),
  version: integer(2, 1_000_000, 'Of the rules of the machine'),
  fromHeight: height('The first block that is executed by it'),
  proposalId: identifier('By which it was decided on; genesis where the chain began with it'),
  adoptedAtMs: timeMs(),
});
export type MachineVersion = Static<typeof machineVersionSchema>;

/** That the chain has a regulator: from then on nothing takes effect by its silence. */
export const regulatorSeatSchema = record({
  id: identifier('Always regulator'),
  organisationId: identifier('Whose key took the seat'),
  takenAtHeight: height('Since when'),
  takenAtMs: timeMs(),
});

/** What a notice says of one year: days off from Monday to Friday, and weekends that are worked. */
export const calendarYearSchema = record({
  year: integer(1970, 9999),
  version: text(40, 'Of the calendar with this year', 'cn-2027'),
  source: text(400, 'The notice: who, when, where'),
  holidays: list(isoDate(), 0, 120),
  workedWeekends: list(isoDate(), 0, 60),
});
export type CalendarYear = Static<typeof calendarYearSchema>;

/** The document that a proposal of rules is about, as it was proposed. */
export const proposedRulesSchema = record({
  id: identifier('Of the proposal'),
  pack: nullable(rulePackSchema),
  year: nullable(calendarYearSchema),
});
export type ProposedRules = Static<typeof proposedRulesSchema>;

/** By which rule pack and calendar the machine judges, from a height on. */
export const rulesVersionSchema = record({
  id: identifier('rules-2 and so on; genesis has the first'),
  number: integer(2, 1_000_000),
  fromHeight: height('The first block that is judged by it'),
  kind: oneOf(proposalKinds, 'What was decided'),
  proposalId: identifier(),
  adoptedAtMs: timeMs(),
  pack: rulePackSchema,
});
export type RulesVersion = Static<typeof rulesVersionSchema>;

/** The operator’s word that no notice comes for a year: weekdays alone count in it. */
export const noNoticeSchema = record({
  id: identifier('no-notice-2027 and so on'),
  year: integer(1970, 9999),
  confirmedBy: identifier('Organisation'),
  reason: text(400),
  confirmedAtMs: timeMs(),
});

export const provisionalStates = ['PROVISIONAL', 'FINAL', 'PUT_AWAY'] as const;

/** A deadline whose working days are not all known: it may move, and only to a later time. */
export const provisionalDeadlineSchema = record({
  id: digest('Of the deadline’s name and the record’s id'),
  state: oneOf(provisionalStates),
  deadline: text(60, 'Its name'),
  recordId: text(64, 'Of the record that it is about'),
  calendarVersion: text(40, 'That it was reckoned by'),
  /** Up to this day the calendar knew; what is left of the period is counted from the next. */
  afterDay: isoDate(),
  workingDays: integer(0, 10_000, 'Of the period, after that day'),
  dueAtMs: timeMs('By weekdays alone while provisional'),
  changedAtMs: timeMs(),
});
export type ProvisionalDeadline = Static<typeof provisionalDeadlineSchema>;

const rulesFacts = {
  proposalId: identifier(),
  notBeforeHeight: facts.notBeforeHeight,
  reason: facts.reason,
};
export const proposeRulesCommand = record({ ...rulesFacts, pack: rulePackSchema });
export const proposeCalendarYearCommand = record({ ...rulesFacts, calendar: calendarYearSchema });
export const confirmNoNoticeCommand = record({
  year: integer(1970, 9999),
  reason: text(400, 'Where was looked, and what was found'),
});
export const proposeCommand = record({ proposalId: identifier(), ...facts });
export const proposalCommand = record({ proposalId: identifier() });
export const proposalReasonCommand = record({ proposalId: identifier(), reason: text(400) });
export const takeSeatCommand = record({ reason: text(400) });
