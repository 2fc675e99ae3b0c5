import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const tsx = (): string => pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

/** What Node needs to run a file of the tests; nothing from the image, which is JavaScript already. */
export const loader: readonly string[] = import.meta.filename.endsWith('.ts')
  ? ['--import', tsx()]
  : [];
