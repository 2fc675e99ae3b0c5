import { CodecError, unknownField } from './codec-error.ts';
import { below, itemOf, type Node } from './codec-node.ts';
import { memberPointer } from './json-pointer.ts';

/** Decimal text to bigint, all else as it is: whether it fits is for others to say. */
export function fromJsonNode(node: Node, value: unknown): unknown {
  if (node.anyOf) return value === null ? null : fromJsonNode(node.anyOf[0], value);
  if (node['x-dxl'] === 'fen') return parseFen(value);
  if (Object.is(value, -0)) throw new CodecError('', 'a zero has no sign');
  if (node.type === 'array' && Array.isArray(value)) {
    return value.map((item, index) => fromJsonMember(itemOf(node), index, item));
  }
  if (node.type === 'object' && typeof value === 'object' && value !== null) {
    const { properties = {} } = node;
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => {
        const field = Object.hasOwn(properties, name) ? properties[name] : undefined;
        if (!field) throw new CodecError(memberPointer('', name), unknownField);
        return [name, fromJsonMember(field, name, item)];
      }),
    );
  }
  return value;
}

function fromJsonMember(node: Node, name: string | number, value: unknown): unknown {
  try {
    return fromJsonNode(node, value);
  } catch (error) {
    throw below(name, error);
  }
}

function parseFen(amount: unknown): bigint {
  if (typeof amount === 'string' && /^(0|[1-9][0-9]{0,14})$/.test(amount)) return BigInt(amount);
  throw new CodecError('', 'an amount is decimal text of fen');
}
