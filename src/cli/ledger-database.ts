/** What commands that work on the ledger of this machine share: its folder, database and genesis. */
import type { Command } from 'commander';
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

/** The database of DATABASE_URL, or the folder's own: adopted where it runs, else started and stopped. */
export async function withDatabase<Result>(
  config: Config,
  use: (url: string) => Promise<Result>,
): Promise<Result> {
  if (config.databaseUrl !== null) return use(config.databaseUrl);
  const [{ startPostgres }, { dataFolder }] = await Promise.all([
    import('../store/postgres/start.ts'),
    import('../node/data-folder.ts'),
  ]);
  const { databaseDir } = dataFolder(config.dataDir);
  const postgres = await startPostgres({ dataDir: databaseDir, log: remark });
  try {
    return await use(postgres.url);
  } finally {
    if (!postgres.adopted) await postgres.stop();
  }
}
