import {
  proposalCommand,
  proposalReasonCommand,
  proposeCommand,
  takeSeatCommand,
} from '../../governance/schema.ts';
import { echoOf } from './echo.ts';
import type { EventRule, OperationRule } from './rule.ts';

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
];

const step = (
  name: string,
  by: EventRule['by'],
  from: readonly string[],
  to: string,
): EventRule => ({ name: `governance.${name}`, kind: 'proposal', by, from, to: [to] });

const open = ['PROPOSED'];

export const governanceEvents: readonly EventRule[] = [
  step('proposed', [800], [], 'PROPOSED'),
  step('adopted', [801, 'deadline'], open, 'ADOPTED'),
  step('rejected', [802], open, 'REJECTED'),
  step('withdrawn', [803], open, 'WITHDRAWN'),
  step('lapsed', ['deadline'], open, 'LAPSED'),
  step('publicity-ended', ['deadline'], open, 'PROPOSED'),
  {
    name: 'governance.version-raised',
    kind: 'machine-version',
    by: [801, 'deadline', 'genesis'],
    from: [],
    to: [],
  },
  {
    name: 'governance.seat-taken',
    kind: 'regulator-seat',
    by: [801, 802, 804],
    from: [],
    to: [],
  },
];
