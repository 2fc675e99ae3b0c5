import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { OperationalError } from '../base/operational-error.ts';

export const cometInstallCommand =
  'CGO_ENABLED=0 go install github.com/cometbft/cometbft/cmd/cometbft@v0.38.25';

const cacheBin = fileURLToPath(new URL('../../.data/cache/bin/', import.meta.url));

/**
 * The CometBFT program: of the project's cache in `folder`, or else by its name on PATH. Throws
 * OperationalError COMET_MISSING with the line that installs it.
 */
export async function findCometbft(folder = cacheBin, name = 'cometbft'): Promise<string> {
  const cached = path.join(folder, name);
  for (const program of [cached, name]) if (await runs(program)) return program;
  throw new OperationalError(
    'COMET_MISSING',
    `CometBFT is neither on PATH nor in ${folder}. Run scripts/install-cometbft.sh, or install ` +
      `it by Go: ${cometInstallCommand}`,
  );
}

async function runs(program: string): Promise<boolean> {
  try {
    if (path.isAbsolute(program)) await access(program, constants.X_OK);
    await promisify(execFile)(program, ['version'], { timeout: 10_000 });
    return true;
  } catch {
    return false;
  }
}
