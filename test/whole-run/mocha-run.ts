/** How a run on the image calls mocha: what `npm test` and `npm run stress` have in common. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { projectRoot } from '../support/source-files.ts';
import { isOnSource } from './order.ts';

/**
 * Arguments of `node` for mocha with these test files, paths from the project's root, each on the image
 * where it can be. `options` are mocha's own.
 */
export function mochaRun(
  image: string,
  files: readonly string[],
  options: readonly string[],
): string[] {
  const reader = pathToFileURL(join(projectRoot, 'src/strip-types/register.mjs')).href;
  return [
    ...['--import', reader, join(projectRoot, 'node_modules/mocha/bin/mocha.js')],
    ...['--no-config', '--forbid-only', '--exit', '--timeout', '300000'],
    ...['--require', onImage(image, 'test/support/hooks.ts')],
    ...options,
    ...files.map((file) => (isOnSource(file) ? join(projectRoot, file) : onImage(image, file))),
  ];
}

export const onImage = (image: string, file: string): string =>
  join(image, file.replace(/\.ts$/, '.js'));
