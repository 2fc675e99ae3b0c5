import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import formatsPlugin from 'ajv-formats';
import { assert } from '../base/assert.ts';
import type { ResultCode } from '../base/result.ts';
import { faultText, misfit, missing, unknown, type FieldFault } from '../base/field-fault.ts';
import { nodeAt } from '../base/field-form.ts';
import { memberPointer, valueAt } from '../base/json-pointer.ts';
import type { TSchema } from '../base/schema.ts';
import { Problem } from './problem.ts';

/** Checks a value and gives it back: with numbers for text where it reads text. Throws Problem. */
export type Validate = (value: unknown, refusal: ResultCode) => unknown;

/** Bodies are taken as they are; query and path are text, in which numbers have one spelling. */
export interface Validators {
  readonly exact: (schema: TSchema) => Validate;
  /** As `exact`, up to the first error. */
  readonly exactToFirst: (schema: TSchema) => Validate;
  readonly fromText: (schema: TSchema) => Validate;
}

/** An Ajv of ours: strict, JSON Schema 2020-12, and with the vocabulary of base/schema.ts. */
export function makeAjv(options: { readonly allErrors?: boolean }): Ajv2020 {
  const ajv = new Ajv2020({ strict: true, allErrors: true, ...options });
  // A CommonJS module whose default export is the whole of it, as Node sees it.
  (formatsPlugin as unknown as { default: (ajv: Ajv2020) => void }).default(ajv);
  ajv.addVocabulary(['x-dxl', 'x-form']);
  return ajv;
}

export function makeValidators(): Validators {
  const all = makeAjv({});
  const first = makeAjv({ allErrors: false });
  return {
    exact: (schema) => validateWith(all, schema),
    exactToFirst: (schema) => validateWith(first, schema),
    fromText: (schema) => {
      const validate = validateWith(all, schema);
      return (value, refusal) => validate(valuesOf(schema, value), refusal);
    },
  };
}

/** Compiles at first use: all schemas together take a good part of a second. */
function validateWith(ajv: Ajv2020, schema: TSchema): Validate {
  let compiled: ValidateFunction | null = null;
  return (value, refusal) => {
    const check = (compiled ??= ajv.compile(schema));
    if (check(value)) return value;
    const { errors } = check;
    assert(errors && errors.length > 0, 'what is not valid has errors');
    throw fieldProblem(refusal, faultsOf(schema, value, errors));
  };
}

/** The detail is the first of them. */
export function fieldProblem(refusal: ResultCode, errors: readonly FieldFault[]): Problem {
  const [first] = errors;
  return new Problem(refusal, first === undefined ? '' : `${faultText(first)}.`, { errors });
}

/** One for each field, and none for a choice of schemas whose members say more. */
function faultsOf(schema: TSchema, value: unknown, errors: readonly ErrorObject[]): FieldFault[] {
  const faults = new Map<string, FieldFault>();
  const choices = errors.filter(({ keyword }) => keyword === 'anyOf');
  for (const error of errors.filter(({ keyword }) => keyword !== 'anyOf')) {
    const fault = faultOf(schema, value, error);
    const isOfNull = error.keyword === 'type' && error.params['type'] === 'null';
    if (!isOfNull && !faults.has(fault.pointer)) faults.set(fault.pointer, fault);
  }
  for (const { instancePath } of choices) {
    if (![...faults.keys()].some((pointer) => pointer.startsWith(instancePath))) {
      faults.set(instancePath, misfit(schema, instancePath, valueAt(value, instancePath)));
    }
  }
  return [...faults.values()];
}

function faultOf(schema: TSchema, value: unknown, error: ErrorObject): FieldFault {
  const { instancePath, keyword, message = 'not valid' } = error;
  const params = error.params as Record<string, unknown>;
  const below = (name: unknown): string => memberPointer(instancePath, String(name));
  if (keyword === 'additionalProperties') {
    return unknown(schema, below(params['additionalProperty']));
  }
  if (keyword === 'required') return missing(schema, below(params['missingProperty']));
  const fault = misfit(schema, instancePath, valueAt(value, instancePath));
  // What the form does not say: that nothing may stand twice, or that something must be asked for.
  const isMore = keyword === 'uniqueItems' || keyword === 'minProperties';
  return isMore
    ? { ...fault, message: `${message}; it takes ${fault.form ?? 'another value'}` }
    : fault;
}

/**
 * Numbers and truth values of text in their one spelling, plain decimal digits; whatever else stands
 * there stays text, which the schema of a number refuses.
 */
function valuesOf(schema: TSchema, texts: unknown): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(texts as Record<string, string>).map(([name, text]) => {
      const type = nodeAt(schema, memberPointer('', name))?.type;
      return [name, type === 'integer' ? (plainNumber(text) ?? text) : text];
    }),
  );
}

/** null for what is no whole number in plain decimal digits, or none that a number holds exactly. */
export function plainNumber(text: string): number | null {
  if (!/^(0|-?[1-9][0-9]{0,15})$/.test(text)) return null;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : null;
}
