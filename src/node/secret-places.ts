import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { dataFolder } from './data-folder.ts';
import { openModes, privateFileModes, privateModes } from './private-files.ts';

/** A file or folder, and what of its mode may be set at most. */
export interface SecretPlace {
  readonly file: string;
  readonly modes: number;
}

/**
 * Where a node keeps keys, the database and content that parties have sent: what is not there is left
 * to who looks. The folders above are passed through by the database's own account, and written to by
 * nobody else.
 * @param cometHome of a validator
 */
export async function secretPlacesOf(
  dataDir: string,
  cometHome: string | null = null,
): Promise<readonly SecretPlace[]> {
  const { root, blockSignerFile, checkpointSignerFile, ...folders } = dataFolder(dataDir);
  const operator = folders.operatorDir;
  const closed = [path.dirname(blockSignerFile), operator, folders.contentDir];
  const clusters = await clustersIn(folders.databaseDir);
  return [
    ...[root, folders.databaseDir, folders.snapshotsDir].map((file) => ({
      file,
      modes: openModes,
    })),
    ...[...closed, path.join(root, 'lock'), ...clusters].map((file) => ({
      ...{ file, modes: privateModes },
    })),
    ...[
      ...[blockSignerFile, checkpointSignerFile],
      ...(await filesIn(operator)),
      ...clusters.map((cluster) => path.join(cluster, 'ledger.password')),
      ...(cometHome === null ? [] : cometKeys.map((name) => path.join(cometHome, name))),
    ].map((file) => ({ file, modes: privateFileModes })),
  ];
}

const cometKeys = [
  'config/priv_validator_key.json',
  'config/node_key.json',
  'data/priv_validator_state.json',
];

/** PostgreSQL's own folders, one for each of its versions. */
async function clustersIn(databaseDir: string): Promise<string[]> {
  return (await filesIn(databaseDir)).filter((file) => /^pg\d+$/.test(path.basename(file)));
}

const filesIn = (folder: string): Promise<string[]> =>
  readdir(folder).then(
    (names) => names.sort().map((name) => path.join(folder, name)),
    () => [],
  );
