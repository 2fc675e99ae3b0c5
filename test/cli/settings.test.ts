import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { InvalidArgumentError, type Argument, type Command, type Option } from 'commander';
import type { OperationalError } from '../../src/base/operational-error.ts';
import { makeProgram } from '../../src/cli/program.ts';
import { readConfig } from '../../src/config.ts';

const refusalOf = (environment: Record<string, string>): string => {
  try {
    readConfig(environment);
  } catch (error) {
    expect((error as OperationalError).code).to.equal('CONFIG_INVALID');
    return (error as Error).message;
  }
  return 'taken';
};

describe('settings', () => {
  const numbers = ['0x10', '1e2', ' +5', '05', '5.0', '-1', '٥', 'many', '99999999999999999999'];
  const settings: readonly [name: string, wrong: readonly string[]][] = [
    ['PORT', [...numbers, '65536']],
    ['DXL_REQUESTS_PER_MINUTE', [...numbers, '0']],
    ['DXL_SNAPSHOT_INTERVAL', numbers],
    ['DXL_CLOCK_DISTANCE_MAX_DAYS', [...numbers, '0']],
    ['DXL_CLOCK_STEP_MAX_MINUTES', [...numbers, '0']],
    ['DXL_MODE', ['prod', 'Production']],
    ['DXL_ENGINE', ['tendermint']],
    ['DXL_LOG_LEVEL', ['loud']],
    ['DXL_API', ['exchange.example', 'ftp://exchange.example']],
    ['DXL_CONTENT_PEERS', ['a.example', 'http://a.example,b.example']],
    ['DXL_LIMITS', ['connectionsMax', 'connectionsMax=0x10', 'connectionsMax=05']],
    ['DXL_TRUSTED_PROXIES', ['proxy', '10.0.0.0/33']],
    ['DATABASE_URL', ['mysql://a:hunter2@b/c']],
    ['DXL_MOVE_DATABASE_URL', ['mysql://a:hunter2@b/c']],
  ];
  for (const [name, wrong] of settings) {
    it(`${name}: is refused by name, with its form and an example that is taken`, () => {
      for (const value of wrong) {
        const said = refusalOf({ [name]: value });
        expect(said, value).to.match(new RegExp(`^${name} is .*; it takes .*, for example .*\\.$`));
        expect(said).to.not.include('hunter2');
        const [, example = ''] = /, for example (.*?)(?:, or 0 for none)?\.$/.exec(said) ?? [];
        expect(refusalOf({ [name]: example }), `${name}=${example}`).to.equal('taken');
      }
    });
  }

  it('are in the table of docs/operations.md, each of them', () => {
    const source = readFileSync(new URL('../../src/config.ts', import.meta.url), 'utf8');
    const page = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
    const names = new Set(source.match(/\b(DXL_[A-Z_]+|DATABASE_URL|PORT|HOST)\b/g));
    expect([...names].filter((name) => !page.includes(`\`${name}\``))).to.deep.equal([]);
  });
});

function* commandsOf(command: Command): Generator<Command> {
  yield command;
  for (const below of command.commands) yield* commandsOf(below);
}

describe('options of dxl', () => {
  const parsers = [...commandsOf(makeProgram())].flatMap((command) =>
    [...command.options, ...command.registeredArguments].flatMap((item: Option | Argument) =>
      item.parseArg === undefined || item.argChoices !== undefined
        ? []
        : [[command.name(), item] as const],
    ),
  );
  const said = (item: Option | Argument, text: string): string => {
    try {
      item.parseArg?.(text, undefined);
    } catch (error) {
      if (error instanceof InvalidArgumentError) return error.message;
      throw error;
    }
    return 'taken';
  };

  it('that read their value refuse what has not its form, with the form and an example', () => {
    expect(parsers.length).to.be.greaterThan(20);
    for (const [command, item] of parsers) {
      const name = `${command} ${'flags' in item ? item.flags : item.name()}`;
      // Fits no form of ours: no number, digest, name, address or pair.
      const message = said(item, '\u0000 no such value');
      expect(message, name).to.match(/^It takes .*, for example .*\.$/);
      const [, example = ''] = /, for example (.*)\.$/.exec(message) ?? [];
      expect(said(item, example), `${name} ${example}`).to.equal('taken');
    }
  });

  it('that are numbers have one spelling', () => {
    const numeric = parsers.filter(([, item]) => /whole number|a port/.test(said(item, 'x')));
    expect(numeric.length).to.be.greaterThan(10);
    for (const [command, item] of numeric) {
      for (const text of ['0x1', '1e0', ' 1', '+1', '01', '1.0', '-1', '', '1_0', '٥']) {
        expect(said(item, text), `${command} ${text}`).to.match(/^It takes /);
      }
    }
  });
});
