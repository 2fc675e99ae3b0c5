import { decodeLinked } from '../base/linked-record.ts';
import type { RecordKind } from '../base/room.ts';
import type { Static, TObject } from '../base/schema.ts';
import type { StateView } from '../chain/fsck/state-view.ts';
import { recordKey } from '../chain/machine/ledger.ts';
import { checkMoneyBooks, type MoneyTable } from '../trading/escrow/invariants.ts';
import { accountRecord, licenceRecord, postingRecord, tradeRecord } from '../trading/state.ts';

/** Over the replayed state: names of broken invariants, with the ids that break them. */
export const brokenMoneyInvariants = (state: StateView): string[] =>
  checkMoneyBooks({
    trades: tableOf(state, tradeRecord),
    licences: tableOf(state, licenceRecord),
    postings: tableOf(state, postingRecord),
    accounts: tableOf(state, accountRecord),
    timeMs: state.timeMs,
  });

/** Each record is read and decoded when it is asked for, and not kept. */
function tableOf<Schema extends TObject>(
  state: StateView,
  kind: RecordKind<Schema>,
): MoneyTable<Static<Schema>> {
  const read = (key: string): Static<Schema> | undefined => {
    const value = state.read(key);
    return value === null ? undefined : decodeLinked(kind.schema, value).value;
  };
  return {
    get: (id) => read(recordKey(kind, id)),
    *values() {
      for (const key of state.keysOf(kind.name)) {
        const record = read(key);
        if (record !== undefined) yield record;
      }
    },
  };
}
