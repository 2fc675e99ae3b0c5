import { readFileSync, readdirSync } from 'node:fs';
import { parentOf } from '../proc-stat.ts';

/** The highest resident set that a process has had, as Linux keeps it; 0 of one that has ended. */
export function residentPeakMiBOf(pid: number): number {
  const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`)) ?? [];
  return Number(kibibytes ?? 0) / 1_024;
}

/** Of children of this process whose command line names the file. Throws where there is none. */
export function childRunning(file: string): number {
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name) || !read(`/proc/${name}/cmdline`).includes(file)) continue;
    const stat = read(`/proc/${name}/stat`);
    if (stat !== '' && parentOf(stat) === process.pid) return Number(name);
  }
  throw new Error(`no child of this process runs ${file}`);
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // It has ended.
    return '';
  }
}
