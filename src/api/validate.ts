import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import formatsPlugin from 'ajv-formats';
import { assert } from '../base/assert.ts';
import type { ResultCode } from '../base/result.ts';
import type { TSchema } from '../base/schema.ts';
import { Problem, type FieldError } from './problem.ts';

/** Checks a value and gives it back: with numbers for text where it coerces. Throws Problem. */
export type Validate = (value: unknown, refusal: ResultCode) => unknown;

/** One instance for bodies, which are taken as they are, one for query and path, which are text. */
export interface Validators {
  readonly exact: (schema: TSchema) => Validate;
  /** As `exact`, up to the first error. */
  readonly exactToFirst: (schema: TSchema) => Validate;
  readonly fromText: (schema: TSchema) => Validate;
}

/** An Ajv of ours: strict, JSON Schema 2020-12, and with the vocabulary of base/schema.ts. */
export function makeAjv(options: {
  readonly coerceTypes: boolean;
  readonly allErrors?: boolean;
}): Ajv2020 {
  const ajv = new Ajv2020({ strict: true, allErrors: true, ...options });
  // A CommonJS module whose default export is the whole of it, as Node sees it.
  (formatsPlugin as unknown as { default: (ajv: Ajv2020) => void }).default(ajv);
  ajv.addVocabulary(['x-dxl']);
  return ajv;
}

export function makeValidators(): Validators {
  const exact = makeAjv({ coerceTypes: false });
  const exactToFirst = makeAjv({ coerceTypes: false, allErrors: false });
  const fromText = makeAjv({ coerceTypes: true });
  return {
    exact: (schema) => validateWith(exact, schema),
    exactToFirst: (schema) => validateWith(exactToFirst, schema),
    fromText: (schema) => validateWith(fromText, schema),
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
    const found = errors.map(fieldError);
    const [first] = found;
    throw new Problem(refusal, `${first?.pointer || '/'}: ${first?.message ?? ''}.`, {
      errors: found,
    });
  };
}

function fieldError(error: ErrorObject): FieldError {
  const { instancePath, keyword, message = 'not valid' } = error;
  const params = error.params as Record<string, unknown>;
  if (keyword === 'additionalProperties') {
    return { pointer: child(instancePath, params['additionalProperty']), message: 'unknown field' };
  }
  if (keyword === 'required') {
    return { pointer: child(instancePath, params['missingProperty']), message: 'missing field' };
  }
  if (keyword === 'enum') {
    const allowed = (params['allowedValues'] as unknown[]).join(', ');
    return { pointer: instancePath, message: `not one of ${allowed}` };
  }
  return { pointer: instancePath, message };
}

const child = (pointer: string, name: unknown): string =>
  `${pointer}/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`;
