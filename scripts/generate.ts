/**
 * Writes what of docs/ and public/ follows from the source. With --check it writes nothing, names every file
 * that is stale, and exits with 1 if there is one. Runs from the project's root.
 */
import { writeFile } from 'node:fs/promises';
import { registry } from '../src/chain/rooms.ts';
import { browserFiles } from './browser-bundles.ts';
import { boundaryDiagram } from './diagram.ts';
import {
  diagramMarkers,
  readText,
  registryFiles,
  withDiagram,
  type GeneratedFile,
} from './generated-files.ts';

const architecture = 'docs/architecture.md';

async function generatedFiles(): Promise<readonly GeneratedFile[]> {
  const manifest = JSON.parse((await readText('package.json')) ?? '{}') as { version: string };
  const files = [...(await registryFiles(registry, manifest.version)), ...(await browserFiles())];
  const page = await readText(architecture);
  const content = page === null ? null : withDiagram(page, await boundaryDiagram());
  if (content !== null) return [...files, { path: architecture, content }];
  process.stderr.write(`${architecture} has no ${diagramMarkers.begin}: no diagram is written.\n`);
  return files;
}

const check = process.argv.includes('--check');
const stale: string[] = [];
for (const { path, content } of await generatedFiles()) {
  if ((await readText(path)) === content) continue;
  stale.push(path);
  if (!check) await writeFile(path, content);
}
for (const path of stale) process.stdout.write(`${check ? 'stale' : 'written'}: ${path}\n`);
if (check && stale.length > 0) {
  process.stdout.write('Run `npm run generate` and commit what it writes.\n');
  process.exitCode = 1;
}
