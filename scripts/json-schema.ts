import type { TSchema } from '../src/base/schema.ts';

/** As draft 2020-12, without the keyword that only our codec reads. */
export function jsonSchemaText(id: string, schema: TSchema): string {
  const plain = JSON.parse(
    JSON.stringify(schema, (name, value: unknown) => (name === 'x-dxl' ? undefined : value)),
  ) as Record<string, unknown>;
  const head = { $schema: 'https://json-schema.org/draft/2020-12/schema', $id: id };
  return JSON.stringify({ ...head, ...plain }, null, 2);
}
