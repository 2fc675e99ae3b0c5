/** What of decisions must hold in every block, told from docs/governance.md. */
import type { MachineVersion, Proposal, RulesVersion } from '../../../src/governance/schema.ts';
import { simulationGenesis } from '../cast.ts';
import type { Row, View } from '../view.ts';
import { must } from './must.ts';

interface OrganisationRow extends Row {
  readonly roles: readonly string[];
  readonly beneficialOwner: string | null;
}

/** Versions as decided in earlier blocks: they stay as they are. */
export class GovernanceAuditor {
  readonly #decided = new Map<number, number>();
  readonly #rules = new Map<string, number>();

  /** Whether blocks of this height are executed by this version, as far as was decided below it. */
  holds(version: number, height: number): boolean {
    return (this.#decided.get(version) ?? Infinity) <= height;
  }

  /** @param height of the block after which the records are as the view has them */
  compare(view: View, height: number): void {
    const versions = view.all('machine-version') as unknown as MachineVersion[];
    const ordered = [...versions].sort((left, right) => left.version - right.version);
    for (const [index, { version, fromHeight, proposalId }] of ordered.entries()) {
      must(version === index + 2, `version ${version} is one above that before it`);
      const below = ordered[index - 1]?.fromHeight ?? 0;
      must(fromHeight > below, `version ${version} holds from a later height than ${below}`);
      const known = this.#decided.get(version);
      must(known === undefined || known === fromHeight, `version ${version} stays decided`);
      must(
        known !== undefined || fromHeight > height,
        `version ${version} is decided before it holds`,
      );
      this.#decided.set(version, fromHeight);
      if (known === undefined) this.#isDecided(view, proposalId);
    }
    this.#compareRules(view, height);
  }

  /** Rules follow each other in number and height, and what days were known stays known. */
  #compareRules(view: View, height: number): void {
    const rules = view.all('rules-version') as unknown as RulesVersion[];
    let before: Pick<RulesVersion, 'number' | 'fromHeight'> = { number: 1, fromHeight: 0 };
    let knownTo = simulationGenesis.rules.calendar.to;
    for (const next of [...rules].sort((left, right) => left.number - right.number)) {
      const { id, number, fromHeight, proposalId, pack } = next;
      must(number === before.number + 1 && fromHeight > before.fromHeight, `${id} follows`);
      must(this.#rules.get(id) === fromHeight || fromHeight > height, `${id} is decided before`);
      must(pack.calendar.to >= knownTo, `${id} knows the days that were known`);
      if (!this.#rules.has(id)) this.#isDecided(view, proposalId);
      this.#rules.set(id, fromHeight);
      before = next;
      knownTo = pack.calendar.to;
    }
  }

  #isDecided(view: View, proposalId: string): void {
    const proposal = view.get('proposal', proposalId) as unknown as Proposal | undefined;
    must(proposal?.state === 'ADOPTED', `proposal ${proposalId} is adopted`);
    if (proposal.decidedBy === 'PUBLICITY') {
      const { publicUntilMs, changedAtMs } = proposal;
      must(changedAtMs >= publicUntilMs, `${proposalId} was public for its time`);
      return;
    }
    const [{ organisationId } = { organisationId: '' }] = proposal.approvals;
    const approver = view.get('organisation', organisationId) as OrganisationRow | undefined;
    must(approver, `${proposalId} has an approval`);
    must(approver.roles.includes('REGULATOR'), `${proposalId} is approved by a regulator`);
    must(approver.beneficialOwner !== 'Operator', `${proposalId} is approved by another house`);
  }
}
