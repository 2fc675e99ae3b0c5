import { refuse, success } from '../../base/result.ts';
import { defineOperation } from '../../base/room.ts';
import { tradingResults } from '../results.ts';
import { attestDeletionCommand } from '../schema.ts';
import { checkLicenceVerb, findLicence, moveLicence } from '../state.ts';

/** The buyer attests that the copies of an ended licence are deleted (ODRL duty `delete`). */
export const attestDeletion = defineOperation({
  number: 634,
  name: 'licence.attest-deletion',
  title: 'Attest the deletion of licensed data',
  command: attestDeletionCommand,
  roles: ['BUYER'],
  apply(context, { licenceId, deletionCommitment }) {
    const found = findLicence(context, licenceId);
    if (!found.ok) return found;
    const licence = found.value;
    if (licence.licensee !== context.actor.organisationId) {
      return refuse(tradingResults.LICENCE_NOT_PARTY, `Licence ${licenceId}: ${licence.licensee}.`);
    }
    const possible = checkLicenceVerb(licence, 'attest-deletion');
    if (!possible.ok) return possible;
    moveLicence(
      context,
      { ...licence, deletionCommitment },
      'attest-deletion',
      'DELETION_ATTESTED',
      'licence.deletion-attested',
    );
    return success;
  },
});
