import type { Room } from '../base/room.ts';
import { clear, refuseClearance } from './agreement/clear.ts';
import { sign } from './agreement/sign.ts';
import { verify } from './agreement/verify.ts';
import { tradingDeadlines } from './deadlines.ts';
import { acceptDelivery } from './delivery/accept-delivery.ts';
import { deliver } from './delivery/deliver.ts';
import { startDelivery } from './delivery/start-delivery.ts';
import { resumeDelivery, suspendDelivery } from './delivery/suspend-delivery.ts';
import { dispute } from './dispute/dispute.ts';
import { rejectDelivery } from './dispute/reject-delivery.ts';
import { ruleDispute } from './dispute/rule-dispute.ts';
import { certify } from './escrow/certify.ts';
import { fund } from './escrow/fund.ts';
import { payOut, reversePayOut } from './escrow/pay-out.ts';
import { settle } from './escrow/settle.ts';
import { attestDeletion } from './licence/attest-deletion.ts';
import { resumeLicence, revokeLicence, suspendLicence } from './licence/supervise.ts';
import { use } from './licence/use.ts';
import { acceptOffer } from './negotiation/accept-offer.ts';
import { cancel } from './negotiation/cancel.ts';
import { counter } from './negotiation/counter.ts';
import { offer } from './negotiation/offer.ts';
import { request } from './negotiation/request.ts';
import { tradingResults } from './results.ts';
import {
  accountRecord,
  bankStandingRecord,
  licenceRecord,
  postingRecord,
  tradeRecord,
} from './state.ts';

export const tradingRoom: Room = {
  name: 'trading',
  records: [tradeRecord, licenceRecord, postingRecord, accountRecord, bankStandingRecord],
  operations: [
    request,
    offer,
    counter,
    acceptOffer,
    clear,
    refuseClearance,
    sign,
    verify,
    fund,
    startDelivery,
    suspendDelivery,
    resumeDelivery,
    deliver,
    acceptDelivery,
    rejectDelivery,
    dispute,
    ruleDispute,
    settle,
    certify,
    cancel,
    payOut,
    reversePayOut,
    use,
    suspendLicence,
    resumeLicence,
    revokeLicence,
    attestDeletion,
  ],
  deadlines: tradingDeadlines,
  results: tradingResults,
};
