import { expect } from 'chai';
import { existsSync } from 'node:fs';
import { apiResults } from '../../src/api/results.ts';
import { allRoutes } from '../../src/api/routes.ts';
import { registry } from '../../src/chain/rooms.ts';
import { makeProgram } from '../../src/cli/program.ts';
import { absentCommands, absentFlags, settingsOf, textsOf, toldTexts } from './told-texts.ts';

const rooms = new Set([...registry.operationsByName.keys()].map((name) => name.split('.')[0]));
const paths = allRoutes(registry).map(({ path }) => path.replaceAll(/\{\+?\w+\}/g, '{}'));

/** Operations and paths that a text names and that do not exist. */
function absent(text: string): string[] {
  const operations = text.match(/\b[a-z]+\.[a-z]+(-[a-z]+)*\b/g) ?? [];
  const addresses =
    text.match(/(?<![\w.])\/(v1|docs|readyz|healthz|tile|checkpoint)[\w/{}-]*/g) ?? [];
  return [
    ...operations.filter(
      (name) => rooms.has(name.split('.')[0]) && !registry.operationsByName.has(name),
    ),
    ...addresses.filter((path) => !paths.includes(path.replaceAll(/\{\w+\}/g, '{}'))),
  ];
}

const results = [...registry.results.values(), ...Object.values(apiResults)];
const program = makeProgram();
const texts = toldTexts();
const settings = settingsOf(texts);
const errors = texts.filter(({ code }) => code !== null);

/** Of results, of errors, of states, roles and other values of the ledger's fields: `TRADING_STATE`. */
const capitals = new Set([
  ...results.map(({ name }) => name),
  ...errors.map(({ text }) => text).filter((text) => /^[A-Z][A-Z0-9_]*$/.test(text)),
  ...[...registry.operationsByName.values()].flatMap(({ command }) => valuesIn(command)),
  ...[...registry.records.values()].flatMap(({ schema }) => valuesIn(schema)),
]);

function valuesIn(schema: object): string[] {
  return Object.entries(schema).flatMap(([name, item]: [string, unknown]) => {
    if (name === 'enum') return (item as unknown[]).map(String);
    return typeof item === 'object' && item !== null ? valuesIn(item) : [];
  });
}

const absentNames = (text: string): string[] =>
  (text.match(/(?<![\w$…{])[A-Z]{2,}(_[A-Z0-9]+)+(?![\w…])/g) ?? []).filter(
    (name) => !capitals.has(name) && !settings.has(name),
  );

const absentSettings = (text: string): string[] =>
  (text.match(/\bDXL_[A-Z0-9_]+\b/g) ?? []).filter((name) => !settings.has(name));

/** Pages of docs/ as files; `/docs/…` is an address. */
const absentPages = (text: string): string[] =>
  (text.match(/(?<![\w/])docs\/[\w./-]*\w/g) ?? []).filter(
    (page) => !existsSync(new URL(`../../${page}`, import.meta.url)),
  );

/** Of any text: commands with their flags, settings and pages. */
const absentAnywhere = (text: string): string[] => [
  ...absentCommands(text, program),
  ...absentSettings(text),
  ...absentPages(text),
];

describe('remedies', () => {
  it('name only operations and addresses that exist', () => {
    for (const { name, title, remedy } of results) {
      expect(absent(`${title} ${remedy}`), name).to.deep.equal([]);
      expect(remedy, name).to.not.match(/role granted|renewed|admit it with more/);
    }
  });

  it('would be caught naming others', () => {
    expect(absent('Use `identity.grant-role`, then GET /v1/orders.')).to.deep.equal([
      'identity.grant-role',
      '/v1/orders',
    ]);
    expect(absent('Use identity.rotate-key, then GET /v1/transactions/{id}.')).to.deep.equal([]);
  });

  it('and errors name only commands, flags, settings, pages and names that exist', () => {
    const told = results.map(({ name, title, remedy }) => ({
      where: name,
      text: `${title} ${remedy}`,
    }));
    expect(errors.length, 'errors that were found in src').to.be.above(200);
    for (const { where, text } of [...told, ...errors]) {
      const absent = [...absentAnywhere(text), ...absentFlags(text, program), ...absentNames(text)];
      expect(absent, `${where}: ${text}`).to.deep.equal([]);
    }
  });

  it('and no other text of src names a command, setting or page that does not exist', () => {
    for (const { where, text } of texts) {
      expect(absentAnywhere(text), `${where}: ${text}`).to.deep.equal([]);
    }
  });

  it('would be caught naming commands, flags, settings, pages or names that are not', () => {
    const source =
      'const fail = () => new OperationalError("PROBE", `Run \\`dxl fsk\\` on ${at}, ` +' +
      " 'with `dxl key forge x`, `dxl fsck --hard`, or by --softly; set DXL_NOTHING, see docs/no.md, ' +" +
      " 'and not NO_SUCH_RESULT.');";
    const [code, told, ...more] = textsOf('probe.ts', source);
    expect(more).to.deep.equal([]);
    expect(code).to.include({ text: 'PROBE' });
    expect(told).to.include({ where: 'probe.ts:1', code: 'PROBE' });
    const { text } = told!;
    expect(absentAnywhere(text)).to.deep.equal([
      ...['dxl … fsk', 'dxl … forge', 'dxl … --hard', 'DXL_NOTHING', 'docs/no.md'],
    ]);
    expect(absentFlags(text, program)).to.deep.equal(['--hard', '--softly']);
    expect(absentNames(text)).to.deep.equal(['DXL_NOTHING', 'NO_SUCH_RESULT']);
  });

  it('may name what is there', () => {
    const text =
      'Run `dxl fsck`, `dxl --json submit rights.submit --key seller.key` or `npm ci --omit=optional`; ' +
      'set DXL_API, see docs/operations.md, mind --genesis and ORGANISATION_EXISTS.';
    expect([...absentAnywhere(text), ...absentFlags(text, program)]).to.deep.equal([]);
    expect(absentNames(text)).to.deep.equal([]);
  });
});
