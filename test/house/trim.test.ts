import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const program = resolve(import.meta.dirname, '../../scripts/trim.mjs');

describe('npm run trim', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'dxl-trim-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const put = (...paths: readonly string[]): void => {
    for (const path of paths) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), 'x');
    }
  };
  const run = () => spawnSync(process.execPath, [program, folder], { encoding: 'utf8' });
  const left = (paths: readonly string[]): readonly string[] =>
    paths.filter((path) => existsSync(join(folder, path)));

  it('removes source maps and packages’ own tests, also of packages in packages', () => {
    const removed = [
      'node_modules/a/build/a.js.map',
      'node_modules/a/test/data.bin',
      'node_modules/@s/b/tests/b.test.js',
      'node_modules/a/node_modules/c/__tests__/c.js',
    ];
    const kept = [
      'node_modules/a/package.json',
      'node_modules/a/build/a.js',
      'node_modules/@s/b/package.json',
      'node_modules/a/node_modules/c/package.json',
      'src/page.js.map',
    ];
    put(...removed, ...kept);
    const { status, stdout } = run();
    expect([status, stdout]).to.deep.equal([0, '4 source maps and test folders removed, 0 MiB.\n']);
    expect(left(removed)).to.deep.equal([]);
    expect(left(kept)).to.deep.equal(kept);
  });

  it('leaves code in a folder of that name, a package of that name, and what links point to', () => {
    const kept = [
      'node_modules/a/package.json',
      'node_modules/a/lib/test/code.js',
      'node_modules/test/package.json',
      'node_modules/test/index.js',
      'elsewhere/package.json',
      'elsewhere/test/own.js',
      'elsewhere/own.js.map',
    ];
    put(...kept);
    symlinkSync(join(folder, 'elsewhere'), join(folder, 'node_modules/linked'), 'dir');
    expect(run().status).to.equal(0);
    expect(left(kept)).to.deep.equal(kept);
  });

  it('refuses where the tests are installed, and where nothing is', () => {
    expect([run().status, run().stderr]).to.satisfy(
      ([status, text]: [number, string]) => status === 1 && text.includes('npm ci --omit=dev'),
    );
    put('node_modules/mocha/package.json', 'node_modules/a/a.js.map');
    expect([run().status, run().stderr]).to.satisfy(
      ([status, text]: [number, string]) => status === 1 && text.includes('no exchange'),
    );
    expect(left(['node_modules/a/a.js.map'])).to.have.length(1);
  });
});
