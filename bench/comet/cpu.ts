/** CPU time that processes have used, of /proc: what a figure was paid with. */
import { readdir, readFile } from 'node:fs/promises';
import { cpuSecondsOf } from '../proc-stat.ts';

export interface CpuSeconds {
  readonly application: number;
  readonly cometbft: number;
  readonly postgres: number;
  readonly generator: number;
}

/** @param folder of the network; @param databases their names. Zeros where there is no /proc. */
export async function cpuSeconds(
  folder: string,
  databases: readonly string[],
): Promise<CpuSeconds> {
  const used = { application: 0, cometbft: 0, postgres: 0, generator: 0 };
  const names = await readdir('/proc').catch(() => []);
  for (const name of names.filter((each) => /^[0-9]+$/.test(each))) {
    const read = (file: string) => readFile(`/proc/${name}/${file}`, 'utf8').catch(() => '');
    const [stat, line] = await Promise.all([read('stat'), read('cmdline')]);
    const part = partOf(Number(name), line, folder, databases);
    if (part) used[part] += cpuSecondsOf(stat);
  }
  return used;
}

function partOf(
  pid: number,
  line: string,
  folder: string,
  databases: readonly string[],
): keyof CpuSeconds | null {
  if (pid === process.pid) return 'generator';
  if (line.startsWith('postgres:') && databases.some((name) => line.includes(name)))
    return 'postgres';
  if (!line.includes(folder)) return null;
  return line.includes('validator-main') ? 'application' : 'cometbft';
}
