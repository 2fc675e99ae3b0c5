/**
 * Removes from node_modules what packages ship and an exchange never reads: source maps, and the
 * tests of packages. `npm ci --omit=dev && npm run trim`; `npm ci` brings it all back.
 * Plain JavaScript of Node alone, so that it runs where only dependencies are installed.
 */
import { existsSync, lstatSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(process.argv[2] ?? join(import.meta.dirname, '..'));
const modules = join(root, 'node_modules');

/** Folders of a package's own root; deeper ones may be code (`lib/test`). */
const testFolders = new Set(['test', 'tests', '__tests__']);

function sizeOf(path) {
  if (!statSync(path).isDirectory()) return statSync(path).size;
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}

/** Paths under `folder` that can go; links are not followed. */
function* superfluous(folder) {
  const isPackage = existsSync(join(folder, 'package.json'));
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const entry = lstatSync(path);
    if (entry.isDirectory()) {
      const isTests = isPackage && testFolders.has(name);
      if (isTests) yield path;
      else yield* superfluous(path);
    } else if (entry.isFile() && name.endsWith('.map')) yield path;
  }
}

function trim() {
  if (!existsSync(modules)) return `${modules} is not there: run npm ci --omit=dev first.`;
  if (existsSync(join(modules, 'mocha'))) {
    return 'Here the tests are installed, and this is no exchange: run npm ci --omit=dev first.';
  }
  let [paths, bytes] = [0, 0];
  for (const path of [...superfluous(modules)]) {
    bytes += sizeOf(path);
    rmSync(path, { recursive: true });
    paths += 1;
  }
  process.stdout.write(`${paths} source maps and test folders removed, ${bytes >> 20} MiB.\n`);
  return null;
}

const refusal = trim();
if (refusal !== null) {
  process.stderr.write(`${refusal}\n`);
  process.exitCode = 1;
}
