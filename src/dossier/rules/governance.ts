import {
  confirmNoNoticeCommand,
  proposalCommand,
  proposalReasonCommand,
  proposeCalendarYearCommand,
  proposeCommand,
  proposeRulesCommand,
  takeSeatCommand,
} from '../../governance/schema.ts';
import { complianceOperations } from './compliance.ts';
import { computeOperations } from './compute.ts';
import { echoOf } from './echo.ts';
import { listingOperations } from './listing.ts';
import { rightsOperations } from './rights.ts';
import type { EventRule, OperationRule } from './rule.ts';
import { tradingOperations } from './trading.ts';

const onProposal = { subject: ['proposal', 'proposalId'] } as const;

export const governanceOperations: readonly OperationRule[] = [
  {
    number: 800,
    name: 'governance.propose',
    roles: ['OPERATOR'],
    command: proposeCommand,
    ...onProposal,
    actor: ['proposedBy'],
    echo: echoOf(proposeCommand, { except: ['proposalId'] }),
  },
  {
    number: 801,
    name: 'governance.approve',
    roles: ['REGULATOR'],
    command: proposalCommand,
    ...onProposal,
    actor: ['approvals.-1.organisationId'],
    echo: {},
  },
  {
    number: 802,
    name: 'governance.reject',
    roles: ['REGULATOR'],
    command: proposalReasonCommand,
    ...onProposal,
    actor: [],
    echo: { reason: 'refusal' },
  },
  {
    number: 803,
    name: 'governance.withdraw',
    roles: ['OPERATOR'],
    command: proposalReasonCommand,
    ...onProposal,
    actor: [],
    echo: { reason: 'refusal' },
  },
  {
    number: 804,
    name: 'governance.take-seat',
    roles: ['REGULATOR'],
    command: takeSeatCommand,
    subject: null,
    actor: [],
    echo: {},
  },
  {
    number: 805,
    name: 'governance.propose-rules',
    roles: ['OPERATOR'],
    command: proposeRulesCommand,
    ...onProposal,
    actor: ['proposedBy'],
    echo: echoOf(proposeRulesCommand, { except: ['proposalId', 'pack'] }),
  },
  {
    number: 806,
    name: 'governance.propose-calendar-year',
    roles: ['OPERATOR'],
    command: proposeCalendarYearCommand,
    ...onProposal,
    actor: ['proposedBy'],
    echo: echoOf(proposeCalendarYearCommand, { except: ['proposalId', 'calendar'] }),
  },
  {
    number: 807,
    name: 'governance.confirm-no-notice',
    roles: ['OPERATOR'],
    command: confirmNoNoticeCommand,
    subject: null,
    actor: [],
    echo: {},
  },
];

/** Operations that put deadlines up, on and away. */
const ofDeadlines: EventRule['by'] = [
  ...[rightsOperations, listingOperations, complianceOperations, tradingOperations],
  ...[computeOperations, governanceOperations],
].flatMap((rules) => rules.map(({ number }) => number));

const onDeadline = (name: string, from: readonly string[], to: string): EventRule => ({
  name: `governance.deadline-${name}`,
  kind: 'provisional-deadline',
  by: [...ofDeadlines, 'deadline'],
  from,
  to: [to],
});

const decided = (name: string, kind: string, by: EventRule['by']): EventRule => ({
  name: `governance.${name}`,
  kind,
  by,
  from: [],
  to: [],
});

const step = (
  name: string,
  by: EventRule['by'],
  from: readonly string[],
  to: string,
): EventRule => ({ name: `governance.${name}`, kind: 'proposal', by, from, to: [to] });

const open = ['PROPOSED'];

export const governanceEvents: readonly EventRule[] = [
  step('proposed', [800, 805, 806], [], 'PROPOSED'),
  step('adopted', [801, 'deadline'], open, 'ADOPTED'),
  step('rejected', [802], open, 'REJECTED'),
  step('withdrawn', [803], open, 'WITHDRAWN'),
  step('lapsed', ['deadline'], open, 'LAPSED'),
  step('publicity-ended', ['deadline'], open, 'PROPOSED'),
  step('publicity-put-off', ['deadline'], open, 'PROPOSED'),
  decided('version-raised', 'machine-version', [801, 'deadline', 'genesis']),
  decided('seat-taken', 'regulator-seat', [801, 802, 804]),
  decided('rules-proposed', 'proposed-rules', [805, 806]),
  decided('rules-decided', 'rules-version', [801, 'deadline']),
  decided('no-notice-confirmed', 'no-notice', [807]),
  // One that is put up again for another time begins anew.
  onDeadline('provisional', ['*'], 'PROVISIONAL'),
  onDeadline('final', ['PROVISIONAL'], 'FINAL'),
  onDeadline('put-away', ['PROVISIONAL'], 'PUT_AWAY'),
];
