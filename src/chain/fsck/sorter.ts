/** Lines in byte order, more of them than memory holds: sorted runs in a scratch file, merged. */
import type { Scratch, ScratchFile } from './scratch.ts';

const runBytesUsual = 2 * 2 ** 20;
const readBytes = 32 * 1024;

interface Run {
  readonly from: number;
  readonly to: number;
}

/** A line has one character below 256 for each byte, and so is compared as bytes are. */
export class Sorter {
  readonly #scratch: Scratch;
  readonly #runBytes: number;
  readonly #runs: Run[] = [];
  #file: ScratchFile | null = null;
  #lines: string[] = [];
  #bytes = 0;

  /** @param runBytes that are sorted in memory at once. */
  constructor(scratch: Scratch, runBytes = runBytesUsual) {
    this.#scratch = scratch;
    this.#runBytes = runBytes;
  }

  add(line: string): void {
    this.#lines.push(line);
    this.#bytes += line.length;
    if (this.#bytes < this.#runBytes) return;
    this.#file ??= this.#scratch.file();
    const from = this.#file.length;
    writeLines(this.#file, this.#lines.sort());
    this.#runs.push({ from, to: this.#file.length });
    [this.#lines, this.#bytes] = [[], 0];
  }

  /** All lines that were added, in order; as often as is wanted. */
  sorted(): Generator<string, void, undefined> {
    const file = this.#file;
    const runs = file ? this.#runs.map(({ from, to }) => readLines(file, from, to)) : [];
    return mergeAll([...runs, this.#lines.sort()]);
  }
}

function mergeAll(runs: readonly Iterable<string>[]): Generator<string, void, undefined> {
  if (runs.length <= 1) return all(runs[0] ?? []);
  const half = runs.length >> 1;
  return merge(mergeAll(runs.slice(0, half)), mergeAll(runs.slice(half)));
}

function* all(lines: Iterable<string>): Generator<string, void, undefined> {
  yield* lines;
}

function* merge(
  left: Generator<string, void, undefined>,
  right: Generator<string, void, undefined>,
): Generator<string, void, undefined> {
  let [one, other] = [left.next(), right.next()];
  while (one.done !== true && other.done !== true) {
    if (one.value <= other.value) {
      yield one.value;
      one = left.next();
    } else {
      yield other.value;
      other = right.next();
    }
  }
  for (; one.done !== true; one = left.next()) yield one.value;
  for (; other.done !== true; other = right.next()) yield other.value;
}

/** Each after its length, so that lines may hold any byte. */
export function writeLines(file: ScratchFile, lines: Iterable<string>): void {
  for (const line of lines) {
    const bytes = Buffer.allocUnsafe(4 + line.length);
    bytes.writeUInt32BE(line.length);
    bytes.write(line, 4, 'latin1');
    file.append(bytes);
  }
}

export function* readLines(
  file: ScratchFile,
  from: number,
  to: number,
): Generator<string, void, undefined> {
  let bytes = file.read(from, 0);
  let [at, next] = [0, from];
  const has = (count: number): boolean => {
    if (bytes.length - at >= count) return true;
    const wanted = Math.min(to - next, Math.max(readBytes, count));
    const more = file.read(next, wanted);
    bytes = Buffer.concat([bytes.subarray(at), more]);
    next += more.length;
    at = 0;
    return bytes.length >= count;
  };
  while (has(4)) {
    const length = bytes.readUInt32BE(at);
    if (!has(4 + length)) return;
    yield bytes.toString('latin1', at + 4, at + 4 + length);
    at += 4 + length;
  }
}

/** Text and numbers as parts of a line. */
export const lineText = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');
export const textOf = (line: string): string => Buffer.from(line, 'latin1').toString('utf8');

/** Characters of a number. */
export const lineNumberLength = 6;

/** Whole numbers below 2^48 in six characters, in their order. */
export function lineNumber(value: number): string {
  const bytes = Buffer.alloc(lineNumberLength);
  bytes.writeUIntBE(value, 0, lineNumberLength);
  return bytes.toString('latin1');
}

export const numberOf = (line: string): number =>
  Buffer.from(line, 'latin1').readUIntBE(0, lineNumberLength);
