/** Every kind of record that a dossier may hold, by the name that its leaves carry. */
import type { RecordKind } from '../base/room.ts';
import { reviewRecord } from '../compliance/state.ts';
import {
  machineVersionRecord,
  noNoticeRecord,
  proposalRecord,
  proposedRulesRecord,
  provisionalDeadlineRecord,
  regulatorSeatRecord,
  rulesVersionRecord,
} from '../governance/state.ts';
import {
  creditCodeRecord,
  keyRecord,
  organisationRecord,
  recoveryRecord,
} from '../identity/state.ts';
import { listingProfileRecord, listingRecord } from '../listing/state.ts';
import { valuationRecord } from '../pricing/state.ts';
import { jobClaimRecord, jobRecord } from '../privacy/jobs/state.ts';
import {
  certificateSeriesRecord,
  fingerprintClaimRecord,
  objectionRecord,
  registeredTableRecord,
  registrationRecord,
} from '../rights/state.ts';
import {
  accountRecord,
  bankStandingRecord,
  licenceRecord,
  postingRecord,
  tradeRecord,
} from '../trading/state.ts';

const kinds: readonly RecordKind[] = [
  organisationRecord,
  creditCodeRecord,
  keyRecord,
  recoveryRecord,
  registrationRecord,
  objectionRecord,
  certificateSeriesRecord,
  fingerprintClaimRecord,
  registeredTableRecord,
  valuationRecord,
  listingRecord,
  listingProfileRecord,
  reviewRecord,
  tradeRecord,
  licenceRecord,
  postingRecord,
  accountRecord,
  bankStandingRecord,
  jobRecord,
  jobClaimRecord,
  proposalRecord,
  machineVersionRecord,
  regulatorSeatRecord,
  proposedRulesRecord,
  rulesVersionRecord,
  noNoticeRecord,
  provisionalDeadlineRecord,
];

export const recordKinds: ReadonlyMap<string, RecordKind> = new Map(
  kinds.map((kind) => [kind.name, kind]),
);
