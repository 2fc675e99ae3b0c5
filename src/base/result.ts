/**
 * Expected failures are numbered, never thrown. A room's `results.ts` holds its table, in order of
 * precedence and append-only: a number, once released, keeps its meaning for ever.
 */
export interface ResultCode {
  /** Room base + position: identity 1000, rights 2000, pricing 3000, listing 4000, compliance 5000,
   * trading 6000, privacy/zk 7000, privacy/he 7100, privacy/jobs 7200, governance 8000, the envelope 100,
   * api 9000. */
  readonly code: number;
  /** SCREAMING_SNAKE_CASE with the room's prefix, unique over all rooms. */
  readonly name: string;
  /** HTTP status of the problem document that carries it. */
  readonly status: number;
  /** One sentence: what was wrong. */
  readonly title: string;
  /** One sentence: what the caller does now. */
  readonly remedy: string;
}

export interface Refusal {
  readonly ok: false;
  readonly result: ResultCode;
  /** Where and which, in words that name ids and limits and never hold confidential data. */
  readonly detail: string;
}

export interface Success<Value> {
  readonly ok: true;
  readonly value: Value;
}

export type Outcome<Value = void> = Success<Value> | Refusal;

export const success: Success<void> = { ok: true, value: undefined };

export const successWith = <Value>(value: Value): Success<Value> => ({ ok: true, value });

export const refuse = (result: ResultCode, detail: string): Refusal => ({
  ok: false,
  result,
  detail,
});

type ResultRow = readonly [code: number, status: number, title: string, remedy: string];

/** Makes a room's table from rows; the key of a row is the name of the code. */
export function defineResults<const Table extends Record<string, ResultRow>>(
  table: Table,
): { readonly [Name in keyof Table]: ResultCode } {
  const entries = Object.entries(table).map(([name, [code, status, title, remedy]]) => [
    name,
    Object.freeze({ code, name, status, title, remedy }),
  ]);
  return Object.freeze(Object.fromEntries(entries)) as {
    readonly [Name in keyof Table]: ResultCode;
  };
}
