import { readFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import { openApiDocument } from '../src/api/openapi.ts';
import type { Registry } from '../src/chain/machine/registry.ts';
import { dossierJsonSchema, withReference } from './dossier-reference.ts';
import { proofFileSchemas } from '../src/proof/schema.ts';
import { errorsPage } from './errors-page.ts';
import { jsonSchemaText } from './json-schema.ts';
import { transactionsPage } from './transactions-page.ts';

export interface GeneratedFile {
  /** From the project's root. */
  readonly path: string;
  readonly content: string;
}

/** What of docs/ follows from the registry alone, laid out as Prettier does. */
export async function registryFiles(
  registry: Registry,
  version: string,
): Promise<readonly GeneratedFile[]> {
  const files = [
    {
      path: 'docs/openapi.json',
      content: JSON.stringify(openApiDocument(registry, version), null, 2),
    },
    { path: 'docs/errors.md', content: errorsPage(registry) },
    { path: 'docs/transactions.md', content: transactionsPage(registry) },
    { path: 'docs/dossier.schema.json', content: dossierJsonSchema() },
    {
      path: 'docs/proof.schema.json',
      content: jsonSchemaText('dxl-proof', { anyOf: Object.values(proofFileSchemas) }),
    },
    { path: 'docs/dossier.md', content: withReference((await readText('docs/dossier.md')) ?? '') },
  ];
  return Promise.all(files.map(layOut));
}

async function layOut({ path, content }: GeneratedFile): Promise<GeneratedFile> {
  const config = await resolveConfig(path);
  return { path, content: await format(content, { ...config, filepath: path }) };
}

export const diagramMarkers = {
  begin: '<!-- boundary-diagram:begin -->',
  end: '<!-- boundary-diagram:end -->',
} as const;

/**
 * The page with `diagram` between its markers, or null where it has none.
 * @throws Error where only one of the markers is there, or they are in the wrong order.
 */
export function withDiagram(page: string, diagram: string): string | null {
  const begin = page.indexOf(diagramMarkers.begin);
  const end = page.indexOf(diagramMarkers.end);
  if (begin < 0 && end < 0) return null;
  if (begin < 0 || end < begin) {
    throw new Error(`${diagramMarkers.begin} and ${diagramMarkers.end} belong together, in order`);
  }
  const head = page.slice(0, begin + diagramMarkers.begin.length);
  return `${head}\n\n${diagram.trim()}\n\n${page.slice(end)}`;
}

/** null where the file is not there. */
export const readText = async (path: string): Promise<string | null> =>
  readFile(path, 'utf8').catch((error: unknown) => {
    if ((error as { code?: unknown }).code === 'ENOENT') return null;
    throw error;
  });
