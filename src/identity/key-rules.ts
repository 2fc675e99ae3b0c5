import type { Hex } from '../base/bytes.ts';
import { keyIdOf } from '../base/key-id.ts';
import { refuse, success, type Outcome } from '../base/result.ts';
import type { Ledger } from '../base/room.ts';
import type { Role } from '../base/roles.ts';
import { possessionClaim } from './possession.ts';
import { identityResults } from './results.ts';
import { readKey } from './state.ts';

/** Whether a public key may be registered for the organisation: sound, new, and held. */
export function checkNewKey(
  ledger: Ledger,
  organisationId: string,
  publicKey: Hex,
  possession: Hex,
): Outcome {
  const keyId = keyIdOf(publicKey);
  if (readKey(ledger, keyId)) return refuse(identityResults.KEY_EXISTS, `Key ${keyId}.`);
  if (!ledger.isSoundPublicKey(publicKey)) {
    return refuse(identityResults.KEY_UNSOUND, `Public key ${publicKey}.`);
  }
  const claim = possessionClaim(ledger.chainId, organisationId, publicKey);
  if (!ledger.verifySignature(publicKey, claim, possession)) {
    return refuse(identityResults.KEY_NOT_POSSESSED, `Key ${keyId} for ${organisationId}.`);
  }
  return success;
}

/** Duties that one organisation must not unite (separation of duties, 职责分离). */
const conflicts: readonly (readonly [Role, Role])[] = [
  ['REGISTRAR', 'SELLER'],
  ['REGISTRAR', 'BUYER'],
  ['REVIEWER', 'SELLER'],
  ['REVIEWER', 'BUYER'],
  ['APPRAISER', 'SELLER'],
  ['APPRAISER', 'BUYER'],
  ['BANK', 'SELLER'],
  ['BANK', 'BUYER'],
  ['WORKER', 'SELLER'],
  ['WORKER', 'BUYER'],
  ['REGULATOR', 'SELLER'],
  ['REGULATOR', 'BUYER'],
  ['REGULATOR', 'REVIEWER'],
  ['REGULATOR', 'REGISTRAR'],
  ['REGULATOR', 'BANK'],
];

export function checkRoles(asked: readonly Role[]): Outcome {
  if (new Set(asked).size !== asked.length) {
    return refuse(identityResults.ROLES_REPEATED, asked.join(', '));
  }
  if (asked.includes('OPERATOR')) return refuse(identityResults.ROLE_RESERVED, 'OPERATOR.');
  const conflict = conflicts.find((pair) => pair.every((role) => asked.includes(role)));
  return conflict ? refuse(identityResults.ROLES_CONFLICT, conflict.join(' with ')) : success;
}
