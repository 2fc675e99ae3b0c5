import { decodeCbor } from '../base/cbor.ts';
import { fromCbor } from '../base/codec.ts';
import type { RecordKind } from '../base/room.ts';
import type { Static, TObject } from '../base/schema.ts';
import { recordKey } from '../chain/machine/ledger.ts';
import type { Machine } from '../chain/machine/machine.ts';
import { checkMoneyInvariants } from '../trading/escrow/invariants.ts';
import { accountRecord, licenceRecord, postingRecord, tradeRecord } from '../trading/state.ts';

/** Over the replayed state: names of broken invariants, with the ids that break them. */
export function brokenMoneyInvariants(machine: Machine): string[] {
  const rows = [...machine.stateRows()];
  const all = <Schema extends TObject>(kind: RecordKind<Schema>): Static<Schema>[] =>
    rows
      .filter(({ key }) => key.startsWith(recordKey(kind, '')))
      .map(({ value }) => fromCbor(kind.schema, decodeCbor(value)));
  return checkMoneyInvariants({
    trades: all(tradeRecord),
    licences: all(licenceRecord),
    postings: all(postingRecord),
    accounts: all(accountRecord),
    timeMs: machine.info().timeMs,
  });
}
