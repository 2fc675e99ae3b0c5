import type { TObject } from '../../base/schema.ts';
import {
  acceptDeliveryCommand,
  acceptOfferCommand,
  attestDeletionCommand,
  counterCommand,
  deliverCommand,
  fundCommand,
  licenceReasonCommand,
  licenceUseCommand,
  offerCommand,
  payOutCommand,
  rejectDeliveryCommand,
  requestCommand,
  reversePayOutCommand,
  ruleDisputeCommand,
  termsHashCommand,
  tradeCommand,
  tradeReasonCommand,
} from '../../trading/schema.ts';
import type { Role } from '../../base/roles.ts';
import { echoOf } from './echo.ts';
import type { EventRule, OperationRule } from './rule.ts';

const onTrade = (
  number: number,
  verb: string,
  roles: readonly Role[],
  command: TObject,
  actor: readonly string[],
  echo: OperationRule['echo'] = {},
): OperationRule => ({
  number,
  name: `trading.${verb}`,
  roles,
  command,
  subject: ['trade', 'tradeId'],
  actor,
  echo,
});

const onLicence = (
  number: number,
  verb: string,
  role: Role,
  command: TObject,
  echo: OperationRule['echo'] = {},
): OperationRule => ({
  number,
  name: `licence.${verb}`,
  roles: [role],
  command,
  subject: ['licence', 'licenceId'],
  actor: role === 'BUYER' ? ['licensee'] : [],
  echo,
});

const parties = ['buyer', 'seller'];
const partyRoles: readonly Role[] = ['BUYER', 'SELLER'];
const ending = ['ending.organisationId'];
const endingReason = { reason: 'ending.reason' };

export const tradingOperations: readonly OperationRule[] = [
  onTrade(600, 'request', ['BUYER'], requestCommand, ['buyer'], {
    ...echoOf(requestCommand, { except: ['tradeId'] }),
  }),
  onTrade(601, 'offer', ['SELLER'], offerCommand, ['seller'], {
    ...echoOf(offerCommand, { except: ['tradeId', 'turn'] }),
  }),
  onTrade(602, 'counter', ['BUYER'], counterCommand, ['buyer'], {
    ...echoOf(counterCommand, { except: ['tradeId', 'turn'] }),
  }),
  onTrade(603, 'accept-offer', ['BUYER'], acceptOfferCommand, ['buyer'], { turn: 'turn' }),
  onTrade(604, 'clear', ['REVIEWER'], tradeCommand, ['clearedBy']),
  onTrade(605, 'refuse-clearance', ['REVIEWER'], tradeReasonCommand, ending, endingReason),
  onTrade(606, 'sign', partyRoles, termsHashCommand, parties),
  onTrade(607, 'verify', ['BUYER'], termsHashCommand, ['buyer'], {
    termsHash: 'agreement.termsHash',
  }),
  onTrade(608, 'fund', ['BANK'], fundCommand, ['bank'], {
    ...echoOf(fundCommand, { except: ['tradeId'], path: 'funding' }),
  }),
  onTrade(609, 'start-delivery', ['SELLER'], tradeCommand, ['seller']),
  onTrade(610, 'suspend-delivery', ['OPERATOR'], tradeReasonCommand, []),
  onTrade(611, 'resume-delivery', ['OPERATOR'], tradeReasonCommand, []),
  onTrade(612, 'deliver', ['SELLER'], deliverCommand, ['seller'], {
    ...echoOf(deliverCommand, { except: ['tradeId'], path: 'delivery' }),
  }),
  onTrade(613, 'accept-delivery', ['BUYER'], acceptDeliveryCommand, ['buyer']),
  onTrade(614, 'reject-delivery', ['BUYER'], rejectDeliveryCommand, ['buyer'], {
    ...echoOf(rejectDeliveryCommand, { except: ['tradeId'], path: 'dispute' }),
  }),
  onTrade(615, 'dispute', partyRoles, tradeCommand, ['dispute.openedBy']),
  onTrade(
    616,
    'rule-dispute',
    ['OPERATOR'],
    ruleDisputeCommand,
    ['dispute.ruling.organisationId'],
    echoOf(ruleDisputeCommand, { except: ['tradeId'], path: 'dispute.ruling' }),
  ),
  onTrade(617, 'settle', ['OPERATOR'], tradeCommand, []),
  onTrade(618, 'certify', ['OPERATOR'], tradeCommand, []),
  onTrade(619, 'cancel', partyRoles, tradeReasonCommand, ending, endingReason),
  onTrade(620, 'pay-out', ['BANK'], payOutCommand, ['funding.bank']),
  {
    number: 621,
    name: 'trading.reverse-pay-out',
    roles: ['BANK'],
    command: reversePayOutCommand,
    subject: null,
    actor: [],
    echo: {},
  },
  onLicence(630, 'use', 'BUYER', licenceUseCommand),
  onLicence(631, 'suspend', 'OPERATOR', licenceReasonCommand),
  onLicence(632, 'resume', 'OPERATOR', licenceReasonCommand),
  onLicence(633, 'revoke', 'OPERATOR', licenceReasonCommand),
  onLicence(634, 'attest-deletion', 'BUYER', attestDeletionCommand, {
    deletionCommitment: 'deletionCommitment',
  }),
];

const step = (
  name: string,
  by: EventRule['by'],
  from: readonly string[],
  to: string,
): EventRule => ({ name: `trading.${name}`, kind: 'trade', by, from, to: [to] });

const ofLicence = (
  name: string,
  by: EventRule['by'],
  from: readonly string[],
  ...to: readonly string[]
): EventRule => ({ name: `licence.${name}`, kind: 'licence', by, from, to });

const ofBank = (name: string, by: EventRule['by']): EventRule => ({
  name: `trading.bank-${name}`,
  kind: 'bank-standing',
  by,
  from: ['*'],
  to: [],
});

const negotiating = ['REQUESTED', 'OFFERED', 'ACCEPTED', 'COMPLIANCE_CLEARED'];
const unfunded = ['AGREED', 'VERIFIED'];
const undelivered = ['FUNDED', 'DELIVERING', 'SUSPENDED'];
const moneySteps: EventRule['by'] = [608, 616, 617, 620, 621, 'deadline'];
const live = ['ISSUED', 'ACTIVE', 'SUSPENDED'];
const over = ['EXHAUSTED', 'EXPIRED', 'REVOKED', 'TERMINATED'];

export const tradingEvents: readonly EventRule[] = [
  step('requested', [600], [], 'REQUESTED'),
  step('offered', [601], ['REQUESTED'], 'OFFERED'),
  step('countered', [602], ['OFFERED'], 'REQUESTED'),
  step('offer-accepted', [603], ['OFFERED'], 'ACCEPTED'),
  step('cleared', [604], ['ACCEPTED'], 'COMPLIANCE_CLEARED'),
  step('clearance-refused', [605], ['ACCEPTED'], 'TERMINATED'),
  step('signed', [606], ['COMPLIANCE_CLEARED'], 'COMPLIANCE_CLEARED'),
  step('agreed', [606], ['COMPLIANCE_CLEARED'], 'AGREED'),
  step('verified', [607], ['AGREED'], 'VERIFIED'),
  step('funded', [608], ['VERIFIED'], 'FUNDED'),
  // Of a free trade nothing is funded; C13 tells the two apart.
  step('delivery-started', [609], ['FUNDED', 'VERIFIED'], 'DELIVERING'),
  step('delivery-suspended', [610], ['DELIVERING'], 'SUSPENDED'),
  step('delivery-resumed', [611], ['SUSPENDED'], 'DELIVERING'),
  step('delivered', [612], ['DELIVERING'], 'DELIVERED'),
  step('computed', [726], ['DELIVERING'], 'DELIVERED'),
  step('delivery-accepted', [613, 'deadline'], ['DELIVERED'], 'ACCEPTED_BY_BUYER'),
  step('rejected', [614], ['DELIVERED'], 'REJECTED'),
  step('disputed', [615], ['REJECTED'], 'DISPUTED'),
  step('settled', [616, 617, 'deadline'], ['ACCEPTED_BY_BUYER', 'DISPUTED'], 'SETTLED'),
  step('partly-refunded', [616], ['DISPUTED'], 'PARTIAL_REFUND'),
  step('refunded', [616, 'deadline'], ['REJECTED', 'DISPUTED'], 'REFUNDED'),
  step('certified', [618], ['SETTLED'], 'CERTIFIED'),
  step('cancelled', [619], negotiating, 'CANCELLED'),
  step('terminated', [619], unfunded, 'TERMINATED'),
  step('expired', ['deadline'], [...negotiating, ...unfunded, ...undelivered], 'EXPIRED'),
  step('paid-out', [620], ['*'], '='),
  step('pay-out-reversed', [621], ['*'], '='),
  step('pay-out-overdue', ['deadline'], ['*'], '='),
  { name: 'trading.posted', kind: 'posting', by: moneySteps, from: [], to: [] },
  { name: 'trading.account-moved', kind: 'account', by: moneySteps, from: ['*'], to: [] },
  ofBank('in-default', ['deadline', 620]),
  ofBank('paying', [620]),
  ofLicence('issued', [608, 609], [], 'ISSUED'),
  ofLicence('activated', [609, 613, 616, 'deadline'], ['ISSUED'], 'ACTIVE'),
  ofLicence('used', [630, 726], ['ACTIVE'], 'ACTIVE', 'EXHAUSTED'),
  ofLicence('suspended', [631], ['ACTIVE'], 'SUSPENDED'),
  ofLicence('resumed', [632], ['SUSPENDED'], 'ACTIVE'),
  ofLicence('revoked', [633], ['ACTIVE', 'SUSPENDED'], 'REVOKED'),
  ofLicence('terminated', [616, 'deadline'], live, 'TERMINATED'),
  ofLicence('expired', ['deadline'], live, 'EXPIRED'),
  ofLicence('deletion-attested', [634], over, 'DELETION_ATTESTED'),
  { name: 'trading.deadline-put-off', kind: 'trade', by: ['deadline'], from: ['*'], to: ['='] },
];
