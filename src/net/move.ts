/**
 * Moving house: the ledger of an embedded node becomes that of a network. Every validator gets a
 * ledger that was executed anew, block by block, from the old one, which is only read.
 */
import { cp, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { OperationalError } from '../base/operational-error.ts';
import { openMachine } from '../chain/engine/open.ts';
import type { BlockStore, Head } from '../chain/engine/ports.ts';
import { StateLoader } from '../chain/engine/state-loader.ts';
import { CachedState } from '../chain/machine/cached-state.ts';
import type { Genesis } from '../chain/machine/genesis.ts';
import { Machine } from '../chain/machine/machine.ts';
import type { ProofVerifier } from '../chain/machine/ledger.ts';
import { exchangeParts } from '../chain/rooms.ts';
import { openBlockSignerOf } from '../node/block-signer.ts';
import { dataFolder, type DataFolder } from '../node/data-folder.ts';
import { holdFolder } from '../node/folder-hold.ts';
import { readGenesis } from '../node/make-genesis.ts';
import { markMoved } from '../node/moved.ts';
import { loadVerificationKeys, proofVerifierOf } from '../node/verification-keys.ts';
import { openBlockStore } from '../store/block-store.ts';
import { openDataSource } from '../store/data-source.ts';
import { startPostgres } from '../store/postgres/start.ts';
import { createStateSource } from '../store/state-source.ts';
import type { CometTimes } from './comet-files.ts';
import { netInit } from './init.ts';
import { databaseUrlOf, prepareDatabase, serverDir } from './network.ts';
import type { NetPlan, ValidatorPlan } from './plan.ts';

export interface MoveRequest {
  /** Data folder of the embedded node, which has ended. */
  readonly dataDir: string;
  /** Its database, where it is not the embedded one of the folder. */
  readonly sourceUrl?: string | undefined;
  /** An empty or new folder for the network. */
  readonly dir: string;
  /** Server for the validators' databases; the embedded one in `dir` unless given. */
  readonly serverUrl?: string | undefined;
  readonly validators: number;
  readonly times?: Partial<CometTimes>;
  readonly snapshotInterval?: number;
  /** False refuses development chains. */
  readonly development: boolean;
  readonly onProgress?: (line: string) => void;
}

type Undo = (() => Promise<unknown>)[];

/**
 * Makes the network that goes on where the embedded ledger stands, and marks the old folder as
 * moved; starts nothing. Where it fails, the old ledger is as it was and not marked: delete `dir`
 * and try again. Throws OperationalError MOVE_*, DATA_FOLDER_IN_USE and STORE_LOCKED
 * (the node still runs), NET_*.
 */
export async function moveIn(request: MoveRequest): Promise<NetPlan> {
  const undo: Undo = [];
  try {
    return await move(request, undo);
  } finally {
    for (let step = undo.pop(); step; step = undo.pop()) await step();
  }
}

async function move(request: MoveRequest, undo: Undo): Promise<NetPlan> {
  const { dir, validators, times, snapshotInterval = 0, onProgress = () => undefined } = request;
  const folder = dataFolder(request.dataDir);
  const hold = await holdFolder(request.dataDir, 'net-init');
  undo.push(() => hold.release());
  const genesis = await readGenesis(folder.genesisFile);
  const blockSigner = await openBlockSignerOf(genesis.blockSigner, folder.blockSignerFile);
  const keys = await loadVerificationKeys(genesis, request.development, folder.circuitKeysDir);
  const source = await openSource(request, folder, undo);
  const head = await headOf(source);
  const { height, appHash, timeMs } = head;
  const copy = async (plan: NetPlan): Promise<void> => {
    const server = await serverOf(request, undo);
    const [first, ...others] = plan.validators;
    if (!first) throw new RangeError('a network has a validator');
    await prepareDatabase(first, server);
    const verifyProof = proofVerifierOf(keys);
    const target = { url: databaseUrlOf(first, server), genesis, verifyProof };
    await executeAnew(source, head, target, onProgress);
    for (const own of others) await copyDatabase(first, own, server);
    for (const own of plan.validators) await copyFiles(folder, own);
  };
  const from = { height, appHash, timeMs };
  const plan = await netInit({
    ...{ dir, validators, genesis, blockSigner, from, snapshotInterval },
    ...(times && { times }),
    beforePlan: copy,
  });
  await markMoved(folder, { chainId: genesis.chainId, height, to: path.resolve(dir) });
  return plan;
}

/** With the writer's lock: no block can come while it is read. */
async function openSource(
  { sourceUrl, onProgress = () => undefined }: MoveRequest,
  folder: DataFolder,
  undo: Undo,
): Promise<BlockStore> {
  let url = sourceUrl;
  if (url === undefined) {
    if (!(await stat(folder.databaseDir).catch(() => null))) {
      const remedy = 'Name its database in DXL_MOVE_DATABASE_URL.';
      throw new OperationalError('MOVE_SOURCE', `${folder.root} holds no database. ${remedy}`);
    }
    const postgres = await startPostgres({ dataDir: folder.databaseDir, log: onProgress });
    // One that ran already belongs to a node that runs.
    if (!postgres.adopted) undo.push(() => postgres.stop());
    url = postgres.url;
  }
  const dataSource = await openDataSource(url, { poolMax: 4 });
  undo.push(() => dataSource.destroy());
  const store = await openBlockStore({ dataSource, url });
  undo.push(() => store.close());
  return store;
}

async function headOf(store: BlockStore): Promise<Head> {
  const head = await store.readHead();
  if (head && head.height > 0) return head;
  throw new OperationalError(
    'MOVE_EMPTY',
    'The ledger has no block: there is nothing to move. Begin a network with `dxl net init`.',
  );
}

async function serverOf({ serverUrl, dir }: MoveRequest, undo: Undo): Promise<string> {
  if (serverUrl !== undefined) return serverUrl;
  const postgres = await startPostgres({ dataDir: serverDir({ dir }), log: () => undefined });
  undo.push(() => postgres.stop());
  return postgres.url;
}

interface Target {
  readonly url: string;
  readonly genesis: Genesis;
  readonly verifyProof: ProofVerifier;
}

const stateCacheBytesMax = 64 * 2 ** 20;
const progressEvery = 500;

/** Executes every block into an empty database; what comes out otherwise than it was is refused. */
async function executeAnew(
  source: BlockStore,
  head: Head,
  { url, genesis, verifyProof }: Target,
  onProgress: (line: string) => void,
): Promise<void> {
  const dataSource = await openDataSource(url, { poolMax: 4 });
  const store = await openBlockStore({ dataSource, url });
  try {
    const parts = { ...exchangeParts, verifyProof };
    const machine = new Machine(genesis, parts, new CachedState(stateCacheBytesMax));
    if (await openMachine(machine, store)) {
      throw new OperationalError('MOVE_TARGET', 'The new database holds blocks. Drop it first.');
    }
    const state = new StateLoader(machine, createStateSource(dataSource));
    for await (const block of source.readBlocks(1, head.height)) {
      const { height, timeMs } = block;
      const envelopes = block.envelopes.map(({ bytes }) => bytes);
      const input = { height, timeMs, envelopes };
      const found = await state.run(() => machine.finalizeBlock(input));
      if (found.appHash !== block.appHash) throw otherwise(height);
      await store.commit(block, found.changes);
      machine.commit();
      if (height % progressEvery === 0) onProgress(`block ${height} of ${head.height}`);
    }
    if (machine.info().appHash !== head.appHash) throw otherwise(head.height);
  } finally {
    await store.close();
    await dataSource.destroy();
  }
}

const otherwise = (height: number): OperationalError =>
  new OperationalError(
    'MOVE_DIFFERS',
    `Block ${height} comes to another app hash when it is executed anew: run \`dxl fsck\` on the ` +
      'old ledger, and use the version of dxl that made it.',
  );

const attemptsMax = 50;

/** By the server itself, which wants nobody else to be connected; connections end a moment late. */
async function copyDatabase(from: ValidatorPlan, to: ValidatorPlan, server: string): Promise<void> {
  const admin = await openDataSource(server, { poolMax: 2 });
  try {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await admin.query(`CREATE DATABASE ${to.database} TEMPLATE ${from.database}`);
        return;
      } catch (error) {
        const busy = /being accessed by other users/.test((error as Error).message);
        if (!busy || attempt === attemptsMax) throw error;
        await delay(100);
      }
    }
  } finally {
    await admin.destroy();
  }
}

async function copyFiles(folder: DataFolder, own: ValidatorPlan): Promise<void> {
  const target = dataFolder(own.dir);
  for (const name of ['contentDir', 'circuitKeysDir'] as const) {
    if (!(await stat(folder[name]).catch(() => null))) continue;
    await cp(folder[name], target[name], { recursive: true });
  }
}
