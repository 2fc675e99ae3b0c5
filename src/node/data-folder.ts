import { mkdir } from 'node:fs/promises';
import path from 'node:path';

/** Where a node keeps what; all of it below one folder. */
export interface DataFolder {
  readonly root: string;
  readonly genesisFile: string;
  readonly blockSignerFile: string;
  readonly checkpointSignerFile: string;
  /** Notes of the log that were signed and witnessed. */
  readonly logNotesFile: string;
  /** Policy of witnesses, where no setting names another. */
  readonly witnessesFile: string;
  /** Of a development chain: its operator's key and passphrase. */
  readonly operatorDir: string;
  readonly databaseDir: string;
  /** Encrypted payloads, by digest. */
  readonly contentDir: string;
  /** State-sync snapshots of a node beside CometBFT. */
  readonly snapshotsDir: string;
  /** Verification keys of circuits that genesis pins. */
  readonly circuitKeysDir: string;
  /** There where the chain goes on elsewhere. */
  readonly movedFile: string;
}

export const dataFolder = (root: string): DataFolder => ({
  root,
  genesisFile: path.join(root, 'genesis.json'),
  blockSignerFile: path.join(root, 'node', 'block-signer.json'),
  checkpointSignerFile: path.join(root, 'node', 'checkpoint-signer.json'),
  logNotesFile: path.join(root, 'node', 'log-notes.json'),
  witnessesFile: path.join(root, 'witnesses'),
  operatorDir: path.join(root, 'operator'),
  databaseDir: path.join(root, 'postgres'),
  contentDir: path.join(root, 'content'),
  snapshotsDir: path.join(root, 'snapshots'),
  circuitKeysDir: path.join(root, 'circuit-keys'),
  movedFile: path.join(root, 'moved.json'),
});

export async function makeParent(file: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
}
