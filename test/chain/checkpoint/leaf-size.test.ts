import { expect } from 'chai';
import type { TSchema } from '../../../src/base/schema.ts';
import { entryBytesMax } from '../../../src/chain/checkpoint/tiles.ts';
import { registry } from '../../../src/chain/rooms.ts';

interface Shape {
  readonly anyOf?: readonly Shape[];
  readonly enum?: readonly string[];
  readonly type?: string;
  readonly pattern?: string;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly items?: Shape;
  readonly properties?: Readonly<Record<string, Shape>>;
}

/** CBOR takes at most nine bytes before an item's own. */
const head = 9;
/** UTF-8 takes at most four bytes for a character. */
const characterBytes = 4;

/** No value that the schema allows is longer in canonical CBOR; NaN where it sets no bound. */
function bytesMax(schema: Shape): number {
  const { anyOf, type, items, maxItems = NaN, properties = {} } = schema;
  if (anyOf) return Math.max(...anyOf.map(bytesMax));
  if (schema.enum) return head + Math.max(...schema.enum.map((value) => value.length));
  if (type === 'object') {
    return Object.values(properties).reduce((sum, each) => sum + bytesMax(each), head);
  }
  if (type === 'array') return head + maxItems * (items ? bytesMax(items) : NaN);
  if (type === 'string') return head + (schema.maxLength ?? charactersOf(schema)) * characterBytes;
  return head;
}

/** A pattern's characters: each class, group or character as often as its last number says. */
function charactersOf({ pattern = '' }: Shape): number {
  try {
    return sizeOf(pattern.replace(/^\^/, '').replace(/\$$/, ''));
  } catch {
    return NaN;
  }
}

function sizeOf(pattern: string): number {
  const token =
    /^(\((?:\?:)?((?:[^()]|\([^()]*\))*)\)|\[(?:\\.|[^\]])*\]|\\?.)(\{(\d+)(?:,(\d+))?\}|\?|\*|\+)?/u;
  let size = 0;
  for (let rest = pattern; rest !== '';) {
    const found = token.exec(rest);
    if (!found) throw new Error(pattern);
    const [whole, , group, times, least, most] = found;
    if (times === '*' || times === '+') throw new Error(pattern);
    const one = group === undefined ? 1 : Math.max(...group.split('|').map(sizeOf));
    size += one * (times === undefined || times === '?' ? 1 : Number(most ?? least));
    rest = rest.slice(whole.length);
  }
  return size;
}

describe('the longest leaf', () => {
  const bounds = [...registry.records.values()].map(
    ({ name, schema }) => [name, bytesMax(schema as TSchema as Shape)] as const,
  );

  it('has a bound for every kind of record', () => {
    expect(bounds.filter(([, bound]) => Number.isNaN(bound))).to.deep.equal([]);
  });

  it('fits a bundle of entries, of every kind but those that docs/witness.md names', () => {
    // Height, time, ids and names of an event stand beside its record in 1,000 bytes.
    const long = bounds.filter(([, bound]) => bound + 1_000 > entryBytesMax).map(([name]) => name);
    expect(long).to.deep.equal(['listing', 'proposed-rules', 'rules-version']);
  });
});
