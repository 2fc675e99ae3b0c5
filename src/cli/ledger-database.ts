/** What commands that work on the ledger of this machine share: its folder, database and genesis. */
import type { Command } from 'commander';
import { setTimeout as delay } from 'node:timers/promises';
import { OperationalError } from '../base/operational-error.ts';
import type { Config } from '../config.ts';
import { readCommon } from './options.ts';
import { remark } from './output.ts';

export interface LedgerOptions {
  readonly dataDir?: string;
  readonly genesis?: string;
}

/** Settings with what the command line says of the ledger. */
export async function readLedgerOptions(
  options: LedgerOptions,
  command: Command,
): Promise<{ readonly config: Config; readonly json: boolean }> {
  const { config, json } = await readCommon(command);
  return {
    json,
    config: {
      ...config,
      dataDir: options.dataDir ?? config.dataDir,
      genesisPath: options.genesis ?? config.genesisPath,
    },
  };
}

/** How long a node that is just starting may take until its database answers. */
const joinMsMax = 60_000;

/**
 * The database of DATABASE_URL, or the folder's own: that of the node that runs on it, which is
 * neither started nor stopped; else the folder is taken, and the database started and stopped. Throws
 * OperationalError DATA_FOLDER_IN_USE where another command has it, and DATABASE_NOT_JOINED.
 */
export async function withDatabase<Result>(
  config: Config,
  commandName: string,
  use: (url: string) => Promise<Result>,
): Promise<Result> {
  if (config.databaseUrl !== null) return use(config.databaseUrl);
  const [{ joinPostgres, startPostgres }, { dataFolder }, { inUse, tryHoldFolder }] =
    await Promise.all([
      import('../store/postgres/start.ts'),
      import('../node/data-folder.ts'),
      import('../node/folder-hold.ts'),
    ]);
  const { databaseDir } = dataFolder(config.dataDir);
  for (const givesUpAtMs = Date.now() + joinMsMax; ;) {
    const hold = await tryHoldFolder(config.dataDir, commandName);
    if ('release' in hold) {
      try {
        const postgres = await startPostgres({ dataDir: databaseDir, log: remark });
        return await use(postgres.url).finally(async () => {
          if (!postgres.adopted) await postgres.stop();
        });
      } finally {
        await hold.release();
      }
    }
    if (!servesOthers.has(hold.command)) throw inUse(config.dataDir, hold);
    const url = await joinPostgres(databaseDir);
    if (url !== null) return use(url);
    if (Date.now() > givesUpAtMs) throw notJoined(config.dataDir, hold.pid);
    await delay(100);
  }
}

/** Commands whose database others may read beside them. */
const servesOthers = new Set(['node', 'demo']);

const notJoined = (dataDir: string, pid: number): OperationalError =>
  new OperationalError(
    'DATABASE_NOT_JOINED',
    `The node on ${dataDir} (process ${pid}) runs no database of the folder's own that answers. ` +
      'Where it has another, name that in DATABASE_URL as it does; else wait until it is ready.',
  );
