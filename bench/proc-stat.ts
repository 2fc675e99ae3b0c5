/** Linux's own account of a process or thread, of proc_pid_stat(5). */

/** Clock ticks are a hundredth of a second on Linux. */
const ticksPerSecond = 100;

/** Fields after the name, which may hold spaces and brackets; the first is number 3, the state. */
const fieldsOf = (stat: string): string[] => stat.slice(stat.lastIndexOf(')') + 2).split(' ');

/** Fields 14 and 15: user and system time. Zero of an empty text. */
export function cpuSecondsOf(stat: string): number {
  const fields = fieldsOf(stat);
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / ticksPerSecond;
}

/** Fields 16 and 17: of children that have ended and were waited for. */
export function endedChildrenCpuSecondsOf(stat: string): number {
  const fields = fieldsOf(stat);
  return (Number(fields[13] ?? 0) + Number(fields[14] ?? 0)) / ticksPerSecond;
}

/** Field 4: the process that started it. */
export const parentOf = (stat: string): number => Number(fieldsOf(stat)[1] ?? 0);
