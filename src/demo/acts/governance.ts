import { machineVersionMax } from '../../base/machine-version.ts';
import { proposalCommand, proposeCommand } from '../../governance/schema.ts';
import { regulator } from '../cast.ts';
import { act, type Scenario } from '../scenario.ts';
import { admit } from './admission.ts';

const proposalId = 'newest-rules';

/** A chain begins by version 1 of the machine's rules: operator and regulator raise it to the newest. */
export async function playGovernance(scenario: Scenario): Promise<void> {
  const { stage, player } = scenario;
  stage.act('Governance: by which rules the chain is executed');
  await admit(scenario, regulator);
  await stage.step('operator', `proposes machine version ${machineVersionMax}`, () =>
    player('operator').submit(
      act('governance.propose', proposeCommand, {
        ...{ proposalId, kind: 'MACHINE_VERSION', value: machineVersionMax, digest: null },
        notBeforeHeight: 0,
        reason: 'Tables are registered with their names, and told of whole: docs/chain.md.',
      }),
    ),
  );
  await stage.step('regulator', 'approves it: the next block is made by it', () =>
    player('regulator').submit(act('governance.approve', proposalCommand, { proposalId })),
  );
}
