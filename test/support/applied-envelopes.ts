/** What took effect, by the ledger's own rows. */
import { registry } from '../../src/chain/rooms.ts';
import { readEnvelope } from '../simulation/audit/access.ts';

/** Gives the bytes of applied envelopes as hex, in their order. */
export const appliedSql = `SELECT encode(bytes, 'hex') AS bytes FROM envelope
  WHERE result_code = 0 ORDER BY height, position`;

export const wordsOf = (keyId: string, names: readonly string[]): string =>
  `${keyId.slice(0, 8)} ${names.join()}`;

/** Who signed, and the operations. */
export function wordsOfApplied({ bytes = '' }: Readonly<Record<string, string>>): string {
  const { keyId, operations } = readEnvelope(Uint8Array.from(Buffer.from(bytes, 'hex')));
  const names = operations.map(
    ([number]) => registry.operations.get(number)?.name ?? String(number),
  );
  return wordsOf(keyId, names);
}
