import { assert } from '../base/assert.ts';
import type { Outcome } from '../base/result.ts';
import type { Ledger } from '../base/room.ts';
import { checkRules, latestRules, proposedRules, writeRules } from './rules-decided.ts';
import type { Proposal } from './schema.ts';
import { checkNext, machineVersionRecord, moveProposal, versionId } from './state.ts';
import type { ProposalVerb } from './transitions.ts';

/** Whether it can still take effect: another one may have been adopted meanwhile. */
export function checkAdoptable(ledger: Ledger, { id, kind, value }: Proposal): Outcome {
  return kind === 'MACHINE_VERSION'
    ? checkNext(ledger, value ?? 0)
    : checkRules(ledger, proposedRules(ledger, id));
}

/** A chain may begin with a later version than the first: what is next is counted from there. */
export function beginAtVersion(ledger: Ledger, first: number): void {
  const { height: fromHeight, timeMs: adoptedAtMs } = ledger;
  for (let version = 2; version <= first; version += 1) {
    ledger.write(
      machineVersionRecord,
      { id: versionId(version), version, fromHeight, proposalId: 'genesis', adoptedAtMs },
      'governance.version-raised',
    );
  }
}

/**
 * What is adopted takes effect at its height, or, where that is past, in the next block: never in the one that
 * decides, whose rules must be known before it is executed, and never before what was decided earlier.
 * The caller has asked `checkAdoptable`.
 */
export function adopt(
  ledger: Ledger,
  proposal: Proposal,
  verb: ProposalVerb,
  decidedBy: NonNullable<Proposal['decidedBy']>,
): void {
  assert(checkAdoptable(ledger, proposal).ok, 'what is adopted can take effect');
  const { kind, notBeforeHeight } = proposal;
  const below =
    kind === 'MACHINE_VERSION' ? heightBelow(ledger, proposal) : latestRules(ledger).fromHeight;
  const fromHeight = Math.max(notBeforeHeight, ledger.height + 1, below + 1);
  const adopted = { ...proposal, decidedBy, fromHeight };
  moveProposal(ledger, adopted, verb, 'ADOPTED', 'governance.adopted');
  if (kind === 'MACHINE_VERSION') writeVersion(ledger, proposal, fromHeight);
  else writeRules(ledger, proposal, fromHeight);
}

const versionOf = ({ value }: Proposal): number => {
  assert(value !== null, 'a proposal of a version has one');
  return value;
};

const heightBelow = (ledger: Ledger, proposal: Proposal): number =>
  ledger.read(machineVersionRecord, versionId(versionOf(proposal) - 1))?.fromHeight ?? 0;

function writeVersion(ledger: Ledger, proposal: Proposal, fromHeight: number): void {
  const version = versionOf(proposal);
  ledger.write(
    machineVersionRecord,
    {
      id: versionId(version),
      ...{ version, fromHeight },
      proposalId: proposal.id,
      adoptedAtMs: ledger.timeMs,
    },
    'governance.version-raised',
  );
}
