/** The money's invariants over a replayed ledger: what `dxl fsck` asks beside hashes. */
import { assert } from '../base/assert.ts';
import type { RecordKind } from '../base/room.ts';
import type { Static, TObject } from '../base/schema.ts';
import type { AuditReader } from '../chain/engine/ports.ts';
import type { Machine } from '../chain/machine/machine.ts';
import { checkMoneyInvariants } from '../trading/escrow/invariants.ts';
import { accountRecord, licenceRecord, postingRecord, tradeRecord } from '../trading/state.ts';

/** Ids of stored records by kind. The audit itself sees to it that they are the replayed ones. */
export type MoneyRecordIds = ReadonlyMap<string, readonly string[]>;

const kinds = [tradeRecord, licenceRecord, postingRecord, accountRecord];

/** One pass over the stored state. */
export async function moneyRecordIds(reader: AuditReader): Promise<MoneyRecordIds> {
  const ids = new Map<string, string[]>(kinds.map(({ name }) => [name, []]));
  for await (const { key } of reader.state()) {
    const at = key.indexOf('/');
    ids.get(key.slice(0, at))?.push(key.slice(at + 1));
  }
  return ids;
}

/** Names of broken invariants with the ids that break them. */
export function brokenMoneyInvariants(machine: Machine, ids: MoneyRecordIds): string[] {
  const all = <Schema extends TObject>(kind: RecordKind<Schema>): Static<Schema>[] =>
    (ids.get(kind.name) ?? []).map((id) => {
      const found = machine.readRecord(kind, id);
      assert(found, `${kind.name} ${id} is in the replayed state`);
      return found;
    });
  return checkMoneyInvariants({
    trades: all(tradeRecord),
    licences: all(licenceRecord),
    postings: all(postingRecord),
    accounts: all(accountRecord),
    timeMs: machine.info().timeMs,
  });
}
