import { takeSeatCommand } from '../../governance/schema.ts';
import { regulator } from '../cast.ts';
import { act, type Scenario } from '../scenario.ts';
import { admit } from './admission.ts';

/** From the first block on no rule of the chain changes by a regulator's silence. */
export async function playGovernance(scenario: Scenario): Promise<void> {
  const { stage, player } = scenario;
  stage.act('Supervision 监管: who decides on a change of the rules');
  await admit(scenario, regulator);
  await stage.step('regulator', 'takes its seat: nothing is adopted by its silence', () =>
    player('regulator').submit(
      act('governance.take-seat', takeSeatCommand, { reason: 'As the exchange’s charter says.' }),
    ),
  );
}
