import { CodecError } from './codec-error.ts';

/** The JSON Schema keywords that schema.ts writes; nothing else is understood. */
export interface Node {
  type?: 'object' | 'array' | 'string' | 'integer' | 'boolean';
  'x-dxl'?: 'hex' | 'fen';
  enum?: readonly string[];
  anyOf?: readonly [Node, { type: 'null' }];
  properties?: Record<string, Node>;
  required?: readonly string[];
  items?: Node;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
}

export const propertiesOf = (node: Node): [string, Node][] => Object.entries(node.properties ?? {});

export function itemOf(node: Node): Node {
  if (!node.items) throw new CodecError('', 'the schema of a list names no items');
  return node.items;
}

/** The error as it is seen one record or list further out. */
export function below(name: string | number, error: unknown): unknown {
  return error instanceof CodecError ? error.below(name) : error;
}
