import { refuse } from '../../base/result.ts';
import { defineOperation } from '../../base/room.ts';
import { tradingResults } from '../results.ts';
import { licenceUseCommand } from '../schema.ts';
import { checkLicenceVerb, findLicence, spendUses } from '../state.ts';

/** The buyer reports uses; the nonce lets each report count once, the quota bounds their sum. */
export const use = defineOperation({
  number: 630,
  name: 'licence.use',
  title: 'Report uses of a licence',
  command: licenceUseCommand,
  roles: ['BUYER'],
  apply(context, { licenceId, permission, count, nonce }) {
    const found = findLicence(context, licenceId);
    if (!found.ok) return found;
    const licence = found.value;
    if (licence.licensee !== context.actor.organisationId) {
      return refuse(tradingResults.LICENCE_NOT_PARTY, `Licence ${licenceId}: ${licence.licensee}.`);
    }
    if (licence.state !== 'EXHAUSTED') {
      const possible = checkLicenceVerb(licence, 'use');
      if (!possible.ok) return possible;
    }
    if (licence.purpose === 'COMPUTE' || !licence.terms.permissions.includes(permission)) {
      return refuse(
        tradingResults.LICENCE_NOT_PERMITTED,
        `${permission}; licence ${licenceId} is for ${licence.purpose} and ` +
          `grants ${licence.terms.permissions.join(', ')}.`,
      );
    }
    if (nonce !== licence.nextNonce) {
      return refuse(
        tradingResults.LICENCE_NONCE_STALE,
        `Licence ${licenceId}: the next nonce is ${licence.nextNonce}, not ${nonce}.`,
      );
    }
    return spendUses(context, licence, count);
  },
});
