import { access, constants } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { OperationalError } from '../base/operational-error.ts';

export const cometInstallCommand =
  'CGO_ENABLED=0 go install github.com/cometbft/cometbft/cmd/cometbft@v0.38.25';

const cacheBin = fileURLToPath(new URL('../../.data/cache/bin/', import.meta.url));

/**
 * Path of the CometBFT program: in the project's cache, or else in a folder of `searchPath` (the
 * PATH of the environment). Throws OperationalError COMET_MISSING with the line that installs it.
 */
export async function findCometbft(searchPath: string): Promise<string> {
  const folders = [cacheBin, ...searchPath.split(path.delimiter).filter((part) => part !== '')];
  for (const folder of folders) {
    const file = path.join(folder, 'cometbft');
    const runs = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (runs) return file;
  }
  throw new OperationalError(
    'COMET_MISSING',
    `CometBFT is neither on PATH nor in ${cacheBin}. Run scripts/install-cometbft.sh, or install ` +
      `it by Go: ${cometInstallCommand}`,
  );
}
