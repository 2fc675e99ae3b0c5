import type { Hex } from '../base/bytes.ts';
import { encodeCbor, type CborValue } from '../base/cbor.ts';
import { CodecError } from '../base/codec-error.ts';
import { fromJson, toCbor } from '../base/codec.ts';
import { commitment } from '../base/hash.ts';
import { refuse, successWith, type Outcome } from '../base/result.ts';
import type { Static, TObject } from '../base/schema.ts';
import { costFen, costInputs, type CostInputs } from './methods/cost.ts';
import { incomeFen, incomeInputs, type IncomeInputs } from './methods/income.ts';
import { marketFen, marketInputs, type MarketInputs } from './methods/market.ts';
import { pricingResults } from './results.ts';
import type { ValuationMethod } from './schema.ts';

export type ValuationInputs = CostInputs | IncomeInputs | MarketInputs;

/** One version of a method. A released version is never changed: a new formula is a new version. */
export interface Method {
  readonly method: ValuationMethod;
  readonly version: number;
  /** Schema of the inputs, for forms and for the API. */
  readonly inputs: TObject;
  encode(inputs: unknown): CborValue;
  parse(json: unknown): ValuationInputs;
  run(inputs: unknown): bigint;
}

/** Binds a formula to the schema that its inputs are checked by before it runs. */
const defineMethod = <Schema extends TObject>(
  method: ValuationMethod,
  version: number,
  inputs: Schema,
  formula: (inputs: Static<Schema>) => bigint,
): Method => ({
  method,
  version,
  inputs,
  encode: (value) => toCbor(inputs, value as Static<Schema>),
  parse: (json) => fromJson(inputs, json) as unknown as ValuationInputs,
  run: (value) => formula(value as Static<Schema>),
});

export const methods: readonly Method[] = [
  defineMethod('COST', 1, costInputs, costFen),
  defineMethod('INCOME', 1, incomeInputs, incomeFen),
  defineMethod('MARKET', 1, marketInputs, marketFen),
];

/** The method in that version, or PRICING_METHOD_UNKNOWN. */
export function methodOf(method: string, version: number): Outcome<Method> {
  const found = methods.find((known) => known.method === method && known.version === version);
  return found
    ? successWith(found)
    : refuse(pricingResults.PRICING_METHOD_UNKNOWN, `${method}, version ${version}.`);
}

const fenMax = 999_999_999_999_999n;

/**
 * Runs a valuation again.
 * @param inputs as the method's schema has them, amounts as bigint
 * @returns fen; or PRICING_METHOD_UNKNOWN, PRICING_INPUTS_INVALID, PRICING_RESULT_RANGE
 */
export function rerun(method: string, version: number, inputs: unknown): Outcome<bigint> {
  const found = methodOf(method, version);
  if (!found.ok) return found;
  const checked = checkInputs(() => found.value.encode(inputs));
  if (!checked.ok) return checked;
  const resultFen = found.value.run(inputs);
  if (resultFen > fenMax) {
    return refuse(pricingResults.PRICING_RESULT_RANGE, `${resultFen} fen.`);
  }
  return successWith(resultFen);
}

/** Inputs from their JSON form (amounts as decimal text), or PRICING_INPUTS_INVALID. */
export function parseInputs(
  method: string,
  version: number,
  json: unknown,
): Outcome<ValuationInputs> {
  const found = methodOf(method, version);
  return found.ok ? checkInputs(() => found.value.parse(json)) : found;
}

/**
 * What a valuation carries of its inputs: the salted commitment to CBOR [method, version, inputs].
 * @param salt 32 random bytes; whoever is shown the inputs is shown the salt
 */
export function inputsCommitment(
  salt: Uint8Array,
  method: string,
  version: number,
  inputs: unknown,
): Outcome<Hex> {
  const found = methodOf(method, version);
  if (!found.ok) return found;
  const encoded = checkInputs(() => found.value.encode(inputs));
  if (!encoded.ok) return encoded;
  const message = encodeCbor([method, BigInt(version), encoded.value]);
  return successWith(commitment(salt, message));
}

function checkInputs<Value>(read: () => Value): Outcome<Value> {
  try {
    return successWith(read());
  } catch (cause) {
    if (!(cause instanceof CodecError)) throw cause;
    return refuse(pricingResults.PRICING_INPUTS_INVALID, cause.message);
  }
}
