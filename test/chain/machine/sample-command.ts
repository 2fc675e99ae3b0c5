import type { TSchema } from '../../../src/base/schema.ts';

interface Node {
  readonly type?: string;
  readonly 'x-dxl'?: string;
  readonly enum?: readonly string[];
  readonly anyOf?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly pattern?: string;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly minimum?: number;
}

/** The least value that a schema of the house takes: nothing it names exists. */
export function sampleOf(schema: TSchema): unknown {
  return sample(schema);
}

function sample(node: Node): unknown {
  if (node.anyOf) return null;
  if (node.type === 'object') {
    return Object.fromEntries(
      Object.entries(node.properties ?? {}).map(([name, field]) => [name, sample(field)]),
    );
  }
  if (node.type === 'array') {
    return Array.from({ length: node.minItems ?? 0 }, () => sample(node.items ?? {}));
  }
  if (node['x-dxl'] === 'hex') return sampleHex(node.pattern ?? '');
  if (node['x-dxl'] === 'fen') return 1n;
  if (node.enum) return node.enum[0];
  if (node.type === 'integer') return node.minimum ?? 0;
  if (node.type === 'boolean') return false;
  return sampleText(node.pattern ?? '', node.maxLength ?? 99);
}

function sampleHex(pattern: string): string {
  const [, least] = /\{(\d+),\d+\}\$$/.exec(pattern) ?? [];
  return '00'.repeat(least === undefined ? 32 : Number(least));
}

const texts = ['sample-1', 'x', '1', '2026-03-02', 'A', 'CN', '001', 'a.b', '0000'];

function sampleText(pattern: string, maxLength: number): string {
  const found = texts.find(
    (text) => text.length <= maxLength && new RegExp(pattern, 'u').test(text),
  );
  if (found === undefined) throw new Error(`no sample fits ${pattern}`);
  return found;
}
