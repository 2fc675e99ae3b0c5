import { build, type Plugin } from 'esbuild';
import { fileURLToPath } from 'node:url';
import type { GeneratedFile } from './generated-files.ts';

const entryOf = (name: string): string =>
  fileURLToPath(new URL(`../src/browser/${name}.ts`, import.meta.url));

/** The page loads the verifier that others load, too, and whose hash it names. */
const verifierApart: Plugin = {
  name: 'verifier-apart',
  setup: (building) => {
    building.onResolve({ filter: /\/verifier\.ts$/ }, ({ kind }) =>
      kind === 'entry-point' ? undefined : { path: '/verifier.js', external: true },
    );
  },
};

/** A module of src/browser as one file. The same source and the same esbuild give the same bytes. */
export async function browserBundle(name: 'verifier' | 'page'): Promise<string> {
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
  if (!file) throw new Error(`esbuild made no file of src/browser/${name}.ts`);
  return file.text;
}

/** What a node serves as it stands: bundled here, so that no exchange needs a bundler. */
export const browserFiles = async (): Promise<readonly GeneratedFile[]> => [
  { path: 'public/verifier.js', content: await browserBundle('verifier') },
  { path: 'public/verify.js', content: await browserBundle('page') },
];
