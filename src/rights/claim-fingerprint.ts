/** Who copies the fingerprint of another's registration, which everybody reads, is refused. */
import type { Hex } from '../base/bytes.ts';
import { sinceMachineVersion } from '../base/machine-version.ts';
import { refuse, success, type Outcome } from '../base/result.ts';
import type { Ledger } from '../base/room.ts';
import { rightsResults } from './results.ts';
import type { Fingerprint, Registration } from './schema.ts';
import { fingerprintClaimRecord, readRegistration } from './state.ts';
import { isEnded } from './transitions.ts';

/** Either alone shows that it is the same content under the same salt. */
const digestsOf = ({ rowsRoot, contentCommitment }: Fingerprint): readonly Hex[] => [
  ...new Set([rowsRoot, contentCommitment]),
];

const isApplied = ({ machineVersion }: Ledger): boolean =>
  machineVersion >= sinceMachineVersion.oneFingerprintOnce;

/** The other registration that holds a digest of it and is not ended; null where there is none. */
function holderOf(ledger: Ledger, id: string, digest: Hex): Registration | null {
  const claim = ledger.read(fingerprintClaimRecord, digest);
  if (!claim || claim.registrationId === id) return null;
  const holder = readRegistration(ledger, claim.registrationId);
  const holds = holder && digestsOf(holder.fingerprint).includes(digest);
  return holds && !isEnded(holder) ? holder : null;
}

/** Refuses with RIGHTS_FINGERPRINT_TAKEN. Of registrations that began by version 1 nothing is known here. */
export function checkUnclaimed(ledger: Ledger, id: string, fingerprint: Fingerprint): Outcome {
  if (!isApplied(ledger)) return success;
  for (const digest of digestsOf(fingerprint)) {
    const holder = holderOf(ledger, id, digest);
    if (holder) {
      const detail = `Registration ${holder.id} of ${holder.applicant} has ${digest}.`;
      return refuse(rightsResults.RIGHTS_FINGERPRINT_TAKEN, detail);
    }
  }
  return success;
}

/** After `checkUnclaimed`. */
export function claimFingerprint(ledger: Ledger, id: string, fingerprint: Fingerprint): void {
  if (!isApplied(ledger)) return;
  for (const digest of digestsOf(fingerprint)) {
    if (ledger.read(fingerprintClaimRecord, digest)?.registrationId === id) continue;
    ledger.write(
      fingerprintClaimRecord,
      { id: digest, registrationId: id, claimedAtMs: ledger.timeMs },
      'rights.fingerprint-claimed',
    );
  }
}
