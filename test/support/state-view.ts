import type { StateView } from '../../src/chain/fsck/state-view.ts';
import type { Machine } from '../../src/chain/machine/machine.ts';

/** Of a machine that holds all of its state in memory. */
export const viewOf = (machine: Machine): StateView => ({
  ...machine.head,
  keysOf: (kind) =>
    [...machine.stateRows()].map(({ key }) => key).filter((key) => key.startsWith(`${kind}/`)),
  read: (key) => machine.readState(key),
});
