import { admissionCommand } from '../../client/admission.ts';
import { admitCommand } from '../../identity/schema.ts';
import { admitted, type Character } from '../cast.ts';
import { act, type Scenario } from '../scenario.ts';

/** The operator admits every organisation; each shows that it holds the key it is admitted with. */
export async function playAdmission({ stage, player, chainId }: Scenario): Promise<void> {
  stage.act('Admission: every organisation with a key of its own');
  for (const character of admitted) await admit({ stage, player, chainId }, character);
}

/** The operator admits one of them. */
export async function admit(
  { stage, player, chainId }: Pick<Scenario, 'stage' | 'player' | 'chainId'>,
  { id, ...facts }: Character,
): Promise<void> {
  await stage.step('operator', `admits ${facts.name}`, () => {
    const command = admissionCommand(player(id).party, chainId, {
      organisationId: id,
      ...facts,
      roles: [...facts.roles],
    });
    return player('operator').submit(act('identity.admit', admitCommand, command));
  });
}
