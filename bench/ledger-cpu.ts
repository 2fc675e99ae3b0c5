/** CPU time that a ledger in process is paid with, by who spent it; of /proc, zeros where there is none. */
import { readdir, readFile } from 'node:fs/promises';
import { cpuSecondsOf, endedChildrenCpuSecondsOf, parentOf } from './proc-stat.ts';

export interface LedgerCpu {
  /** The one that executes: this process' main thread, with its share of collecting garbage. */
  readonly executing: number;
  /** Verification, the writer of blocks and the runtime's helpers. */
  readonly otherThreads: number;
  readonly postgres: number;
}

const statOf = (path: string): Promise<string> =>
  readFile(`/proc/${path}/stat`, 'utf8').catch(() => '');

/** @param postmaster process id of the database server. In seconds since their starts. */
export async function ledgerCpuSeconds(postmaster: number): Promise<LedgerCpu> {
  const executing = cpuSecondsOf(await statOf(`self/task/${process.pid}`));
  const all = cpuSecondsOf(await statOf('self'));
  return { executing, otherThreads: all - executing, postgres: await postgresSeconds(postmaster) };
}

async function postgresSeconds(postmaster: number): Promise<number> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^[0-9]+$/.test(name));
  const stats = await Promise.all(pids.map(statOf));
  const server = await statOf(String(postmaster));
  return stats
    .filter((stat) => parentOf(stat) === postmaster)
    .reduce(
      (sum, stat) => sum + cpuSecondsOf(stat),
      cpuSecondsOf(server) + endedChildrenCpuSecondsOf(server),
    );
}
