import {
  addKeyCommand,
  admitCommand,
  organisationStandingCommand,
  revokeKeyCommand,
  rotateKeyCommand,
} from '../../identity/schema.ts';
import { echoOf } from './echo.ts';
import type { EventRule, OperationRule } from './rule.ts';

const onOrganisation = {
  subject: ['organisation', 'organisationId'],
  actor: [],
} as const;

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
];

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
    by: [100, 101, 102, 'genesis'],
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
];
