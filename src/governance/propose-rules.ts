import { encodeTyped } from '../base/codec.ts';
import { sha256Hex } from '../base/hash.ts';
import { sinceMachineVersion } from '../base/machine-version.ts';
import { success, type Outcome } from '../base/result.ts';
import { defineOperation, type Context } from '../base/room.ts';
import { rulePackSchema } from '../base/rules.ts';
import { proposeFacts } from './propose.ts';
import { checkRules } from './rules-decided.ts';
import {
  calendarYearSchema,
  proposeCalendarYearCommand,
  proposeRulesCommand,
  type Proposal,
  type ProposedRules,
} from './schema.ts';
import { proposedRulesRecord } from './state.ts';

type Facts = Pick<Proposal, 'kind' | 'value' | 'notBeforeHeight' | 'reason'> & {
  readonly digest: string;
  readonly proposalId: string;
};

/** A whole pack instead of the one that holds; its document is in the proposal. */
export const proposeRules = defineOperation({
  number: 805,
  name: 'governance.propose-rules',
  title: 'Propose a rule pack',
  command: proposeRulesCommand,
  since: sinceMachineVersion.rulesDecided,
  roles: ['OPERATOR'],
  apply(context, { pack, ...facts }) {
    const digest = sha256Hex(encodeTyped(rulePackSchema, pack));
    const all = { ...facts, kind: 'RULE_PACK', value: null, digest } as const;
    return propose(context, all, { pack, year: null });
  },
});

/** What a notice says of one year: the next that is not known, or one that is said anew. */
export const proposeCalendarYear = defineOperation({
  number: 806,
  name: 'governance.propose-calendar-year',
  title: 'Propose the working days of a year',
  command: proposeCalendarYearCommand,
  since: sinceMachineVersion.rulesDecided,
  roles: ['OPERATOR'],
  apply(context, { calendar: year, ...facts }) {
    const digest = sha256Hex(encodeTyped(calendarYearSchema, year));
    const all = { ...facts, kind: 'CALENDAR_YEAR', value: year.year, digest } as const;
    return propose(context, all, { pack: null, year });
  },
});

function propose(context: Context, facts: Facts, document: Omit<ProposedRules, 'id'>): Outcome {
  const fit = checkRules(context, document);
  if (!fit.ok) return fit;
  const proposed = proposeFacts(context, facts);
  if (!proposed.ok) return proposed;
  const { proposalId: id } = facts;
  context.write(proposedRulesRecord, { id, ...document }, 'governance.rules-proposed');
  return success;
}
