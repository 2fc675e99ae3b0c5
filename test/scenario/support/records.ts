/** Everything the exchange shows, read through the API alone. */
import { fromJson } from '../../../src/base/codec.ts';
import type { RecordKind } from '../../../src/base/room.ts';
import type { Static, TObject } from '../../../src/base/schema.ts';
import { registry } from '../../../src/chain/rooms.ts';
import type { ExchangeClient } from '../../../src/client/exchange-client.ts';
import { checkMoneyInvariants } from '../../../src/trading/escrow/invariants.ts';
import {
  accountRecord,
  licenceRecord,
  postingRecord,
  tradeRecord,
} from '../../../src/trading/state.ts';

/** Every record of a kind, typed by its schema. */
export async function recordsOf<Schema extends TObject>(
  client: ExchangeClient,
  kind: RecordKind<Schema>,
): Promise<Static<Schema>[]> {
  const { height } = await client.status();
  const rows: Static<Schema>[] = [];
  for await (const row of client.listAll(kind.collection, { minHeight: height })) {
    rows.push(fromJson(kind.schema, row));
  }
  return rows;
}

/** By collection, as JSON. */
export type EveryRecord = Readonly<Record<string, readonly unknown[]>>;

/** Every record of every collection. */
export async function everyRecord(client: ExchangeClient): Promise<EveryRecord> {
  const { height } = await client.status();
  const all: Record<string, unknown[]> = {};
  for (const { collection } of registry.records.values()) {
    const rows: unknown[] = [];
    for await (const row of client.listAll(collection, { minHeight: height })) rows.push(row);
    all[collection] = rows;
  }
  return all;
}

/** Names of broken money invariants, over what the API lists. */
export async function brokenMoney(client: ExchangeClient): Promise<string[]> {
  const { timeMs } = await client.status();
  return checkMoneyInvariants({
    trades: await recordsOf(client, tradeRecord),
    licences: await recordsOf(client, licenceRecord),
    postings: await recordsOf(client, postingRecord),
    accounts: await recordsOf(client, accountRecord),
    timeMs,
  });
}

/** As `brokenMoney`, over what `everyRecord` has read already. @param timeMs of the last block */
export function brokenMoneyIn(records: EveryRecord, timeMs: number): string[] {
  const rowsOf = <Schema extends TObject>({ collection, schema }: RecordKind<Schema>) =>
    (records[collection] ?? []).map((row) => fromJson(schema, row));
  return checkMoneyInvariants({
    trades: rowsOf(tradeRecord),
    licences: rowsOf(licenceRecord),
    postings: rowsOf(postingRecord),
    accounts: rowsOf(accountRecord),
    timeMs,
  });
}
