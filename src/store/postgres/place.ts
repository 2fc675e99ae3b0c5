import { createHash } from 'node:crypto';
import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { OperationalError } from '../../base/operational-error.ts';
import { canReach, type ServerAccount } from './server-account.ts';

const systemFolder = '/var/lib/data-exchange-ledger';

/**
 * The folder that holds the cluster, its log and its start lock: `dataDir` itself or, where we are
 * root and the server's account cannot reach it, a folder of its own under /var/lib.
 */
export async function preparePlace(
  dataDir: string,
  account: ServerAccount | null,
): Promise<string> {
  const wanted = path.resolve(dataDir);
  try {
    if (account === null || (await canReach(await nearestExisting(wanted), account))) {
      await mkdir(wanted, { recursive: true, mode: 0o755 });
      return wanted;
    }
    const name = createHash('sha256').update(wanted).digest('hex').slice(0, 16);
    const place = path.join(systemFolder, name);
    await mkdir(place, { recursive: true, mode: 0o755 });
    return place;
  } catch (cause) {
    throw new OperationalError(
      'POSTGRES_DATA_DIR',
      `The data folder ${wanted} cannot be made (${(cause as Error).message}). Give another ` +
        'data folder, or free its disk and permissions.',
      { cause },
    );
  }
}

async function nearestExisting(folder: string): Promise<string> {
  for (let current = folder; ; current = path.dirname(current)) {
    const found = await stat(current).catch(() => null);
    if (found?.isDirectory()) return current;
    if (found !== null) throw new Error(`${current} is not a folder`);
    if (path.dirname(current) === current) return current;
  }
}
