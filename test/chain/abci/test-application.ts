import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { OperationalError } from '../../../src/base/operational-error.ts';
import { Application } from '../../../src/chain/abci/application.ts';
import { dispatchTo } from '../../../src/chain/abci/dispatch.ts';
import { startAbciServer } from '../../../src/chain/abci/server.ts';
import { openSnapshotShelf } from '../../../src/chain/abci/snapshot-shelf.ts';
import type { ClockOptions } from '../../../src/chain/engine/clock-watch.ts';
import type { BlockStore } from '../../../src/chain/engine/ports.ts';
import type { Genesis } from '../../../src/chain/machine/genesis.ts';
import { Machine } from '../../../src/chain/machine/machine.ts';
import type { MachineParts } from '../../../src/chain/machine/parts.ts';
import type { Registry } from '../../../src/chain/machine/registry.ts';
import { openBlockStore } from '../../../src/store/block-store.ts';
import { openDataSource } from '../../../src/store/data-source.ts';
import { freshDatabase } from '../../support/database.ts';
import { beginMs, testGenesis, testParts, testRegistry } from '../test-chain.ts';

export interface TestApplicationOptions {
  readonly genesis?: Genesis;
  readonly parts?: MachineParts;
  readonly registry?: Registry;
  readonly initialHeight?: number;
  readonly snapshotInterval?: number;
  /** A day after the beginning of test chains unless given. */
  readonly now?: () => number;
  readonly around?: (store: BlockStore) => BlockStore;
  /** Instead of a clock as of `now`, which somebody has confirmed. */
  readonly clocks?: Partial<ClockOptions>;
}

/** An application on a migrated database, served on a socket of its own. */
export async function openApplication(url: string, options: TestApplicationOptions = {}) {
  const { genesis = testGenesis(), parts = testParts, registry = testRegistry } = options;
  const { initialHeight = 1, around = (store: BlockStore) => store } = options;
  const dir = await mkdtemp(path.join(os.tmpdir(), 'dxl-abci-'));
  const dataSource = await openDataSource(url, { poolMax: 4 });
  const opened = await openBlockStore({ dataSource, url });
  const failures: OperationalError[] = [];
  const faults: Error[] = [];
  const lines: string[] = [];
  const rejections: string[] = [];
  const makeMachine = () => new Machine(genesis, parts);
  const now = options.now ?? (() => beginMs + 86_400_000);
  const application = await Application.open({
    clock: now,
    clockConfirmed: true,
    ...options.clocks,
    makeMachine,
    store: around(opened),
    registry,
    initialHeight,
    onFailure: (error) => failures.push(error),
    onRejected: (height, why) => rejections.push(`${height}: ${why}`),
  });
  const snapshots = await openSnapshotShelf({
    dir: path.join(dir, 'snapshots'),
    interval: options.snapshotInterval ?? 0,
    makeMachine,
    log: (line) => lines.push(line),
    now,
  });
  const socketPath = path.join(dir, 'abci.sock');
  const handle = dispatchTo(application, snapshots);
  const server = await startAbciServer({
    socketPath,
    handle,
    onFault: (error) => faults.push(error),
    frameBytesMax: 1_000_000,
  });
  return {
    ...{
      application,
      snapshots,
      server,
      socketPath,
      handle,
      failures,
      faults,
      lines,
      rejections,
      dir,
    },
    store: opened,
    close: async () => {
      application.close();
      await server.close();
      await opened.close();
      await dataSource.destroy();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** The same on a database of its own, which goes when it is closed. */
export async function openApplicationAlone(): Promise<TestApplication> {
  const database = await freshDatabase();
  const app = await openApplication(database.url);
  const close = async (): Promise<void> => {
    await app.close();
    await database.drop();
  };
  return { ...app, close };
}

export type TestApplication = Awaited<ReturnType<typeof openApplication>>;
