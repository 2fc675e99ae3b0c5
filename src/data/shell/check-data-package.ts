import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { readFile } from 'node:fs/promises';
import { descriptionFault } from '../description/described.ts';

const schemaFile = new URL('./data-package/datapackage-2.0.json', import.meta.url);

let compiled: ValidateFunction | null = null;

/** The published JSON Schema, version 2.0, compiled once: it takes some 0.3 s. */
async function validator(): Promise<ValidateFunction> {
  if (compiled !== null) return compiled;
  const schema = JSON.parse(await readFile(schemaFile, 'utf8')) as object;
  // Its own words beside JSON Schema's (`propertyOrder`, `context`) are for forms, not for checks.
  const ajv = new Ajv({ strict: false, allErrors: false, validateFormats: false });
  return (compiled = ajv.compile(schema));
}

/** Throws TableFault DESCRIPTION where the value is no Data Package by the standard's own schema. */
export async function checkDataPackage(value: unknown): Promise<void> {
  const validate = await validator();
  if (validate(value)) return;
  const { instancePath, message } = deepest(validate.errors ?? []);
  throw descriptionFault(instancePath, `${message ?? 'does not fit'}, says Data Package 2.0.`);
}

/** Of alternatives that all failed, the one that went furthest was most likely meant. */
function deepest(errors: readonly ErrorObject[]): Partial<ErrorObject> & { instancePath: string } {
  let found: Partial<ErrorObject> & { instancePath: string } = { instancePath: '' };
  for (const error of errors) {
    if (error.instancePath.length >= found.instancePath.length) found = error;
  }
  return found;
}
