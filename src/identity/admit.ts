import { refuse, success, type Outcome } from '../base/result.ts';
import { defineOperation, type Ledger } from '../base/room.ts';
import { keyIdOf } from '../base/key-id.ts';
import { findCreditCodeFault } from './credit-code.ts';
import { checkNewKey, checkRoles } from './key-rules.ts';
import { identityResults } from './results.ts';
import { admitCommand, type Organisation } from './schema.ts';
import {
  claimCreditCode,
  findHolder,
  keyRecord,
  organisationRecord,
  readOrganisation,
} from './state.ts';

/** The operator admits an organisation with its first key, which holds all of its roles. */
export const admit = defineOperation({
  number: 100,
  name: 'identity.admit',
  title: 'Admit an organisation with its first key',
  command: admitCommand,
  roles: ['OPERATOR'],
  apply(context, command) {
    const { organisationId, publicKey, possession, ...facts } = command;
    if (readOrganisation(context, organisationId)) {
      return refuse(identityResults.ORGANISATION_EXISTS, `Organisation ${organisationId}.`);
    }
    const roles = checkRoles(facts.roles);
    if (!roles.ok) return roles;
    const key = checkNewKey(context, organisationId, publicKey, possession);
    if (!key.ok) return key;
    const code = checkCreditCode(context, facts);
    if (!code.ok) return code;
    context.write(
      organisationRecord,
      {
        ...facts,
        id: organisationId,
        state: 'ACTIVE',
        admittedAtMs: context.timeMs,
        changedAtMs: context.timeMs,
      },
      'identity.admitted',
    );
    claimCreditCode(context, { ...facts, id: organisationId });
    context.write(
      keyRecord,
      {
        id: keyIdOf(publicKey),
        state: 'ACTIVE',
        organisationId,
        publicKey,
        roles: facts.roles,
        addedAtMs: context.timeMs,
        revokedAtMs: null,
      },
      'identity.key-added',
    );
    return success;
  },
});

/** One legal person is one organisation, also while that is suspended: it comes back by reinstatement. */
function checkCreditCode(
  ledger: Ledger,
  organisation: Pick<Organisation, 'jurisdiction' | 'creditCode'>,
): Outcome {
  const fault = findCreditCodeFault(organisation.jurisdiction, organisation.creditCode);
  if (fault !== null) return refuse(identityResults.CREDIT_CODE_INVALID, `${fault}.`);
  const holder = findHolder(ledger, organisation);
  return holder === null
    ? success
    : refuse(identityResults.CREDIT_CODE_TAKEN, `${organisation.creditCode} is of ${holder}.`);
}
