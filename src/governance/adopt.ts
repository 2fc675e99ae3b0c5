import { assert } from '../base/assert.ts';
import type { Ledger } from '../base/room.ts';
import type { Proposal } from './schema.ts';
import { machineVersionRecord, moveProposal, versionId } from './state.ts';
import type { ProposalVerb } from './transitions.ts';

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
 * decides, whose rules must be known before it is executed, and never before the version below it.
 */
export function adopt(
  ledger: Ledger,
  proposal: Proposal,
  verb: ProposalVerb,
  decidedBy: NonNullable<Proposal['decidedBy']>,
): void {
  const { value: version, notBeforeHeight, id: proposalId } = proposal;
  assert(version !== null, 'a proposal of a version has one');
  const below = ledger.read(machineVersionRecord, versionId(version - 1))?.fromHeight ?? 0;
  const fromHeight = Math.max(notBeforeHeight, ledger.height + 1, below + 1);
  const adopted = { ...proposal, decidedBy, fromHeight };
  moveProposal(ledger, adopted, verb, 'ADOPTED', 'governance.adopted');
  ledger.write(
    machineVersionRecord,
    { id: versionId(version), version, fromHeight, proposalId, adoptedAtMs: ledger.timeMs },
    'governance.version-raised',
  );
}
