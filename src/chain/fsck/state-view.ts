import type { Machine } from '../machine/machine.ts';
import type { WrittenKeys } from './written-keys.ts';

/** The whole state that the blocks lead to, for what must hold over all of it; read as it is asked for. */
export interface StateView {
  readonly height: number;
  /** Of the last block; deadlines up to it have been met. */
  readonly timeMs: number;
  /** Keys of one kind of record, in byte order. */
  keysOf(kind: string): Iterable<string>;
  read(key: string): Uint8Array | null;
}

export const stateView = (machine: Machine, written: WrittenKeys): StateView => ({
  ...machine.head,
  keysOf: (kind) => written.ofKind(kind),
  read: (key) => machine.readState(key),
});
