import { readFile } from 'node:fs/promises';
import { isAlive } from '../../disk/is-alive.ts';

/**
 * Whether a running process can be the postmaster of `cluster`. Only Linux can deny it: after a
 * restart of the machine or its container the number in postmaster.pid may belong to somebody
 * else, or to a dead process that nobody has waited for (whose command line is empty).
 */
export async function mayBePostmaster(pid: number, cluster: string): Promise<boolean> {
  if (!isAlive(pid)) return false;
  if (process.platform !== 'linux') return true;
  try {
    const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0');
    return words.includes(cluster);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES';
  }
}
