import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

const folder = resolve(import.meta.dirname, '../../findings');
const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
const scripts = readdirSync(folder).filter((name) => name.endsWith('.sh'));

/** What findings/README.md asks of a script, as far as its text shows it. Nothing is run. */
function faultsOf(text: string): string[] {
  const installs = text.split('\n').filter((line) => /^(npm|venv\/bin\/pip) install /.test(line));
  const words = installs.flatMap((line) =>
    line
      .replace(/--prefix \S+ /, '')
      .split(' ')
      .slice(2),
  );
  const packages = words.filter((word) => !word.startsWith('-'));
  const rules: readonly (readonly [string, boolean])[] = [
    ['says no guess', /^# Guess: /m.test(text)],
    ['says not what was seen', /^# Seen, .*\d/m.test(text)],
    ['says not what follows here', /^# Here: /m.test(text)],
    ['goes on after a failure', text.includes('\nset -euo pipefail\n')],
    ['keeps its folder', text.includes(`\ntrap 'rm -rf "$scratch"' EXIT\n`)],
    ['installs nothing', packages.length > 0],
    ['pins not all', packages.every((one) => /^@?[\w./-]+(@|==)\d+(\.\d+)+$/.test(one))],
    ['names a registry', !/registry|--index-url|pypi\.|npmjs/.test(text)],
    ['cannot fail', text.includes('[ "$seen" = "$stated" ] || {')],
    ['imports the product', !/\.\.\/(src|bin|test)\//.test(text)],
  ];
  return rules.filter(([, holds]) => !holds).map(([fault]) => fault);
}

describe('findings', () => {
  it('are listed, each once, and nothing else is', () => {
    const listed = [...read('README.md').matchAll(/^\| \[[\w-]+\]\(([\w-]+\.sh)\)/gm)];
    expect(listed.map(([, name]) => name)).to.deep.equal([...scripts].sort());
  });

  for (const name of scripts) {
    it(`${name} has the form that README.md states`, () => {
      expect(faultsOf(read(name))).to.deep.equal([]);
      expect(statSync(join(folder, name)).mode & 0o111, 'executable').to.not.equal(0);
    });
  }

  it('are bash, all of them', () => {
    for (const name of [...scripts, 'run']) {
      const { status, stderr } = spawnSync('bash', ['-n', join(folder, name)], {
        encoding: 'utf8',
      });
      expect([name, status, stderr]).to.deep.equal([name, 0, '']);
    }
  });

  const whole = read(scripts[0] ?? '');
  const changes: readonly (readonly [string, (text: string) => string])[] = [
    ['says no guess', (text) => text.replace('# Guess: ', '# ')],
    ['goes on after a failure', (text) => text.replace('set -euo pipefail', '')],
    ['keeps its folder', (text) => text.replace(/^trap .*$/m, '')],
    ['pins not all', (text) => text.replace(/(==|@)\d[\d.]*/, '')],
    ['cannot fail', (text) => text.replace('[ "$seen" = "$stated" ]', 'true')],
    ['imports the product', (text) => `${text}import '../src/main.ts'\n`],
  ];
  for (const [fault, change] of changes) {
    it(`are found out where one ${fault}`, () => {
      expect(faultsOf(change(whole))).to.include(fault);
    });
  }
});
