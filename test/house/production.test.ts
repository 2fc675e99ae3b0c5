import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { sourceFiles } from '../support/source-files.ts';

const root = resolve(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(resolve(root, path), 'utf8');

interface Manifest {
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

interface Lock {
  readonly packages: Readonly<
    Record<string, { readonly dev?: boolean; readonly devOptional?: boolean }>
  >;
}

const manifest = JSON.parse(read('package.json')) as Manifest;
const lock = JSON.parse(read('package-lock.json')) as Lock;

/** What `npm ci --omit=dev` leaves out, by the name under node_modules. */
const developmentOnly = Object.keys(manifest.devDependencies);

/** What runs at an exchange: no test, no benchmark, nothing that makes files of this repository. */
const production = sourceFiles(['bin', 'src']).filter((path) => /\.(ts|mjs|js)$/.test(path));

/**
 * The packages among `names` that a source names where a module can be named: in an import, or as
 * a text handed to require.resolve, `--import` or a loader.
 */
function packagesNamed(source: string, names: readonly string[]): string[] {
  const texts = [...source.matchAll(/(['"`])([@\w][\w@./-]*)\1/g)].map(([, , text = '']) => text);
  return names.filter((name) => texts.some((text) => text === name || text.startsWith(`${name}/`)));
}

describe('what an exchange installs (npm ci --omit=dev)', () => {
  it('holds all that production files name: none names a development dependency', () => {
    const found = production.flatMap((path) =>
      packagesNamed(read(path), developmentOnly).map((name) => `${path}: ${name}`),
    );
    expect(found).to.deep.equal([]);
  });

  for (const [how, source] of [
    ['an import', "import { build } from 'esbuild';"],
    ['an import of a part', "import { register } from 'tsx/esm/api';"],
    ['a text that is resolved', "createRequire(import.meta.url).resolve('tsx')"],
    ['a flag of a child', "spawn(process.execPath, ['--import', 'tsx', file])"],
    ['an import at run time', 'await import("vega-datasets")'],
  ] as const) {
    it(`sees a development dependency in ${how}`, () => {
      expect(packagesNamed(source, developmentOnly)).to.have.length(1);
    });
  }

  it('takes a name within a word or a path for none', () => {
    const harmless = "import './tsx-like.ts'; const what = 'esbuilder'; // esbuild makes public/";
    expect(packagesNamed(harmless, developmentOnly)).to.deep.equal([]);
  });

  it('holds nothing that production files do not name', () => {
    const all = production.map(read).join('\n');
    const dependencies = Object.keys(manifest.dependencies);
    expect(packagesNamed(all, dependencies)).to.deep.equal(dependencies);
  });

  it('holds no development dependency on behalf of another package', () => {
    const held = developmentOnly.filter((name) => {
      const entry = lock.packages[`node_modules/${name}`];
      return entry?.dev !== true && entry?.devOptional !== true;
    });
    expect(held).to.deep.equal([]);
  });

  it('is enough for the commands of an operator', () => {
    for (const name of ['start', 'demo', 'circuits']) {
      const words = (manifest.scripts[name] ?? '').split(' ');
      expect(words[0]).to.equal('node');
      expect(words.filter((word) => developmentOnly.includes(word))).to.deep.equal([]);
    }
  });
});
