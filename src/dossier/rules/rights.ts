import {
  certifyCommand,
  objectCommand,
  reasonedCommand,
  registrationCommand,
  resolveObjectionCommand,
  stateTableCommand,
  submitCommand,
  withdrawObjectionCommand,
} from '../../rights/schema.ts';
import { echoOf } from './echo.ts';
import type { EventRule, OperationRule } from './rule.ts';

const onRegistration = { subject: ['registration', 'registrationId'] } as const;
const onObjection = { subject: ['objection', 'objectionId'] } as const;

const byApplicant = {
  roles: ['SELLER'],
  command: submitCommand,
  ...onRegistration,
  actor: ['applicant'],
  echo: echoOf(submitCommand, { except: ['registrationId'] }),
} as const;

const byRegistrar = {
  roles: ['REGISTRAR'],
  command: registrationCommand,
  ...onRegistration,
  actor: ['registrar'],
  echo: {},
} as const;

const byRegistrarWithReason = {
  ...byRegistrar,
  command: reasonedCommand,
  echo: { reason: 'decisionReason' },
} as const;

export const rightsOperations: readonly OperationRule[] = [
  { number: 200, name: 'rights.submit', ...byApplicant },
  { number: 201, name: 'rights.resubmit', ...byApplicant },
  // Nobody need be in charge yet when an application is returned.
  { number: 202, name: 'rights.return-for-fix', ...byRegistrarWithReason, actor: [] },
  { number: 203, name: 'rights.accept', ...byRegistrar },
  { number: 204, name: 'rights.begin-review', ...byRegistrar },
  { number: 205, name: 'rights.refuse', ...byRegistrarWithReason },
  { number: 206, name: 'rights.open-publicity', ...byRegistrar },
  {
    number: 207,
    name: 'rights.waive-publicity',
    ...byRegistrarWithReason,
    echo: { reason: 'publicityWaiver' },
  },
  {
    number: 208,
    name: 'rights.resolve-objection',
    roles: ['REGISTRAR'],
    command: resolveObjectionCommand,
    ...onObjection,
    actor: [],
    echo: { decision: 'state', reason: 'decisionReason' },
  },
  { number: 209, name: 'rights.certify', ...byRegistrar, command: certifyCommand },
  {
    number: 210,
    name: 'rights.object',
    roles: [],
    command: objectCommand,
    ...onObjection,
    actor: ['objector'],
    echo: echoOf(objectCommand, { except: ['objectionId'] }),
  },
  {
    number: 211,
    name: 'rights.withdraw-objection',
    roles: [],
    command: withdrawObjectionCommand,
    ...onObjection,
    actor: ['objector'],
    echo: {},
  },
  {
    number: 212,
    name: 'rights.deregister',
    ...byRegistrarWithReason,
    roles: ['SELLER', 'REGISTRAR'],
    actor: ['applicant', 'registrar'],
  },
  { number: 213, name: 'rights.extend-review', ...byRegistrarWithReason },
  {
    number: 214,
    name: 'rights.state-table',
    roles: ['SELLER'],
    command: stateTableCommand,
    subject: ['registered-table', 'registrationId'],
    actor: ['applicant'],
    echo: echoOf(stateTableCommand, { except: ['registrationId'] }),
  },
];

const step = (
  name: string,
  by: EventRule['by'],
  from: readonly string[],
  to: readonly string[],
): EventRule => ({ name: `rights.${name}`, kind: 'registration', by, from, to });

const ofObjection = (name: string, by: EventRule['by'], to: string): EventRule => ({
  name: `rights.objection-${name}`,
  kind: 'objection',
  by,
  from: to === 'OPEN' ? [] : ['OPEN'],
  to: [to],
});

const reviewable = ['ACCEPTED', 'UNDER_REVIEW', 'PUBLICITY_CLOSED'];

export const rightsEvents: readonly EventRule[] = [
  step('submitted', [200], [], ['SUBMITTED']),
  step('resubmitted', [201], ['RETURNED_FOR_FIX'], ['SUBMITTED']),
  step('returned-for-fix', [202], ['SUBMITTED'], ['RETURNED_FOR_FIX']),
  step('accepted', [203], ['SUBMITTED'], ['ACCEPTED']),
  step('accepted-by-silence', ['deadline'], ['SUBMITTED'], ['ACCEPTED']),
  step('review-begun', [204], ['ACCEPTED'], ['UNDER_REVIEW']),
  step('review-extended', [213], ['UNDER_REVIEW'], ['UNDER_REVIEW']),
  step('review-overdue', ['deadline'], reviewable, ['ACCEPTED']),
  step('refused', [205, 208], ['UNDER_REVIEW', 'PUBLICITY_CLOSED', 'OBJECTED'], ['REFUSED']),
  step('terminated', ['deadline'], ['RETURNED_FOR_FIX', 'OBJECTED'], ['TERMINATED']),
  step('publicity-opened', [206], ['UNDER_REVIEW'], ['PUBLICITY']),
  step('publicity-waived', [207], ['UNDER_REVIEW'], ['PUBLICITY_CLOSED']),
  step('objected', [210], ['PUBLICITY', 'OBJECTED'], ['OBJECTED']),
  step('objection-settled', [208, 211], ['OBJECTED'], ['OBJECTED']),
  step('publicity-resumed', [208, 211], ['OBJECTED'], ['PUBLICITY']),
  step('publicity-closed', [208, 211, 'deadline'], ['PUBLICITY', 'OBJECTED'], ['PUBLICITY_CLOSED']),
  step('registered', [209], ['PUBLICITY_CLOSED'], ['ACTIVE']),
  step('expired', ['deadline'], ['ACTIVE'], ['EXPIRED']),
  step('deregistered', [212], ['ACTIVE'], ['DEREGISTERED']),
  ofObjection('raised', [210], 'OPEN'),
  ofObjection('dismissed', [208], 'DISMISSED'),
  ofObjection('upheld', [208], 'UPHELD'),
  ofObjection('withdrawn', [211], 'WITHDRAWN'),
  ofObjection('lapsed', [208, 'deadline'], 'LAPSED'),
  {
    name: 'rights.fingerprint-claimed',
    kind: 'fingerprint-claim',
    by: [200, 201],
    from: ['*'],
    to: [],
  },
  {
    name: 'rights.certificate-numbered',
    kind: 'certificate-series',
    by: [209],
    from: ['*'],
    to: [],
  },
  {
    name: 'rights.deadline-put-off',
    kind: 'registration',
    by: ['deadline'],
    from: ['*'],
    to: ['='],
  },
  { name: 'rights.objection-put-off', kind: 'objection', by: ['deadline'], from: ['*'], to: ['='] },
  { name: 'rights.table-stated', kind: 'registered-table', by: [214], from: [], to: [] },
  { name: 'rights.table-restated', kind: 'registered-table', by: [214], from: ['*'], to: [] },
];
