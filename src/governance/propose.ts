import { periodEndMs } from '../base/calendar.ts';
import { refuse, success, type Outcome } from '../base/result.ts';
import { defineOperation, type Context } from '../base/room.ts';
import type { Static } from '../base/schema.ts';
import { governanceResults } from './results.ts';
import { proposeCommand, type ProposalKind } from './schema.ts';
import { checkNext, proposalRecord, publicityOver } from './state.ts';

/** One that takes effect in some years would stand in the way of all that come before it. */
export const blocksAheadMax = 1_000_000;

type Command = Static<typeof proposeCommand>;

/**
 * The operator proposes; the chain's regulator decides, or, where there is none, the publicity period of the
 * rule pack passes without a regulator who rejects it.
 */
export const propose = defineOperation({
  number: 800,
  name: 'governance.propose',
  title: 'Propose to change a rule of the chain',
  command: proposeCommand,
  roles: ['OPERATOR'],
  // Nodes of other programs know other versions: the block is executed by all of them alike.
  foresee({ kind, value }, { machineVersionMax }) {
    if (kind !== 'MACHINE_VERSION' || value === null || value <= machineVersionMax) return success;
    return refuse(
      governanceResults.VERSION_NOT_KNOWN,
      `Version ${value} is proposed; this program knows versions 1 to ${machineVersionMax}.`,
    );
  },
  apply(context, command) {
    const fit = checkFacts(context, command);
    return fit.ok ? proposeFacts(context, command) : fit;
  },
});

/** Refuses with PROPOSAL_EXISTS or PROPOSAL_TOO_FAR; else the proposal stands. */
export function proposeFacts(context: Context, command: Command): Outcome {
  const { proposalId, notBeforeHeight } = command;
  if (context.read(proposalRecord, proposalId)) {
    return refuse(governanceResults.PROPOSAL_EXISTS, `Proposal ${proposalId}.`);
  }
  if (notBeforeHeight > context.height + blocksAheadMax) {
    return refuse(
      governanceResults.PROPOSAL_TOO_FAR,
      `Height ${notBeforeHeight}; at most ${context.height + blocksAheadMax} may be, ` +
        `${blocksAheadMax} blocks ahead.`,
    );
  }
  write(context, command);
  return success;
}

/** The document of these kinds is in the envelope, so that everybody reads what is decided on. */
const ownOperations: Readonly<Record<ProposalKind, string | null>> = {
  MACHINE_VERSION: null,
  RULE_PACK: 'governance.propose-rules',
  CALENDAR_YEAR: 'governance.propose-calendar-year',
};

function checkFacts(context: Context, { kind, value, digest }: Command): Outcome {
  const own = ownOperations[kind];
  if (own !== null) {
    return refuse(governanceResults.PROPOSAL_MALFORMED, `/kind: ${kind} is proposed by ${own}.`);
  }
  if (value !== null && digest === null) return checkNext(context, value);
  return refuse(
    governanceResults.PROPOSAL_MALFORMED,
    `/${value === null ? 'value' : 'digest'}: of ${kind}, the value says all.`,
  );
}

function write(context: Context, { proposalId, ...facts }: Command): void {
  const { timeMs, rules, height, actor } = context;
  const publicUntilMs = periodEndMs(timeMs, rules.periods.publicity, rules.calendar);
  context.schedule(publicityOver, proposalId, publicUntilMs);
  context.write(
    proposalRecord,
    {
      id: proposalId,
      state: 'PROPOSED',
      ...facts,
      proposedBy: actor.organisationId,
      proposedAtHeight: height,
      proposedAtMs: timeMs,
      publicUntilMs,
      approvals: [],
      decidedBy: null,
      fromHeight: null,
      refusal: null,
      changedAtMs: timeMs,
    },
    'governance.proposed',
  );
}
