/** One party's keys replaced by those that come after them, in one envelope that the old key signs. */
import { OperationalError } from '../base/operational-error.ts';
import { keyRecord, organisationRecord } from '../identity/state.ts';
import type { NamedOperation } from './commands.ts';
import type { ExchangeClient } from './exchange-client.ts';
import type { PublicPart } from './keystore/format.ts';
import type { Party } from './party.ts';
import { claimKey } from './possession.ts';

export interface Rotation {
  readonly old: Party;
  readonly next: Party;
}

/** What the old key signs. The same two keys always come to the same bytes, so that it can be asked for again. */
export function rotationOperations(
  { old, next }: Rotation,
  { chainId, organisationId }: { readonly chainId: string; readonly organisationId: string },
): readonly NamedOperation[] {
  const { encryptionKey } = next;
  const rotate = {
    name: 'identity.rotate-key',
    command: claimKey(next, chainId, organisationId),
  };
  return encryptionKey === old.encryptionKey
    ? [rotate]
    : [{ name: 'identity.change-sealing-key', command: { encryptionKey } }, rotate];
}

/** Throws OperationalError KEY_NOT_NEXT where the new file does not open what was sealed to the old one. */
export function checkNext({ old, next }: Rotation, files: { old: string; next: string }): void {
  const opens = [next.encryptionKey, ...next.earlierEncryptionKeys];
  const [oldId, nextId] = [old.signingKey.keyId, next.signingKey.keyId];
  if (oldId !== nextId && opens.includes(old.encryptionKey)) return;
  throw new OperationalError(
    'KEY_NOT_NEXT',
    `${files.next} is there already, and was not made from ${files.old}: it would not open what was sealed ` +
      'to it. Name a file that is not there yet.',
  );
}

/** Whether the new key is on the ledger already. */
export const isRegistered = async (
  client: ExchangeClient,
  { next }: Pick<Rotation, 'next'>,
): Promise<boolean> => (await client.find(keyRecord, next.signingKey.keyId)) !== null;

/**
 * Before anything is made: whether this key may change what is sealed to its organisation, and is that.
 * Throws OperationalError KEY_SIGNS_ONLY, KEY_NOT_ACTIVE; ProblemError NOT_FOUND for a key that nobody registered.
 */
export async function checkRotatable(
  client: ExchangeClient,
  { keyId, encryptionKey }: Pick<PublicPart, 'keyId' | 'encryptionKey'>,
  { withSealing }: { readonly withSealing: boolean },
): Promise<void> {
  const { organisationId, roles, state } = await client.read(keyRecord, keyId);
  if (state !== 'ACTIVE') {
    throw new OperationalError(
      'KEY_NOT_ACTIVE',
      `The key ${keyId} of ${organisationId} is ${state}: it signs nothing, its own successor neither. Where ` +
        'it was the last one, ask for its recovery: dxl key recover',
    );
  }
  if (!withSealing) return;
  const organisation = await client.read(organisationRecord, organisationId);
  const mayChange = roles.some((role) => role === 'ADMIN' || role === 'OPERATOR');
  if (mayChange && organisation.encryptionKey === encryptionKey) return;
  const why = mayChange
    ? `what is sealed to ${organisationId} is not sealed to this key file`
    : `this key is no ADMIN of ${organisationId}`;
  throw new OperationalError(
    'KEY_SIGNS_ONLY',
    `The sealing key stays, as ${why}. Rotate what signs alone: --signing-only`,
  );
}
