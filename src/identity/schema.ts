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

export const organisationStandingCommand = record({
  organisationId: identifier(),
  reason: text(400),
});
