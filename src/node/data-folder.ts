import { mkdir } from 'node:fs/promises';
import path from 'node:path';

/** Where a node keeps what; all of it below one folder. */
export interface DataFolder {
  readonly root: string;
  readonly genesisFile: string;
  readonly blockSignerFile: string;
  readonly databaseDir: string;
  /** Encrypted payloads, by digest. */
  readonly contentDir: string;
  /** State-sync snapshots of a node beside CometBFT. */
  readonly snapshotsDir: string;
}

export const dataFolder = (root: string): DataFolder => ({
  root,
  genesisFile: path.join(root, 'genesis.json'),
  blockSignerFile: path.join(root, 'node', 'block-signer.json'),
  databaseDir: path.join(root, 'postgres'),
  contentDir: path.join(root, 'content'),
  snapshotsDir: path.join(root, 'snapshots'),
});

export async function makeParent(file: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
}
