import { OperationalError } from '../../base/operational-error.ts';
import { leafHash } from '../../base/merkle.ts';
import { encodeGenesis } from '../machine/genesis.ts';
import { decodeHeader } from '../machine/header.ts';
import type { Machine } from '../machine/machine.ts';
import type { Checkpoint } from './engine.ts';
import type { BlockStore, CommittedBlock } from './ports.ts';
import { nodeSha256 } from './sha256.ts';
import { namedVersion } from './version-unknown.ts';

/**
 * Puts a new machine where the store stands, or begins the chain in an empty store. Throws
 * OperationalError `STORE_OTHER_CHAIN` for another genesis, `STORE_INCONSISTENT` where what was
 * loaded does not lead to the head's app hash, `MACHINE_VERSION_UNKNOWN` where the next block is to be
 * executed by rules that this program does not know.
 */
export async function openMachine(machine: Machine, store: BlockStore): Promise<Checkpoint | null> {
  const genesis = encodeGenesis(machine.genesis);
  const stored = await store.readGenesis();
  if (!stored) {
    await begin(machine, store, genesis);
    return null;
  }
  if (Buffer.compare(stored, genesis) !== 0) {
    throw new OperationalError(
      'STORE_OTHER_CHAIN',
      'The database holds a chain with another genesis; name its own genesis or another database.',
    );
  }
  const head = await store.readHead();
  if (!head || head.height === 0) {
    machine.initChain();
    return null;
  }
  const last = await readOne(store, head.height);
  const header = decodeHeader(last.header);
  await inRuns(store.readState(), (rows) => machine.restoreState(rows));
  await inRuns(store.readLeaves(0), (leaves) =>
    machine.restoreLog(leaves.map(({ bytes }) => leafHash(bytes, nodeSha256))),
  );
  machine.restore([], [], {
    height: head.height,
    timeMs: head.timeMs,
  });
  if (machine.info().appHash !== head.appHash || header.appHash !== head.appHash) {
    throw new OperationalError(
      'STORE_INCONSISTENT',
      `Block ${head.height} does not lead to its app hash; run \`dxl fsck\` to find the row.`,
    );
  }
  checkVersion(machine);
  return { header, headerBytes: last.header, signature: last.signature };
}

/** A node that could not make the next block does not start. */
function checkVersion(machine: Machine): void {
  try {
    machine.nextVersion();
  } catch (error) {
    throw namedVersion(error);
  }
}

/** No more than one run is in memory, where what takes it keeps less than the rows. */
async function inRuns<Row>(
  rows: AsyncIterable<Row>,
  take: (run: readonly Row[]) => void,
): Promise<void> {
  let run: Row[] = [];
  for await (const row of rows) {
    run.push(row);
    if (run.length < rowsPerRun) continue;
    take(run);
    run = [];
  }
  take(run);
}

const rowsPerRun = 10_000;

async function begin(machine: Machine, store: BlockStore, genesis: Uint8Array): Promise<void> {
  const { changes, appHash } = machine.initChain();
  await store.begin(
    genesis,
    {
      height: 0,
      timeMs: machine.genesis.timeMs,
      appHash,
      headerHash: machine.genesisHash,
      logSize: 0,
    },
    changes,
  );
}

async function readOne(store: BlockStore, height: number): Promise<CommittedBlock> {
  for await (const block of store.readBlocks(height, height)) return block;
  throw new OperationalError('STORE_INCONSISTENT', `Block ${height} is missing from the store.`);
}
