/** What a node takes of the machine: its resident set, what its limits leave it, and its main thread. */
import { readFileSync } from 'node:fs';
import { defaultLimits, type ApiLimits } from '../../src/api/limits.ts';
import { stateCacheBytesUsual } from '../../src/chain/machine/cached-state.ts';
import { round } from '../harness.ts';
import { cpuSecondsOf } from '../proc-stat.ts';

const mebibyte = 1024 * 1024;

/** Of a process, as Linux tells it; in MiB. */
export function residentMiBOf(pid: number): number {
  const [, kibibytes] =
    /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return round(Number(kibibytes) / 1_024, 1);
}

/** Processor time of its main thread, which blocks and all requests have in common; in ms. */
export const threadMsOf = (pid: number): number =>
  1_000 * cpuSecondsOf(readFileSync(`/proc/${pid}/task/${pid}/stat`, 'utf8'));

/** The highest that was seen while the work ran, looked at every 50 ms. */
export async function highestDuring<Value>(
  pid: number,
  work: Promise<Value>,
): Promise<{ readonly value: Value; readonly highestMiB: number }> {
  let highestMiB = residentMiBOf(pid);
  const timer = setInterval(() => (highestMiB = Math.max(highestMiB, residentMiBOf(pid))), 50);
  try {
    return { value: await work, highestMiB };
  } finally {
    clearInterval(timer);
  }
}

/** As `npm start` gives it: three semi-spaces, which strangers’ short-lived objects may fill. */
const youngGenerationMiB = 3 * 64;

/** A connection’s socket, parser, request and answer, and a piece of what comes and of what goes. */
const connectionBytes = 64 * 1024;

/**
 * What trade itself fills as a ledger grows: values of the state, those that were decoded (twice 32,768
 * of some 2 KiB), and envelopes that were read.
 */
const cachesMiB = round(stateCacheBytesUsual / mebibyte) + 128 + 16;

/**
 * What a node may add to its resident set on a young ledger, whatever strangers do, stated before any
 * of it is measured. Bodies and answers count twice: as pieces, and as the whole that they are put
 * together to. Log and tree grow by some 200 bytes a leaf and key beside it.
 */
export function addedMiBMax(limits: ApiLimits = defaultLimits): number {
  const { smallBodyBytesMax, bodyBytesMax, answerBytesMax } = limits;
  const events = limits.eventRingBytesMax + limits.eventPagesBytesMax;
  const held = 2 * (smallBodyBytesMax + bodyBytesMax + answerBytesMax) + events;
  const connections = limits.connectionsMax * (limits.headerBytesMax + connectionBytes);
  return youngGenerationMiB + cachesMiB + round((held + connections) / mebibyte);
}
