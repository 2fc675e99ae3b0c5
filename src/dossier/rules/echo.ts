import type { TObject } from '../../base/schema.ts';

/** Every field of a command but these is found under its own name at `path` of the record. */
export const echoOf = (
  command: TObject,
  { except, path = '' }: { readonly except: readonly string[]; readonly path?: string },
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.keys(command.properties)
      .filter((name) => !except.includes(name))
      .map((name) => [name, path === '' ? name : `${path}.${name}`]),
  );
