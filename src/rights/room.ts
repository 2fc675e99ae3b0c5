import type { Room } from '../base/room.ts';
import { accept, returnForFix, silenceAccepts, supplementOverdue } from './accept.ts';
import { certify, registrationExpires } from './certify.ts';
import { objectionOverdue, resolveObjection, withdrawObjection } from './decide-objection.ts';
import { deregister } from './deregister.ts';
import { object } from './object.ts';
import { openPublicity, publicityEnds, waivePublicity } from './publicity.ts';
import { rightsResults } from './results.ts';
import { beginReview, extendReview, refuseRegistration, reviewOverdue } from './review.ts';
import { stateTable } from './state-table.ts';
import {
  certificateSeriesRecord,
  fingerprintClaimRecord,
  objectionRecord,
  registeredTableRecord,
  registrationRecord,
} from './state.ts';
import { resubmit, submit } from './submit.ts';

export const rightsRoom: Room = {
  name: 'rights',
  records: [
    registrationRecord,
    objectionRecord,
    certificateSeriesRecord,
    registeredTableRecord,
    fingerprintClaimRecord,
  ],
  operations: [
    submit,
    resubmit,
    returnForFix,
    accept,
    beginReview,
    refuseRegistration,
    openPublicity,
    waivePublicity,
    resolveObjection,
    certify,
    object,
    withdrawObjection,
    deregister,
    extendReview,
    stateTable,
  ],
  deadlines: [
    silenceAccepts,
    supplementOverdue,
    reviewOverdue,
    publicityEnds,
    objectionOverdue,
    registrationExpires,
  ],
  results: rightsResults,
};
