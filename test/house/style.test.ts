import { expect } from 'chai';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { projectRoot as root, sourceFiles } from '../support/source-files.ts';

const read = (path: string): string => readFileSync(resolve(root, path), 'utf8');

const isText = (path: string): boolean =>
  /\.(ts|js|mjs|cjs|json|md|sql|circom|sh|yml|yaml)$/.test(path) || path === '.ci/run';

/** Spelled in parts, so that this file does not refuse itself. */
const leftovers = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX'].join('|')})\\b`);
const machinePath = new RegExp(`(?<![\\w.])/(${['work', 'tmp', 'home', 'root'].join('|')})/`);

function filesMatching(folders: readonly string[], pattern: RegExp): string[] {
  return sourceFiles(folders.filter((folder) => existsSync(resolve(root, folder))))
    .filter(isText)
    .filter((path) => pattern.test(read(path)));
}

const ours = ['bin', 'src', 'test', 'bench', 'scripts', 'docs', 'migrations', 'circuits', '.ci'];

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
  readonly license: string;
}

describe('house style', () => {
  it('leaves no unfinished note behind', () => {
    expect(filesMatching(ours, leftovers)).to.deep.equal([]);
  });

  it('knows an unfinished note when it sees one', () => {
    expect(leftovers.test(`// ${'TO' + 'DO'}: later`)).to.equal(true);
    expect(leftovers.test('method')).to.equal(false);
  });

  it('names no path of one machine', () => {
    expect(filesMatching(['src', 'docs', 'bin', 'scripts'], machinePath)).to.deep.equal([]);
  });

  it('knows a path of one machine when it sees one', () => {
    expect(machinePath.test(`'/${'tm' + 'p'}/main'`)).to.equal(true);
    expect(machinePath.test('src/network/main')).to.equal(false);
  });

  it('has no utils, helpers or barrels', () => {
    const drawers = /(^|\/)(utils?|helpers?|misc|common|index)(\.ts|\/)/;
    expect(sourceFiles(['src']).filter((path) => drawers.test(path))).to.deep.equal([]);
  });

  it('numbers its decision records without gaps, each with its four parts', () => {
    const records = sourceFiles(['docs/adr']).filter((path) => !path.endsWith('/README.md'));
    const numbers = records.map((path) => /\/(\d{4})-[a-z0-9-]+\.md$/.exec(path)?.[1] ?? path);
    expect(numbers).to.deep.equal(records.map((_, index) => String(index + 1).padStart(4, '0')));
    for (const [index, path] of records.entries()) {
      const text = read(path);
      expect(text, path).to.match(new RegExp(`^# ${numbers[index] ?? ''}\\. `));
      for (const part of ['Context', 'Decision', 'Consequences', 'Measured']) {
        expect(text, path).to.include(`\n## ${part}\n`);
      }
    }
  });

  it('lists every decision record in the index', () => {
    const index = read('docs/adr/README.md');
    for (const path of sourceFiles(['docs/adr'])) {
      if (!path.endsWith('/README.md')) expect(index).to.include(path.split('/').at(-1));
    }
  });

  it('keeps a changelog with a place for what is not released', () => {
    expect(read('CHANGELOG.md')).to.match(/^## \[Unreleased\]$/m);
  });

  it('pins every dependency exactly', () => {
    const manifest = JSON.parse(read('package.json')) as Manifest;
    const { dependencies, devDependencies, optionalDependencies } = manifest;
    const loose = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })
      .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
      .map(([name, version]) => `${name}@${version}`);
    expect(loose).to.deep.equal([]);
  });

  it('locks dependencies without naming a registry', () => {
    const lock = JSON.parse(read('package-lock.json')) as {
      packages: Record<string, { resolved?: string; integrity?: string }>;
    };
    const hosts = Object.values(lock.packages).filter(({ resolved }) => resolved?.includes('://'));
    expect(hosts).to.deep.equal([]);
    expect(Object.values(lock.packages).filter(({ integrity }) => integrity).length).to.be.above(
      50,
    );
  });

  it('carries its licence', () => {
    const text = read('LICENSE');
    expect(text).to.include('GNU GENERAL PUBLIC LICENSE');
    expect(text).to.include('Version 3, 29 June 2007');
    expect(text).to.include('END OF TERMS AND CONDITIONS');
    expect((JSON.parse(read('package.json')) as Manifest).license).to.equal('GPL-3.0-or-later');
  });
});
