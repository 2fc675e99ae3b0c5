/**
 * All code as plain JavaScript in a folder beside the source, for the run of all tests. They start
 * some hundreds of processes and threads, and each that reads TypeScript itself spends two seconds on
 * it where one that need not spends less than one. Types are blanked out, so that lines and columns
 * of a stack trace are those of the source.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import wasm from '@swc/wasm-typescript';
import { projectRoot, sourceFiles } from '../support/source-files.ts';

/** The rest of the project stands there as links. */
const code = ['bench', 'bin', 'scripts', 'src', 'test'];

/** Names of modules as the house writes them: whole literals, of imports and of addresses alike. */
const moduleName = /(['"`])([\w${}./-]+)\.ts\1/g;

/** Begins the reading of TypeScript, of which there is none here. */
const reader = 'src/strip-types/';

function plain(file: string): string | Buffer {
  if (file.startsWith(reader)) return '';
  if (file === 'bin/dxl.mjs') return '#!/usr/bin/env node\nawait import("../src/cli/main.js");\n';
  if (file.endsWith('thread.mjs'))
    return "import { workerData } from 'node:worker_threads';\nawait import(workerData.module);\n";
  const bytes = readFileSync(join(projectRoot, file));
  if (!/\.(ts|mjs|cjs)$/.test(file)) return bytes;
  const text = bytes.toString('utf8');
  const stripped = file.endsWith('.ts')
    ? wasm.transformSync(text, { filename: file, mode: 'strip-only', module: true }).code
    : text;
  return stripped.replaceAll(moduleName, '$1$2.js$1');
}

/** Makes it anew; returns its folder. */
export function makeImage(): string {
  const folder = join(projectRoot, '.data/test/image');
  rmSync(folder, { recursive: true, force: true });
  for (const file of sourceFiles(code).filter((name) => !name.endsWith('.d.ts'))) {
    const to = join(folder, file.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(to, plain(file), { mode: 0o755 });
  }
  for (const name of readdirSync(projectRoot)) {
    if (!code.includes(name)) symlinkSync(join(projectRoot, name), join(folder, name));
  }
  return folder;
}
