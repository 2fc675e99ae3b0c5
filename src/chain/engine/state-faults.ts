/** What a node cannot go on from when it reads the values of its state in the store. */
import { OperationalError } from '../../base/operational-error.ts';

/** Between COMMIT and the machine's own commit is one turn; a read falls into it once at most. */
export const strayedMax = 100;

/** @param height of the machine */
export const storeFenced = (height: number): OperationalError =>
  new OperationalError(
    'STORE_FENCED',
    `The database went on to height ${height} without this node: another one writes to it. ` +
      'Stop one of them, then restart this node.',
  );

export const stateForged = (key: string): OperationalError =>
  new OperationalError(
    'STORE_INCONSISTENT',
    `The database has another value of ${key} than the state root of the chain commits to: it was ` +
      'changed from outside. Stop this node, see what else `npx dxl fsck` names, and go on from a ' +
      'backup or an export.',
  );
