import type { Machine } from '../machine/machine.ts';
import type { WrittenKeys } from './written-keys.ts';

/** The whole state that the blocks lead to, for what must hold over all of it; read as it is asked for. */
export interface StateView {
  readonly height: number;
  /** Up to it deadlines have been met: of the last block, or before the first that waits (M-65). */
  readonly timeMs: number;
  /** Keys of one kind of record, in byte order. */
  keysOf(kind: string): Iterable<string>;
  read(key: string): Uint8Array | null;
}

export const stateView = (
  machine: Pick<Machine, 'head' | 'nextDeadlineMs' | 'readState'>,
  written: Pick<WrittenKeys, 'ofKind'>,
): StateView => ({
  height: machine.head.height,
  timeMs: Math.min(machine.head.timeMs, (machine.nextDeadlineMs ?? Infinity) - 1),
  keysOf: (kind) => written.ofKind(kind),
  read: (key) => machine.readState(key),
});
