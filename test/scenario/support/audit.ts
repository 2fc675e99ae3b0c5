import { checkLedger } from '../../../src/chain/fsck/check-ledger.ts';
import type { FsckReport } from '../../../src/chain/fsck/report.ts';
import { exchangeParts } from '../../../src/chain/rooms.ts';
import { brokenMoneyInvariants } from '../../../src/cli/money-audit.ts';
import { loadVerificationKeys, proofVerifierOf } from '../../../src/node/verification-keys.ts';
import { openAuditReader } from '../../../src/store/audit-reader.ts';
import type { TestExchange } from './exchange.ts';

/** The audit of `dxl fsck`, over a snapshot of the database, beside the running node. */
export async function audit({
  config,
  genesis,
  folder,
}: Pick<TestExchange, 'config' | 'genesis' | 'folder'>): Promise<FsckReport> {
  const keys = await loadVerificationKeys(genesis, true, folder);
  const reader = await openAuditReader(config.databaseUrl ?? '');
  try {
    return await checkLedger({
      reader,
      genesis,
      parts: { ...exchangeParts, verifyProof: proofVerifierOf(keys) },
      invariants: brokenMoneyInvariants,
    });
  } finally {
    await reader.close();
  }
}
