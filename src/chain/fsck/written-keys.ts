import type { StateChange } from '../machine/state.ts';
import { sha256, type Digest } from './digest.ts';
import type { Scratch, ScratchFile } from './scratch.ts';
import {
  lineNumber,
  lineNumberLength,
  lineText,
  numberOf,
  readLines,
  Sorter,
  textOf,
  writeLines,
} from './sorter.ts';

/** A key of the state that the blocks lead to. */
export interface WrittenKey {
  readonly key: string;
  /** Of the block that wrote it last. */
  readonly height: number;
  readonly valueHash: Digest;
}

const deleted = '';

/**
 * What blocks have written into the state, for a walk over its keys in their order at the end. A line
 * is `key ‖ 00 ‖ height ‖ hash of the value`, without the hash where the key was taken out.
 */
export class WrittenKeys {
  readonly #sorter: Sorter;
  readonly #scratch: Scratch;
  #live: { readonly file: ScratchFile; readonly kinds: Map<string, number> } | null = null;

  constructor(scratch: Scratch) {
    this.#scratch = scratch;
    this.#sorter = new Sorter(scratch);
  }

  add(height: number, changes: readonly StateChange[]): void {
    const at = lineNumber(height);
    for (const { key, value } of changes) {
      this.#sorter.add(`${lineText(key)}\0${at}${value ? sha256(value) : deleted}`);
    }
  }

  /** Keys that have a value, in byte order; nothing is added any more. */
  *all(): Generator<WrittenKey, void, undefined> {
    const { file } = this.#sorted();
    for (const line of readLines(file, 0, file.length)) yield writtenKey(line);
  }

  /** Those that begin with a kind of record and a stroke. */
  *ofKind(kind: string): Generator<string, void, undefined> {
    const { file, kinds } = this.#sorted();
    const from = kinds.get(lineText(kind));
    if (from === undefined) return;
    for (const line of readLines(file, from, file.length)) {
      if (kindOf(line) !== lineText(kind)) return;
      yield writtenKey(line).key;
    }
  }

  #sorted(): { readonly file: ScratchFile; readonly kinds: ReadonlyMap<string, number> } {
    if (this.#live) return this.#live;
    const file = this.#scratch.file();
    const kinds = new Map<string, number>();
    for (const line of lastOfEach(this.#sorter.sorted())) {
      const kind = kindOf(line);
      if (!kinds.has(kind)) kinds.set(kind, file.length);
      writeLines(file, [line]);
    }
    return (this.#live = { file, kinds });
  }
}

/** The line of each key's last write, where that has left a value. */
function* lastOfEach(lines: Iterable<string>): Generator<string, void, undefined> {
  let last: string | null = null;
  for (const line of lines) {
    if (last !== null && !isDeleted(last) && keyOf(last) !== keyOf(line)) yield last;
    last = line;
  }
  if (last !== null && !isDeleted(last)) yield last;
}

/** No key holds a zero: PostgreSQL's text has none. */
const keyOf = (line: string): string => line.slice(0, line.indexOf('\0'));
const kindOf = (line: string): string => keyOf(line).split('/', 1)[0] ?? '';
const isDeleted = (line: string): boolean =>
  line.length === line.indexOf('\0') + 1 + lineNumberLength;

function writtenKey(line: string): WrittenKey {
  const key = keyOf(line);
  const rest = line.slice(key.length + 1);
  return {
    key: textOf(key),
    height: numberOf(rest.slice(0, lineNumberLength)),
    valueHash: rest.slice(lineNumberLength),
  };
}
