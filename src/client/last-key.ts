import type { Hex } from '../base/bytes.ts';
import { keyRecord } from '../identity/state.ts';
import type { ExchangeClient } from './exchange-client.ts';

/** Whether the organisation of this key, which signs now, has no other that does. */
export async function isLastKey(client: ExchangeClient, keyId: Hex): Promise<boolean> {
  const { organisationId, state } = await client.read(keyRecord, keyId);
  if (state !== 'ACTIVE') return false;
  const where = { organisationId };
  const active = client.listAll(keyRecord.collection, { state: 'ACTIVE', where });
  for await (const { id } of active) if (id !== keyId) return false;
  return true;
}
