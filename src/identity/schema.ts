import { roles } from '../base/roles.ts';
import {
  bytes,
  country,
  digest,
  identifier,
  list,
  nullable,
  oneOf,
  record,
  text,
  timeMs,
  type Static,
} from '../base/schema.ts';

const roleList = () => list(oneOf(roles), 1, roles.length);

const publicKey = () => digest('Ed25519 public key, hex');

/** Proof that whoever presents a key holds it: see possession.ts. */
const possession = () =>
  bytes(64, 64, 'Ed25519 signature by the new key over its possession claim');

/** Two capital letters: in another spelling one code could be registered twice. */
const jurisdiction = () => country('ISO 3166-1 alpha-2');

const organisationFacts = {
  name: text(200),
  creditCode: text(
    18,
    'Unified social credit code, or the equivalent of its country',
    '91310000MA1FL0AB1C',
  ),
  jurisdiction: jurisdiction(),
  /** Reviewers may share a beneficial owner with no party: rule of the compliance room. */
  beneficialOwner: nullable(text(200)),
  encryptionKey: digest('X25519 public key, hex: what is sealed to this organisation'),
};

export const organisationSchema = record({
  id: identifier(),
  state: oneOf(['ACTIVE', 'SUSPENDED']),
  ...organisationFacts,
  roles: roleList(),
  admittedAtMs: timeMs(),
  changedAtMs: timeMs(),
});
export type Organisation = Static<typeof organisationSchema>;

/** Which organisation holds a credit code: one at most, for ever. */
export const creditCodeSchema = record({
  id: digest('Of country and code: see credit-code.ts'),
  organisationId: identifier(),
  claimedAtMs: timeMs(),
});
export type CreditCode = Static<typeof creditCodeSchema>;

export const keySchema = record({
  /** SHA-256(01 ‖ public key). */
  id: digest('Key id'),
  state: oneOf(['ACTIVE', 'REVOKED']),
  organisationId: identifier(),
  publicKey: publicKey(),
  roles: roleList(),
  addedAtMs: timeMs(),
  revokedAtMs: nullable(timeMs()),
});
export type Key = Static<typeof keySchema>;

export const admitCommand = record({
  organisationId: identifier(),
  ...organisationFacts,
  roles: roleList(),
  publicKey: publicKey(),
  possession: possession(),
});

export const addKeyCommand = record({
  publicKey: publicKey(),
  roles: roleList(),
  possession: possession(),
});

export const rotateKeyCommand = record({
  publicKey: publicKey(),
  possession: possession(),
});

export const revokeKeyCommand = record({ keyId: digest('Key to revoke'), reason: text(400) });

export const recoveryStates = ['PROPOSED', 'DONE', 'REFUSED', 'WITHDRAWN', 'LAPSED'] as const;
export type RecoveryState = (typeof recoveryStates)[number];

const recoveryFacts = {
  organisationId: identifier('Whose keys are lost or revoked'),
  publicKey: publicKey(),
  encryptionKey: nullable(digest('X25519 public key, hex: the new sealing key; null: as before')),
  evidence: digest('SHA-256 of what shows that the new key is the organisation’s'),
  reason: text(400),
};

/** A new first key for an organisation that has none which signs: by the operator, after publicity. */
export const recoverySchema = record({
  id: digest('Of the new key'),
  state: oneOf(recoveryStates),
  ...recoveryFacts,
  proposedBy: identifier('Organisation'),
  proposedAtMs: timeMs(),
  publicUntilMs: timeMs('Until when it can be refused'),
  refusedBy: nullable(identifier('Organisation')),
  refusal: nullable(text(400, 'Why it was refused or withdrawn')),
  changedAtMs: timeMs(),
});
export type Recovery = Static<typeof recoverySchema>;

export const proposeRecoveryCommand = record({
  recoveryId: digest('Id of the new key'),
  ...recoveryFacts,
  possession: possession(),
});

export const recoveryReasonCommand = record({
  recoveryId: digest('Id of the new key'),
  reason: text(400),
});

export const restateCommand = record({
  organisationId: identifier(),
  name: text(200),
  beneficialOwner: nullable(text(200)),
  roles: roleList(),
  reason: text(400, 'What shows it: a resolution, an extract of the register'),
});

export const changeSealingKeyCommand = record({
  encryptionKey: digest('X25519 public key, hex: what is sealed to this organisation from now on'),
});

export const organisationStandingCommand = record({
  organisationId: identifier(),
  reason: text(400),
});
