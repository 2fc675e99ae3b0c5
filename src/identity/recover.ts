import { assert } from '../base/assert.ts';
import { keyIdOf } from '../base/key-id.ts';
import type { Deadline, Ledger } from '../base/room.ts';
import type { Organisation, Recovery } from './schema.ts';
import {
  keyRecord,
  organisationRecord,
  readKey,
  readOrganisation,
  recoveryRecord,
} from './state.ts';

/** Deadline of a recovery's publicity. */
export const recoveryDue = 'identity.recovery-due';

/** Nobody has refused it: the key is added, with all roles that the organisation has now. */
export const recoveryDueDeadline: Deadline = {
  name: recoveryDue,
  period: 'publicity',
  apply(ledger, id) {
    const recovery = ledger.read(recoveryRecord, id);
    assert(recovery?.state === 'PROPOSED', 'a recovery in publicity is open');
    const organisation = readOrganisation(ledger, recovery.organisationId);
    assert(organisation, 'an organisation stays');
    // Registered by another way meanwhile: there is nothing left to recover by it.
    const lapsed = readKey(ledger, keyIdOf(recovery.publicKey)) !== null;
    if (!lapsed) recover(ledger, organisation, recovery);
    ledger.write(
      recoveryRecord,
      { ...recovery, state: lapsed ? 'LAPSED' : 'DONE', changedAtMs: ledger.timeMs },
      lapsed ? 'identity.recovery-lapsed' : 'identity.recovered',
    );
  },
  putOff,
};

function putOff(ledger: Ledger, id: string, dueAtMs: number): void {
  const recovery = ledger.read(recoveryRecord, id);
  assert(recovery, 'a deadline is about a recovery');
  ledger.write(
    recoveryRecord,
    { ...recovery, publicUntilMs: dueAtMs, changedAtMs: ledger.timeMs },
    'identity.recovery-put-off',
  );
}

function recover(
  ledger: Ledger,
  organisation: Organisation,
  { publicKey, encryptionKey }: Recovery,
): void {
  const { timeMs } = ledger;
  const { id: organisationId, roles } = organisation;
  const key = { id: keyIdOf(publicKey), state: 'ACTIVE', organisationId, publicKey } as const;
  ledger.write(
    keyRecord,
    { ...key, roles, addedAtMs: timeMs, revokedAtMs: null },
    'identity.key-added',
  );
  if (encryptionKey === null || encryptionKey === organisation.encryptionKey) return;
  const changed = { encryptionKey, changedAtMs: timeMs };
  ledger.write(organisationRecord, { ...organisation, ...changed }, 'identity.sealing-key-changed');
}
