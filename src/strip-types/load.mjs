// The module hook `load`: TypeScript of this product is given to Node without its types. They are
// replaced by blanks, so that lines and columns of a stack trace are those of the source.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import wasm from '@swc/wasm-typescript';

/** Packages ship JavaScript: what lies in node_modules is Node's own affair. */
const isOurs = (url) =>
  url.startsWith('file:') && /\.ts(\?|$)/.test(url) && !url.includes('/node_modules/');

function withoutTypes(url) {
  const filename = fileURLToPath(url);
  const { code } = wasm.transformSync(readFileSync(filename, 'utf8'), {
    filename,
    mode: 'strip-only',
    module: true,
  });
  return { format: 'module', shortCircuit: true, source: code };
}

/** Of a thread that runs hooks for another (Node 20). */
export async function load(url, context, nextLoad) {
  return isOurs(url) ? withoutTypes(url) : nextLoad(url, context);
}

/** Of the thread that imports (Node 22.15 and later). */
export function loadSync(url, context, nextLoad) {
  return isOurs(url) ? withoutTypes(url) : nextLoad(url, context);
}
