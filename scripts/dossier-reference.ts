/** The tables of docs/dossier.md, and the JSON Schema of a dossier file, from the source. */
import type { TObject } from '../src/base/schema.ts';
import { handOverSchema } from '../src/chain/light/hand-over.ts';
import { lightBlockSchema } from '../src/chain/light/light-block.ts';
import { genesisSchema } from '../src/chain/machine/genesis.ts';
import { headerSchema } from '../src/chain/machine/header.ts';
import { limitsOf } from '../src/dossier/limits.ts';
import { claims } from '../src/dossier/report.ts';
import { changesOf } from '../src/dossier/rules/changes.ts';
import { eventRules } from '../src/dossier/rules/events.ts';
import { operationRules } from '../src/dossier/rules/operations.ts';
import { dossierSchemas } from '../src/dossier/schema.ts';
import { listingRevisionSchema } from '../src/listing/schema.ts';
import { methods } from '../src/pricing/rerun.ts';
import { recordKinds } from '../src/proof/records.ts';
import { agreedTermsSchema } from '../src/trading/schema.ts';
import { jsonSchemaText } from './json-schema.ts';

export const referenceMarkers = {
  begin: '<!-- dossier-reference:begin -->',
  end: '<!-- dossier-reference:end -->',
} as const;

/** The page with the tables between its markers. Throws an Error where it has no markers. */
export function withReference(page: string): string {
  const begin = page.indexOf(referenceMarkers.begin);
  const end = page.indexOf(referenceMarkers.end);
  if (begin < 0 || end < begin) throw new Error('docs/dossier.md has lost its markers');
  const head = page.slice(0, begin + referenceMarkers.begin.length);
  return `${head}\n\n${dossierReference()}\n\n${page.slice(end)}`;
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows]
    .map((row) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n');

const list = (names: readonly (string | number)[]): string => names.join(', ') || '–';

interface Node {
  readonly type?: string;
  readonly 'x-dxl'?: string;
  readonly enum?: readonly string[];
  readonly anyOf?: readonly Node[];
  readonly properties?: Readonly<Record<string, Node>>;
  readonly required?: readonly string[];
  readonly items?: Node;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
}

/** A field's type in the notation that docs/dossier.md explains. */
function typeOf(node: Node): string {
  if (node.anyOf?.[0]) return `${typeOf(node.anyOf[0])} or null`;
  if (node['x-dxl'] === 'hex') return `bytes \`${node.pattern ?? ''}\``;
  if (node['x-dxl'] === 'fen') return 'fen';
  if (node.enum) return `one of ${node.enum.join(', ')}`;
  if (node.items)
    return `list ${node.minItems ?? 0} to ${node.maxItems ?? 0} of (${typeOf(node.items)})`;
  if (node.properties) {
    const fields = Object.entries(node.properties).map(
      ([name, item]) =>
        `${name}${node.required?.includes(name) === false ? '?' : ''}: ${typeOf(item)}`,
    );
    return `record { ${fields.join('; ')} }`;
  }
  if (node.type === 'integer') return `integer ${node.minimum ?? 0} to ${node.maximum ?? 0}`;
  if (node.type === 'boolean') return 'truth value';
  const lengths =
    node.maxLength === undefined ? '' : ` ${node.minLength ?? 0} to ${node.maxLength}`;
  return `text${lengths}${node.pattern === undefined ? '' : ` \`${node.pattern}\``}`;
}

const fieldsOf = (schema: TObject): string =>
  table(
    ['#', 'field', 'type'],
    Object.entries(schema.properties).map(([name, node], index) => [
      String(index),
      `\`${name}\``,
      typeOf(node as Node),
    ]),
  );

/** With those that only machine version 2 lets it change. */
function changedFields(name: string): string {
  const always = changesOf(name, false);
  const since = changesOf(name, true).filter((field) => !always.includes(field));
  return since.length === 0
    ? list(always)
    : [...always, ...since.map((field) => `${field} (by version 2)`)].join(', ');
}

function dossierReference(): string {
  const operations = [...operationRules.values()].sort((a, b) => a.number - b.number);
  const commands = new Map(operations.map((rule) => [rule.name, rule.command]));
  return [
    '### Claims',
    table(
      ['claim', 'says', 'rests on'],
      claims.map(({ id, title, restsOn }) => [id, title, restsOn]),
    ),
    '### What no dossier shows',
    limitsOf(false)
      .map((limit) => `- ${limit}`)
      .join('\n'),
    '### Operations',
    table(
      ['number', 'name', 'roles', 'subject (kind, id from)', 'signer is', 'echo'],
      operations.map(({ number, name, roles, subject, actor, echo }) => [
        String(number),
        name,
        list(roles),
        subject ? subject.join(', ') : '–',
        list(actor),
        list(Object.entries(echo).map(([from, to]) => (from === to ? from : `${from} = ${to}`))),
      ]),
    ),
    '### Events',
    table(
      ['event', 'kind', 'caused by', 'state before', 'state after', 'other fields that may change'],
      [...eventRules.values()].map(({ name, kind, by, from, to }) => [
        name,
        kind,
        list(by),
        list(from),
        list(to),
        changedFields(name),
      ]),
    ),
    '### Genesis document',
    fieldsOf(genesisSchema),
    '### Block header',
    fieldsOf(headerSchema),
    '### Light block',
    fieldsOf(lightBlockSchema),
    '### Hand-over',
    fieldsOf(handOverSchema),
    '### Agreed terms (hashed for C12)',
    fieldsOf(agreedTermsSchema),
    '### Listing revision (hashed for C08)',
    fieldsOf(listingRevisionSchema),
    ...[...recordKinds.values()].flatMap((kind) => [
      `### Record \`${kind.name}\`, stream \`${kind.stream}\``,
      fieldsOf(kind.schema),
    ]),
    ...[...commands].flatMap(([name, command]) => [
      `### Command of \`${name}\``,
      fieldsOf(command),
    ]),
    ...methods.flatMap(({ method, version, inputs }) => [
      `### Inputs of method ${method}, version ${version}`,
      fieldsOf(inputs),
    ]),
  ].join('\n\n');
}

export const dossierJsonSchema = (): string =>
  jsonSchemaText('dxl-dossier', { anyOf: Object.values(dossierSchemas) });
