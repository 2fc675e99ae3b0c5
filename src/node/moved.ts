/** A mark on a data folder whose chain goes on elsewhere: two histories would carry one signature. */
import { readFile, writeFile } from 'node:fs/promises';
import { OperationalError } from '../base/operational-error.ts';
import type { DataFolder } from './data-folder.ts';

export interface Moved {
  readonly chainId: string;
  /** The last one that this folder's block signer sealed. */
  readonly height: number;
  /** Folder of the network that the chain was handed over to. */
  readonly to: string;
}

/** Throws where the mark cannot be written. Nothing else of the folder is touched. */
export const markMoved = ({ movedFile }: DataFolder, moved: Moved): Promise<void> =>
  writeFile(movedFile, `${JSON.stringify({ format: 'dxl-moved/1', ...moved }, null, 2)}\n`);

/** Throws OperationalError CHAIN_MOVED where the folder is marked. */
export async function checkNotMoved({ movedFile }: DataFolder): Promise<void> {
  const text = await readFile(movedFile, 'utf8').catch(() => null);
  if (text === null) return;
  const { height, to } = JSON.parse(text) as Moved;
  throw new OperationalError(
    'CHAIN_MOVED',
    `This chain was handed over to validators after height ${height} (${to}); going on here would ` +
      `make a second history. If the network never made a block, delete it and ${movedFile}.`,
  );
}
