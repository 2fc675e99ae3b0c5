import { fromJson } from '../../src/base/codec.ts';
import type { RecordKind } from '../../src/base/room.ts';
import type { Static, TObject } from '../../src/base/schema.ts';
import { tradeRecord } from '../../src/trading/state.ts';
import { sampleOf } from '../support/schema-sample.ts';
import type { TestExchange } from './exchange.ts';

/** Records beside what the ledger holds, by `kind/id`. */
export type MadeRecords = ReadonlyMap<string, object>;

/** The real engine, whose state has the made records too. */
export function withMadeRecords({ engine }: TestExchange, made: MadeRecords) {
  const readRecord = async <Schema extends TObject>(kind: RecordKind<Schema>, id: string) => {
    const found = made.get(`${kind.name}/${id}`) as Static<Schema> | undefined;
    return found ?? engine.readRecord(kind, id);
  };
  return new Proxy(engine, {
    get(target, name) {
      if (name === 'readRecord') return readRecord;
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
}

/** Of `seller` and `buyer`, open; but for the fields given. */
export function madeTrade(id: string, fields: object): object {
  const sample = fromJson(tradeRecord.schema, sampleOf(tradeRecord.schema));
  return {
    ...(sample as object),
    ...{ id, buyer: 'buyer', seller: 'seller', dueAtMs: 9, dispute: null, delivery: null },
    ...fields,
  };
}
