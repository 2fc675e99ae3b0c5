/** `dxl fsck`, put together: the ledger of a data folder or a database, audited by this release. */
import path from 'node:path';
import { checkLedger } from '../chain/fsck/check-ledger.ts';
import type { FsckReport } from '../chain/fsck/report.ts';
import { exchangeParts } from '../chain/rooms.ts';
import type { Config } from '../config.ts';
import { dataFolder, type DataFolder } from '../node/data-folder.ts';
import { readGenesis } from '../node/make-genesis.ts';
import { loadVerificationKeys, proofVerifierOf } from '../node/verification-keys.ts';
import { openAuditReader } from '../store/audit-reader.ts';
import { startPostgres } from '../store/postgres/start.ts';
import { brokenInvariants } from './ledger-invariants.ts';

export type AuditConfig = Pick<Config, 'dataDir' | 'databaseUrl' | 'genesisPath' | 'development'>;

/**
 * Reads in one snapshot and writes nothing, beside a running node or without one: an embedded
 * PostgreSQL that does not run is started for the audit and stopped after it.
 */
export async function auditLedger(
  config: AuditConfig,
  onProgress: (height: number, of: number) => void,
): Promise<FsckReport> {
  const folder = dataFolder(config.dataDir);
  const genesis = await readGenesis(config.genesisPath ?? folder.genesisFile);
  const keysDir = path.join(folder.root, 'circuit-keys');
  const keys = await loadVerificationKeys(genesis, config.development, keysDir);
  const database = await openDatabase(config, folder);
  try {
    const reader = await openAuditReader(database.url);
    try {
      return await checkLedger({
        reader,
        genesis,
        parts: { ...exchangeParts, verifyProof: proofVerifierOf(keys) },
        invariants: brokenInvariants,
        onProgress,
      });
    } finally {
      await reader.close();
    }
  } finally {
    await database.release();
  }
}

interface Database {
  readonly url: string;
  readonly release: () => Promise<void>;
}

async function openDatabase(config: AuditConfig, folder: DataFolder): Promise<Database> {
  if (config.databaseUrl !== null) {
    return { url: config.databaseUrl, release: () => Promise.resolve() };
  }
  const postgres = await startPostgres({ dataDir: folder.databaseDir, log: () => undefined });
  return {
    url: postgres.url,
    release: () => (postgres.adopted ? Promise.resolve() : postgres.stop()),
  };
}
