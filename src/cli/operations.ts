import type { Command } from 'commander';
import type { Operation } from '../base/room.ts';
import { signedTwice, signedTwiceWords } from '../client/signed-twice.ts';
import { readCommon, withCommon } from './options.ts';
import { print, printJson, table } from './output.ts';

export function addOperationsCommand(program: Command): void {
  withCommon(program.command('operations [name]'))
    .description('list what can be signed, or the fields of one operation')
    .addHelpText(
      'after',
      '\nExamples:\n  $ dxl operations\n  $ dxl operations identity.admit\n  $ dxl operations rights',
    )
    .action(async (name: string | undefined, _options: unknown, command: Command) => {
      const { json } = await readCommon(command);
      const { knownOperations, operationNamed } = await import('../client/commands.ts');
      const rooms = new Set(knownOperations().map((operation) => roomOf(operation)));
      if (name !== undefined && !rooms.has(name)) {
        const operation = operationNamed(name);
        if (json) printJson(summary(operation));
        else print(describe(operation));
        return;
      }
      const shown = knownOperations().filter((item) => name === undefined || roomOf(item) === name);
      if (json) printJson(shown.map(summary));
      else print(overview(shown));
    });
}

const roomOf = ({ name }: Operation): string => name.split('.', 1)[0] ?? name;

const summary = ({ number, name, title, roles, command }: Operation) => ({
  number,
  name,
  title,
  roles,
  signedTwice: signedTwice[name],
  command,
});

const rolesText = (roles: readonly string[]): string =>
  roles.length === 0 ? 'any' : roles.join(' or ');

const overview = (operations: readonly Operation[]): string =>
  table([
    ['OPERATION', 'ROLE', 'WHAT IT DOES'],
    ...operations.map(({ name, roles, title }) => [name, rolesText(roles), title]),
  ]);

const twiceText = (name: string): string => {
  const kind = signedTwice[name];
  return kind === undefined ? '' : `  Signed a second time it ${signedTwiceWords[kind]}\n`;
};

function describe({ name, number, title, roles, command }: Operation): string {
  const rows = fieldRows(command, '');
  return (
    `${name} (number ${number})\n  ${title}\n  Signed with the role: ${rolesText(roles)}\n` +
    `${twiceText(name)}\n` +
    table([['FIELD', 'KIND', 'MEANING'], ...rows]) +
    `\nPut the fields into a JSON object and: dxl submit ${name} --json FILE --key KEY\n`
  );
}

/** The keywords that base/schema.ts writes. */
interface SchemaNode {
  readonly type?: string;
  readonly 'x-dxl'?: 'hex' | 'fen';
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly anyOf?: readonly [SchemaNode, SchemaNode];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
}

function fieldRows(node: SchemaNode, prefix: string): string[][] {
  return Object.entries(node.properties ?? {}).flatMap(([name, field]) => {
    const path = `${prefix}${name}`;
    const inner = field.anyOf?.[0] ?? field;
    const item = inner.type === 'array' ? inner.items : undefined;
    const below = item?.properties ? fieldRows(item, `${path}[].`) : fieldRows(inner, `${path}.`);
    return [[path, kindOf(field), field.description ?? inner.description ?? ''], ...below];
  });
}

function kindOf(node: SchemaNode): string {
  if (node.anyOf) return `${kindOf(node.anyOf[0])}, or null`;
  if (node.enum) return node.enum.join(' | ');
  if (node['x-dxl'] === 'fen') return 'amount in fen, as text';
  if (node['x-dxl'] === 'hex') return 'hex';
  if (node.type === 'integer') return `integer ${node.minimum ?? ''} to ${node.maximum ?? ''}`;
  if (node.type === 'boolean') return 'true | false';
  if (node.type === 'object') return 'object';
  if (node.type === 'array' && node.items) {
    return `list of ${node.minItems ?? 0} to ${node.maxItems ?? ''}: ${kindOf(node.items)}`;
  }
  if (node.maxLength !== undefined) return `text, at most ${node.maxLength}`;
  return node.pattern === undefined ? 'text' : `text ${node.pattern}`;
}
