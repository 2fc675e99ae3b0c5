import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { misfit, missing, unknown } from '../../src/base/field-fault.ts';
import { exampleOf, formOf, type FormNode } from '../../src/base/field-form.ts';
import { meantBy } from '../../src/base/meant.ts';
import { nearestName } from '../../src/base/nearest.ts';
import {
  country,
  digest,
  fen,
  flag,
  identifier,
  integer,
  isoDate,
  list,
  nullable,
  oneOf,
  record,
  timeMs,
  type TSchema,
} from '../../src/base/schema.ts';
import { allRoutes } from '../../src/api/routes.ts';
import { makeAjv } from '../../src/api/validate.ts';
import { registry } from '../../src/chain/rooms.ts';
import { admissionFile } from '../../src/client/admission.ts';
import { operationFromJson } from '../../src/client/commands.ts';
import { OperationalError } from '../../src/base/operational-error.ts';

/** Every field of a schema, the whole of it first, by the pointer of its place in an example. */
function* placesIn(node: FormNode, pointer = ''): Generator<[pointer: string, node: FormNode]> {
  yield [pointer, node];
  const inner = node.anyOf?.find(({ type }) => type !== 'null') ?? node;
  for (const [name, field] of Object.entries(inner.properties ?? {})) {
    yield* placesIn(field, `${pointer}/${name}`);
  }
  if (inner.items) yield* placesIn(inner.items, `${pointer}/0`);
}

const commands = [...registry.operationsByName.values()].map(
  ({ name, command }) => [name, command] as [string, TSchema],
);
/** What comes in files. */
const files: readonly [string, TSchema][] = [['an admission file', admissionFile]];
const routes = allRoutes(registry).flatMap(({ id, params, query, body }) => [
  [`${id} path`, params] as [string, TSchema],
  [`${id} query`, query] as [string, TSchema],
  ...(body?.json === undefined ? [] : [[`${id} body`, body.json] as [string, TSchema]]),
]);

describe('what is said of a field', () => {
  const ajv = makeAjv({});
  const checks = new Map<string, (value: unknown) => boolean>();
  const check = (node: FormNode, value: unknown): boolean => {
    const key = JSON.stringify(node);
    const compiled = checks.get(key) ?? ajv.compile(JSON.parse(key) as object);
    checks.set(key, compiled);
    return compiled(value);
  };

  it('is there for every field of every command, file, query, path and body, with an example that fits', () => {
    let seen = 0;
    for (const [where, schema] of [...commands, ...files, ...routes]) {
      for (const [pointer, node] of placesIn(schema)) {
        const place = `${where} ${pointer}`;
        const example = exampleOf(node);
        expect(check(node, example), `${place}: ${JSON.stringify(example)}`).to.equal(true);
        expect(formOf(node), place).to.not.match(/a value of JSON|\^|undefined|\[object Object/);
        // What has a pattern has words for it.
        if (node.pattern !== undefined && node.maxLength === undefined) {
          expect(node['x-form'], place).to.be.a('string');
        }
        const fault = misfit(schema, pointer, { no: 'field' });
        expect(fault.message, place).to.include(formOf(node)).and.include('for example');
        expect(fault, place).to.include.keys('form', 'example');
        seen += 1;
      }
    }
    expect(seen).to.be.greaterThan(500);
  });

  /** Of the shape that a record has there, with one thing wrong in it. */
  const withAt = (
    value: unknown,
    pointer: string,
    change: (held: Record<string, unknown>, name: string) => void,
  ): unknown => {
    const copy = structuredClone(value);
    const names = pointer.split('/').slice(1);
    let held = copy as Record<string, unknown>;
    for (const name of names.slice(0, -1)) {
      held[name] ??= {};
      held = held[name] as Record<string, unknown>;
    }
    change(held, names.at(-1) ?? '');
    return copy;
  };
  const refusalOf = (name: string, json: unknown): string => {
    try {
      operationFromJson(name, json);
    } catch (error) {
      expect(error).to.be.instanceOf(OperationalError);
      expect((error as OperationalError).code).to.equal('OPERATION_MALFORMED');
      return (error as Error).message;
    }
    return 'taken';
  };

  it('is said where any field of any command is wrong, missing or unknown; the example is taken', () => {
    for (const [name, schema] of commands) {
      const example = exampleOf(schema);
      expect(refusalOf(name, example), `${name}: its example`).to.equal('taken');
      for (const [field, node] of Object.entries((schema as FormNode).properties ?? {})) {
        const wrong = withAt(example, `/${field}`, (held) => (held[field] = { no: 1 }));
        expect(refusalOf(name, wrong), `${name} ${field}`)
          .to.include(`${name}: /${field}`)
          .and.match(/is not .*, for example |unknown field/);
        const without = withAt(example, `/${field}`, (held) => Reflect.deleteProperty(held, field));
        expect(refusalOf(name, without)).to.include(
          `/${field}: missing field; it takes ${formOf(node)}, for example `,
        );
        const mistyped = withAt(example, `/${field}`, (held) => (held[`${field}X`] = 1));
        expect(refusalOf(name, mistyped)).to.include(
          `/${field}X: unknown field; did you mean ${field}?`,
        );
      }
    }
  });

  const cases: readonly [file: string, said: RegExp][] = [
    [
      'request-dec',
      /\/priceFen: "90\.50" is not whole fen .*, for example "9000"; if 90\.50 yuan is meant, write "9050"/,
    ],
    [
      'request-sep',
      /\/priceFen: "9,000" is not whole fen .*, for example "9000"; if 9000 fen is meant, write "9000"/,
    ],
  ];
  for (const [file, said] of cases) {
    it(`${file}.json: names field, value, form and what was meant`, () => {
      const text = readFileSync(new URL(`../vectors/cases/${file}.json`, import.meta.url), 'utf8');
      expect(refusalOf('trading.request', JSON.parse(text))).to.match(said);
    });
  }

  const schema = record({
    id: identifier(),
    hash: digest(),
    amount: fen(),
    count: integer(1, 200),
    at: timeMs(),
    day: isoDate(),
    land: nullable(country()),
    kind: oneOf(['COMPUTE_ONLY', 'DELIVERY']),
    open: flag(),
    parts: list(integer(0, 9), 1, 3),
  });
  const meant: readonly [field: string, value: unknown, meant: string | null][] = [
    ['amount', '90.50', 'if 90.50 yuan is meant, write "9050"'],
    ['amount', '0.5', 'if 0.5 yuan is meant, write "50"'],
    ['amount', '¥90', 'if 90 yuan is meant, write "9000"'],
    ['amount', '90元', 'if 90 yuan is meant, write "9000"'],
    ['amount', '9,000', 'if 9000 fen is meant, write "9000"'],
    ['amount', '9,000.00', 'if 9000.00 yuan is meant, write "900000"'],
    ['amount', '９０００', 'if 9000 fen is meant, write "9000"'],
    ['amount', '1e3', 'if 1000 fen is meant, write "1000"'],
    ['amount', '09000', 'if 9000 fen is meant, write "9000"'],
    ['amount', ' 9000 ', 'if 9000 fen is meant, write "9000"'],
    ['amount', 9000, 'write "9000"'],
    ['amount', 90.5, null],
    ['amount', '9,00', null],
    ['amount', '90,50', null],
    ['amount', '-5', null],
    ['amount', '90.505', null],
    ['amount', '', null],
    ['amount', 'much', null],
    ['count', '0x10', 'if 16 is meant, write 16'],
    ['count', '1e2', 'if 100 is meant, write 100'],
    ['count', ' 5', 'if 5 is meant, write 5'],
    ['count', '+5', 'if 5 is meant, write 5'],
    ['count', '05', 'if 5 is meant, write 5'],
    ['count', '500', null],
    ['count', '', null],
    ['at', '2026-03-05T09:00:00+08:00', 'write 1772672400000'],
    ['at', '2026-03-05T01:00:00.000Z', 'write 1772672400000'],
    ['at', '2026-03-05 09:00', null],
    ['day', '2026/3/5', 'write "2026-03-05"'],
    ['day', '2026年3月5日', 'write "2026-03-05"'],
    ['day', '05/03/2026', null],
    ['land', 'cn', 'write "CN"'],
    ['land', 'China', null],
    ['hash', `0x${'AB'.repeat(32)}`, `write "${'ab'.repeat(32)}"`],
    ['hash', 'ab', null],
    ['id', 'Birds-2019', 'write "birds-2019"'],
    ['id', 'birds 2019', null],
    ['kind', 'compute-only', 'did you mean "COMPUTE_ONLY"?'],
    ['kind', 'DELIVREY', 'did you mean "DELIVERY"?'],
    ['kind', 'SALE', null],
    ['open', 'TRUE', 'write true'],
    ['open', 'yes', null],
  ];
  for (const [field, value, expected] of meant) {
    it(`${field} ${JSON.stringify(value)}: ${expected ?? 'nothing is certain'}`, () => {
      const node = (schema as FormNode).properties?.[field] ?? {};
      expect(meantBy(node, value)).to.equal(expected);
    });
  }

  it('shows a long value in part, and nothing that steers a terminal', () => {
    const { message } = misfit(schema, '/id', `\u001b[2J${'x'.repeat(5000)}`);
    expect(message).to.have.length.below(300);
    expect(message).to.include('\\u001b').and.not.include('\u001b');
  });

  it('knows nearest names, and none for what is far', () => {
    expect(nearestName('price_fen', ['priceFen', 'feeFen'])).to.equal('priceFen');
    expect(nearestName('prcieFen', ['priceFen', 'feeFen'])).to.equal('priceFen');
    expect(nearestName('colour', ['priceFen', 'feeFen'])).to.equal(null);
    expect(nearestName('x'.repeat(100_000), ['x'])).to.equal(null);
    expect(unknown(schema, '/colour').message).to.match(/^unknown field; known are id, hash, /);
    expect(missing(schema, '/count').message).to.equal(
      'missing field; it takes a whole number from 1 to 200, for example 30',
    );
    expect(misfit(schema, '/parts/1', 10).message).to.match(
      /^10 is not a whole number from 0 to 9/,
    );
  });
});
