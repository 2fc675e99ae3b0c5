/** Modules for browsers, bundled from src/browser at first use and kept. */
import { build, type Plugin } from 'esbuild';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { assert } from '../base/assert.ts';

export interface BrowserFile {
  readonly text: string;
  readonly bytes: number;
  /** Hex. The same source and the same esbuild give the same bytes. */
  readonly sha256: string;
}

const verifierAddress = '/verifier.js';

const entryOf = (name: string): string =>
  fileURLToPath(new URL(`../browser/${name}.ts`, import.meta.url));

/** The page loads the verifier that others load, too, and whose hash it names. */
const verifierApart: Plugin = {
  name: 'verifier-apart',
  setup: (building) => {
    building.onResolve({ filter: /\/verifier\.ts$/ }, ({ kind }) =>
      kind === 'entry-point' ? undefined : { path: verifierAddress, external: true },
    );
  },
};

async function bundle(name: 'verifier' | 'page'): Promise<BrowserFile> {
  const { outputFiles } = await build({
    entryPoints: [entryOf(name)],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    charset: 'utf8',
    minify: name === 'verifier',
    legalComments: 'none',
    logLevel: 'silent',
    plugins: [verifierApart],
    banner: { js: '// Data Exchange Ledger, GPL-3.0-or-later; source: src/browser' },
  });
  const [file] = outputFiles;
  assert(file, 'one entry makes one file');
  const { text, contents } = file;
  const sha256 = createHash('sha256').update(contents).digest('hex');
  return { text, bytes: contents.length, sha256 };
}

const files = new Map<string, Promise<BrowserFile>>();

function once(name: 'verifier' | 'page'): Promise<BrowserFile> {
  const known = files.get(name);
  if (known) return known;
  const made = bundle(name);
  files.set(name, made);
  // A failure is told to who asked; the next one tries anew.
  made.catch(() => files.delete(name));
  return made;
}

/** `/verifier.js`: every verifier, as an ES module. About half a second at first. */
export const verifierFile = (): Promise<BrowserFile> => once('verifier');

/** What the page /verify does. */
export const verifyPageFile = (): Promise<BrowserFile> => once('page');
