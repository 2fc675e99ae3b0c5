import { readdirSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';

export const projectRoot = resolve(import.meta.dirname, '../..');

/** Files below these folders of the project, as sorted paths from its root with `/`. */
export function sourceFiles(folders: readonly string[]): string[] {
  return folders
    .flatMap((folder) =>
      readdirSync(join(projectRoot, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) =>
          relative(projectRoot, join(entry.parentPath, entry.name)).replaceAll(sep, '/'),
        ),
    )
    .sort((left, right) => (left < right ? -1 : 1));
}
