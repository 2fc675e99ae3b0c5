import fc from 'fast-check';
import { assert } from '../../src/base/assert.ts';
import type { TSchema } from '../../src/base/schema.ts';

interface SchemaNode {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly anyOf?: readonly SchemaNode[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly minItems?: number;
}

/** JSON that fits a schema of base/schema.ts, always the same and as small as it may be. */
export const sampleOf = (schema: TSchema): unknown => sampleNode(schema);

function sampleNode(node: SchemaNode): unknown {
  const first = node.anyOf?.[0];
  if (first) return sampleNode(first);
  if (node.enum) return node.enum[0];
  if (node.type === 'object') {
    const fields = Object.entries(node.properties ?? {});
    return Object.fromEntries(fields.map(([name, field]) => [name, sampleNode(field)]));
  }
  if (node.type === 'array') {
    return Array.from({ length: node.minItems ?? 0 }, () => sampleNode(node.items ?? {}));
  }
  if (node.type === 'integer') return node.minimum ?? 0;
  if (node.type === 'boolean') return false;
  assert(node.type === 'string', `a sample of ${JSON.stringify(node)}`);
  return sampleText(node.pattern);
}

function sampleText(source: string | undefined): string {
  if (source === undefined) return 'x';
  const pattern = new RegExp(source, 'u');
  const simple = ['x', 'abc', '0', '00'.repeat(32)].find((text) => pattern.test(text));
  if (simple !== undefined) return simple;
  const [text] = fc.sample(fc.stringMatching(pattern), { numRuns: 1, seed: 1 });
  assert(text, `${source} has a match`);
  return text;
}
