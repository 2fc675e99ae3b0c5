import type { Key } from '../identity/schema.ts';
import { keyRecord } from '../identity/state.ts';
import type { ExchangeClient } from './exchange-client.ts';

/** Whether this key signs now and its organisation has no other that does. */
export async function isLastKey(
  client: ExchangeClient,
  { id: keyId, organisationId, state }: Key,
): Promise<boolean> {
  if (state !== 'ACTIVE') return false;
  const where = { organisationId };
  const active = client.listAll(keyRecord.collection, { state: 'ACTIVE', where });
  for await (const { id } of active) if (id !== keyId) return false;
  return true;
}
