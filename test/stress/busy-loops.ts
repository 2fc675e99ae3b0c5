/** Processes that do nothing but take processor time, so that whoever waits has to wait longer. */
import { spawn, type ChildProcess } from 'node:child_process';

/** Ends with its parent, whatever becomes of that: it looks up now and then. */
const loop = `
  const parent = process.ppid;
  while (process.ppid === parent) for (let n = 0; n < 1e8; n += 1);
`;

export class BusyLoops {
  readonly #children: readonly ChildProcess[];

  constructor(count: number) {
    this.#children = Array.from({ length: count }, () =>
      spawn(process.execPath, ['-e', loop], { stdio: 'ignore' }),
    );
  }

  stop(): void {
    for (const child of this.#children) child.kill('SIGKILL');
  }
}
