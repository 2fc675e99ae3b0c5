/** Processes that outlive this one, known by pid files that also say when they began. */
import { spawn } from 'node:child_process';
import { openSync, closeSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { OperationalError } from '../base/operational-error.ts';

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly logFile: string;
  readonly pidFile: string;
}

interface PidRecord {
  readonly pid: number;
  /** Of /proc, where there is one: another process with the same number has another. */
  readonly startedAt: string | null;
}

/** Starts the program on its own; refuses where its pid file names a living process. */
export async function startProcess(command: Command): Promise<number> {
  const running = await findProcess(command.pidFile);
  if (running !== null) return running;
  const log = openSync(command.logFile, 'a');
  try {
    const child = spawn(command.program, command.args, {
      detached: true,
      stdio: ['ignore', log, log],
    });
    const { pid } = child;
    if (pid === undefined) {
      const cause = await new Promise((resolve) => child.once('error', resolve));
      const why = (cause as Error).message;
      throw new OperationalError('NET_START', `${command.program} does not start: ${why}`, {
        cause,
      });
    }
    child.unref();
    const record: PidRecord = { pid, startedAt: await startOf(pid) };
    // Whole or not at all: others read it while they wait for the end.
    const unfinished = `${command.pidFile}.new`;
    await writeFile(unfinished, `${JSON.stringify(record)}\n`);
    await rename(unfinished, command.pidFile);
    return pid;
  } finally {
    closeSync(log);
  }
}

/**
 * Id of the living process that the pid file names; null where there is none. Throws
 * OperationalError NET_PID_FILE where the file was damaged.
 */
export async function findProcess(pidFile: string): Promise<number | null> {
  const text = await readFile(pidFile, 'utf8').catch(() => null);
  if (text === null) return null;
  const { pid, startedAt } = readRecord(text, pidFile);
  if (!isAlive(pid)) return null;
  const start = await startOf(pid);
  return start === startedAt && start !== 'zombie' ? pid : null;
}

function readRecord(text: string, pidFile: string): PidRecord {
  try {
    const { pid, startedAt } = JSON.parse(text) as Partial<PidRecord>;
    // 0 and below would name whole groups of processes.
    if (Number.isSafeInteger(pid) && Number(pid) > 0 && startedAt !== undefined) {
      return { pid: Number(pid), startedAt };
    }
  } catch {
    // The error below says it.
  }
  throw new OperationalError(
    'NET_PID_FILE',
    `${pidFile} names no process. End the process that it was of, if it still runs, and remove it.`,
  );
}

/** Sends a signal; false where the process is gone. */
export async function signalProcess(pidFile: string, signal: NodeJS.Signals): Promise<boolean> {
  const pid = await findProcess(pidFile);
  if (pid === null) return false;
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    // It ended by itself in between: CometBFT does where its application goes.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/**
 * SIGTERM (and SIGCONT for a stopped one), then after `graceMs` SIGKILL; waits for the end. A node that
 * writes its last block on a busy machine needs some seconds.
 */
export async function endProcess(pidFile: string, graceMs = 30_000): Promise<void> {
  if (await signalProcess(pidFile, 'SIGTERM')) {
    await signalProcess(pidFile, 'SIGCONT');
    if (!(await waitForEnd(pidFile, graceMs))) {
      await signalProcess(pidFile, 'SIGKILL');
      await waitForEnd(pidFile);
    }
  }
  await rm(pidFile, { force: true });
}

/** False where it still runs after `timeoutMs`. */
export async function waitForEnd(pidFile: string, timeoutMs = Infinity): Promise<boolean> {
  for (const until = Date.now() + timeoutMs; Date.now() < until;) {
    if ((await findProcess(pidFile)) === null) return true;
    await delay(20);
  }
  return false;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Start time in clock ticks (field 22 of proc_pid_stat(5)); null without /proc. */
async function startOf(pid: number): Promise<string | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (stat === null) return null;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' ? 'zombie' : (fields[19] ?? null);
}
