/** What an organisation that lost its keys has the operator propose: a new key, held by whoever asks. */
import type { Hex } from '../base/bytes.ts';
import type { Static } from '../base/schema.ts';
import type { proposeRecoveryCommand } from '../identity/schema.ts';
import { operationFromJson } from './commands.ts';
import type { Party } from './party.ts';
import { claimKey } from './possession.ts';

export interface RecoveryFacts {
  readonly chainId: string;
  readonly organisationId: string;
  /** SHA-256 of the document that shows who asks. */
  readonly evidence: Hex;
  readonly reason: string;
}

/** The command of `identity.propose-recovery`, which an operator signs. Throws OPERATION_MALFORMED. */
export function recoveryCommand(
  party: Party,
  { chainId, organisationId, evidence, reason }: RecoveryFacts,
): Static<typeof proposeRecoveryCommand> {
  const { command } = operationFromJson('identity.propose-recovery', {
    recoveryId: party.signingKey.keyId,
    organisationId,
    encryptionKey: party.encryptionKey,
    evidence,
    reason,
    ...claimKey(party, chainId, organisationId),
  });
  return command as Static<typeof proposeRecoveryCommand>;
}
