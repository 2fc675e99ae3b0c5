import {
  addKeyCommand,
  admitCommand,
  changeSealingKeyCommand,
  organisationStandingCommand,
  proposeRecoveryCommand,
  recoveryReasonCommand,
  restateCommand,
  revokeKeyCommand,
  rotateKeyCommand,
} from '../../identity/schema.ts';
import { echoOf } from './echo.ts';
import type { EventRule, OperationRule } from './rule.ts';

const onOrganisation = {
  subject: ['organisation', 'organisationId'],
  actor: [],
} as const;

const onRecovery = { subject: ['recovery', 'recoveryId'] } as const;

/** Of new keys see claim C06: their id is made from the public key, not named by the command. */
const ofNewKey = { subject: null, actor: [], echo: {} } as const;

export const identityOperations: readonly OperationRule[] = [
  {
    number: 100,
    name: 'identity.admit',
    roles: ['OPERATOR'],
    command: admitCommand,
    ...onOrganisation,
    echo: echoOf(admitCommand, { except: ['organisationId', 'publicKey', 'possession'] }),
  },
  {
    number: 101,
    name: 'identity.add-key',
    roles: ['ADMIN', 'OPERATOR'],
    command: addKeyCommand,
    ...ofNewKey,
  },
  {
    number: 102,
    name: 'identity.rotate-key',
    roles: [],
    command: rotateKeyCommand,
    ...ofNewKey,
  },
  {
    number: 103,
    name: 'identity.revoke-key',
    roles: ['ADMIN', 'OPERATOR'],
    command: revokeKeyCommand,
    subject: ['key', 'keyId'],
    actor: [],
    echo: {},
  },
  {
    number: 104,
    name: 'identity.suspend',
    roles: ['OPERATOR'],
    command: organisationStandingCommand,
    ...onOrganisation,
    echo: {},
  },
  {
    number: 105,
    name: 'identity.reinstate',
    roles: ['OPERATOR'],
    command: organisationStandingCommand,
    ...onOrganisation,
    echo: {},
  },
  {
    number: 106,
    name: 'identity.restate',
    roles: ['OPERATOR'],
    command: restateCommand,
    ...onOrganisation,
    echo: echoOf(restateCommand, { except: ['organisationId', 'reason'] }),
  },
  {
    number: 107,
    name: 'identity.change-sealing-key',
    roles: ['ADMIN', 'OPERATOR'],
    command: changeSealingKeyCommand,
    // Its organisation is whoever signs.
    ...ofNewKey,
  },
  {
    number: 108,
    name: 'identity.propose-recovery',
    roles: ['OPERATOR'],
    command: proposeRecoveryCommand,
    ...onRecovery,
    actor: ['proposedBy'],
    echo: echoOf(proposeRecoveryCommand, { except: ['recoveryId', 'possession'] }),
  },
  {
    number: 109,
    name: 'identity.refuse-recovery',
    roles: [],
    command: recoveryReasonCommand,
    ...onRecovery,
    actor: ['refusedBy'],
    echo: { reason: 'refusal' },
  },
  {
    number: 110,
    name: 'identity.withdraw-recovery',
    roles: ['OPERATOR'],
    command: recoveryReasonCommand,
    ...onRecovery,
    actor: [],
    echo: { reason: 'refusal' },
  },
];

const recovery = (
  step: string,
  by: EventRule['by'],
  from: readonly string[],
  to: string,
): EventRule => ({ name: `identity.recovery-${step}`, kind: 'recovery', by, from, to: [to] });

export const identityEvents: readonly EventRule[] = [
  {
    name: 'identity.admitted',
    kind: 'organisation',
    by: [100, 'genesis'],
    from: [],
    to: ['ACTIVE'],
  },
  {
    name: 'identity.credit-code-claimed',
    kind: 'credit-code',
    by: [100, 'genesis'],
    from: [],
    to: [],
  },
  {
    name: 'identity.key-added',
    kind: 'key',
    by: [100, 101, 102, 'deadline', 'genesis'],
    from: [],
    to: ['ACTIVE'],
  },
  { name: 'identity.key-revoked', kind: 'key', by: [102, 103], from: ['ACTIVE'], to: ['REVOKED'] },
  {
    name: 'identity.suspended',
    kind: 'organisation',
    by: [104],
    from: ['ACTIVE'],
    to: ['SUSPENDED'],
  },
  {
    name: 'identity.reinstated',
    kind: 'organisation',
    by: [105],
    from: ['SUSPENDED'],
    to: ['ACTIVE'],
  },
  { name: 'identity.restated', kind: 'organisation', by: [106], from: ['*'], to: ['='] },
  {
    name: 'identity.sealing-key-changed',
    kind: 'organisation',
    by: [107, 'deadline'],
    from: ['*'],
    to: ['='],
  },
  recovery('proposed', [108], [], 'PROPOSED'),
  recovery('refused', [109], ['PROPOSED'], 'REFUSED'),
  recovery('withdrawn', [110], ['PROPOSED'], 'WITHDRAWN'),
  recovery('put-off', ['deadline'], ['PROPOSED'], 'PROPOSED'),
  recovery('lapsed', ['deadline'], ['PROPOSED'], 'LAPSED'),
  {
    name: 'identity.recovered',
    kind: 'recovery',
    by: ['deadline'],
    from: ['PROPOSED'],
    to: ['DONE'],
  },
];
