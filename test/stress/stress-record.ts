/** What is kept of runs beside busy loops: by file and commit, so that a long series can go on later. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { round } from '../../bench/harness.ts';
import { projectRoot } from '../support/source-files.ts';

export interface FileRecord {
  /** Of each run, in the order in which they were made. */
  readonly seconds: number[];
  /** Load averages of the machine, one for each. */
  readonly load: number[];
  readonly failed: number;
  /** The end of what the first run that failed has printed. */
  readonly firstFailure: string | null;
  /** The tree of the newest run. */
  readonly commit: string | null;
}

export interface StressRecord {
  readonly what: string;
  readonly busyLoops: number;
  readonly hardware: unknown;
  readonly files: Record<string, FileRecord>;
}

const outputKept = 4_000;

export const emptyRecord: FileRecord = {
  seconds: [],
  load: [],
  failed: 0,
  firstFailure: null,
  commit: null,
};

/** Of runs beside as many loops as now; null where there is none to go on with. */
export async function readRecord(file: string, busyLoops: number): Promise<StressRecord | null> {
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) return null;
  const record = JSON.parse(text) as StressRecord;
  return record.busyLoops === busyLoops ? record : null;
}

export async function writeRecord(file: string, record: object): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(record, null, 2)}\n`);
}

export const withRun = (
  before: FileRecord,
  run: {
    seconds: number;
    load: number;
    passed: boolean;
    output: string;
    commit: string | null;
  },
): FileRecord => ({
  seconds: [...before.seconds, run.seconds],
  load: [...before.load, round(run.load, 1)],
  failed: before.failed + (run.passed ? 0 : 1),
  firstFailure: before.firstFailure ?? (run.passed ? null : endOf(run.output)),
  commit: run.commit,
});

/** Without the folder of the machine on which it failed. */
const endOf = (output: string): string => output.replaceAll(projectRoot, '').slice(-outputKept);
