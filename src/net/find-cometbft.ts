import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { OperationalError } from '../base/operational-error.ts';

export const cometInstallCommand =
  'CGO_ENABLED=0 go install github.com/cometbft/cometbft/cmd/cometbft@v0.38.25';

const cacheBin = fileURLToPath(new URL('../../.data/cache/bin/', import.meta.url));

/** Those that the network tests were run on: docs/comet.md names which. */
const versionsKnown = /^0\.(38|39)\./;

/**
 * The CometBFT program: of the project's cache in `folder`, or else by its name on PATH. Throws
 * OperationalError COMET_MISSING, or COMET_VERSION where there are only others than v0.38 and v0.39,
 * with the line that installs it.
 */
export async function findCometbft(folder = cacheBin, name = 'cometbft'): Promise<string> {
  const others: string[] = [];
  for (const program of [path.join(folder, name), name]) {
    const version = await versionOf(program);
    if (version === null) continue;
    if (versionsKnown.test(version)) return program;
    others.push(`${program} is ${version}`);
  }
  const remedy = `Run scripts/install-cometbft.sh, or install it by Go: ${cometInstallCommand}`;
  if (others.length > 0) {
    const problem = `This ledger runs beside CometBFT v0.38 and v0.39; ${others.join(', ')}.`;
    throw new OperationalError('COMET_VERSION', `${problem} ${remedy}`);
  }
  throw new OperationalError(
    'COMET_MISSING',
    `CometBFT is neither on PATH nor in ${folder}. ${remedy}`,
  );
}

/** null where it is not there or does not run. */
async function versionOf(program: string): Promise<string | null> {
  try {
    if (path.isAbsolute(program)) await access(program, constants.X_OK);
    const { stdout } = await promisify(execFile)(program, ['version'], { timeout: 10_000 });
    return stdout.trim();
  } catch {
    return null;
  }
}
