/** What `dxl import` opens and writes on this machine. */
import { access, rename } from 'node:fs/promises';
import path from 'node:path';
import { OperationalError } from '../base/operational-error.ts';
import type { Hex } from '../base/bytes.ts';
import { importArchive, type ImportReport, type Target } from '../chain/archive/import-archive.ts';
import { projectExchangeLeaf } from '../chain/project-leaf.ts';
import { openMachine } from '../chain/engine/open.ts';
import { CachedState, stateCacheBytesUsual } from '../chain/machine/cached-state.ts';
import { decodeGenesis, genesisHash, type Genesis } from '../chain/machine/genesis.ts';
import { Machine } from '../chain/machine/machine.ts';
import { exchangeParts } from '../chain/rooms.ts';
import type { Config } from '../config.ts';
import { dataFolder, type DataFolder } from '../node/data-folder.ts';
import { holdFolder } from '../node/folder-hold.ts';
import { readGenesis, writeGenesis } from '../node/make-genesis.ts';
import {
  keepCeremonyKeys,
  loadVerificationKeys,
  proofVerifierOf,
  type GivenKeys,
} from '../node/verification-keys.ts';
import { openAuditReader } from '../store/audit-reader.ts';
import { openBlockStore } from '../store/block-store.ts';
import { openContentFolder, type ContentStore } from '../store/content-store.ts';
import { openDataSource } from '../store/data-source.ts';
import { startPostgres } from '../store/postgres/start.ts';
import { createProjector } from '../store/projection.ts';
import { createStateSource } from '../store/state-source.ts';
import type { ArchiveInput } from './archive-file.ts';
import { ContentReceiver } from './content-receiver.ts';
import { missingContent, type MissingContent } from './missing-content.ts';
import { remark } from './output.ts';
import type { Progress } from './progress.ts';

export interface ImportRequest {
  readonly config: Config;
  readonly input: ArchiveInput;
  readonly genesisHash: Hex | null;
  readonly progress: Progress;
  /** Takes the encrypted payloads of the file. */
  readonly withContent: boolean;
}

type Undo = (() => Promise<unknown>)[];

/** Throws what `importArchive` and the opening of a ledger throw, having closed what it opened. */
export async function importInto(
  request: ImportRequest,
): Promise<ImportReport & Partial<MissingContent>> {
  const { config, input, progress, withContent } = request;
  const hold = await holdFolder(config.dataDir, 'import');
  const undo: Undo = [() => hold.release()];
  let advance: () => Promise<unknown> = async () => undefined;
  let url = '';
  const content = withContent
    ? await openContentFolder(dataFolder(config.dataDir).contentDir)
    : null;
  const receiver = content && new ContentReceiver(content);
  try {
    const report = await importArchive({
      source: input.source,
      genesisHash: request.genesisHash ?? (await expectedHash(config)),
      open: async (genesis, circuitKeys) => {
        const opened = await open(config, genesis, circuitKeys, undo);
        ({ advance, url } = opened);
        return opened;
      },
      ...(receiver ? { content: (piece) => receiver.take(piece) } : {}),
      onProgress: ({ height, bytes }) => progress.update(bytes, input.bytes, `block ${height}`),
    });
    progress.end();
    remark('read models');
    await advance();
    return content ? { ...report, ...(await missingFrom(url, content)) } : report;
  } finally {
    await receiver?.stop();
    for (let step = undo.pop(); step; step = undo.pop()) await step();
  }
}

/** Of the genesis file that was named, or else of the chain that the folder holds already. */
async function expectedHash({ genesisPath, dataDir }: Config): Promise<Hex | null> {
  const own = dataFolder(dataDir).genesisFile;
  const file = genesisPath ?? ((await isThere(own)) ? own : null);
  return file === null ? null : genesisHash(await readGenesis(file));
}

const isThere = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

async function open(
  config: Config,
  genesis: Genesis,
  circuitKeys: GivenKeys,
  undo: Undo,
): Promise<Target & { readonly url: string; readonly advance: () => Promise<unknown> }> {
  const folder = dataFolder(config.dataDir);
  const keysDir = path.join(folder.root, 'circuit-keys');
  const keys = await loadVerificationKeys(genesis, config.development, keysDir, circuitKeys);
  const url = await databaseUrl(config, folder, undo);
  await refuseOtherChain(url, genesis);
  const dataSource = await openDataSource(url, { poolMax: 4 });
  undo.push(() => dataSource.destroy());
  const store = await openBlockStore({ dataSource, url, lockWaitMs: 10_000 });
  undo.push(() => store.close());
  const machine = new Machine(
    genesis,
    { ...exchangeParts, verifyProof: proofVerifierOf(keys) },
    new CachedState(stateCacheBytesUsual),
  );
  await openMachine(machine, store);
  await keepGenesis(folder, genesis);
  await keepCeremonyKeys(circuitKeys, keysDir);
  const projector = createProjector({ dataSource, decode: projectExchangeLeaf });
  const source = createStateSource(dataSource);
  return { machine, store, source, url, advance: () => projector.advance() };
}

async function missingFrom(url: string, content: ContentStore): Promise<MissingContent> {
  const reader = await openAuditReader(url, 'append-only');
  return missingContent(reader, content).finally(() => reader.close());
}

async function databaseUrl(config: Config, folder: DataFolder, undo: Undo): Promise<string> {
  if (config.databaseUrl !== null) return config.databaseUrl;
  const postgres = await startPostgres({ dataDir: folder.databaseDir, log: remark });
  if (!postgres.adopted) undo.push(() => postgres.stop());
  return postgres.url;
}

/** Before anything is written, the database's own tables included. */
async function refuseOtherChain(url: string, genesis: Genesis): Promise<void> {
  const reader = await openAuditReader(url, 'append-only').catch((error: unknown) => {
    if (error instanceof OperationalError && error.code === 'STORE_EMPTY') return null;
    throw error;
  });
  if (!reader) return;
  const document = await reader.readGenesis().finally(() => reader.close());
  if (!document) return;
  const found = genesisHash(decodeGenesis(document));
  if (found === genesisHash(genesis)) return;
  throw new OperationalError(
    'IMPORT_OTHER_CHAIN',
    `The database holds the chain with genesis ${found}, the file that of ${genesisHash(genesis)}. ` +
      'Give the import an empty data folder or database. Nothing was written.',
  );
}

async function keepGenesis(folder: DataFolder, genesis: Genesis): Promise<void> {
  if (await isThere(folder.genesisFile)) return;
  const unfinished = `${folder.genesisFile}.${process.pid}`;
  await writeGenesis(unfinished, genesis);
  await rename(unfinished, folder.genesisFile);
}
