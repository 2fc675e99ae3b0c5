/** A node's side towards CometBFT: ABCI server, application, engine, and CometBFT's own process. */
import path from 'node:path';
import type { OperationalError } from '../base/operational-error.ts';
import { Application } from '../chain/abci/application.ts';
import { dispatchTo } from '../chain/abci/dispatch.ts';
import { startAbciServer } from '../chain/abci/server.ts';
import { openSnapshotShelf } from '../chain/abci/snapshot-shelf.ts';
import type { ClockOptions } from '../chain/engine/clock-watch.ts';
import { CometEngine } from '../chain/engine/comet.ts';
import { openCometRpc } from '../chain/engine/comet-rpc.ts';
import type { BlockStore, StateSource } from '../chain/engine/ports.ts';
import type { Machine } from '../chain/machine/machine.ts';
import type { Registry } from '../chain/machine/registry.ts';
import type { CometHomeFacts } from './comet-home.ts';
import { largestEnvelope, limitFaults } from './comet-limits.ts';
import { findCometbft } from './find-cometbft.ts';
import { supervise } from './supervise.ts';

export interface CometSideOptions {
  readonly home: CometHomeFacts;
  /** Somebody else starts and ends CometBFT. */
  readonly attach: boolean;
  readonly snapshotsDir: string;
  /** Blocks between two snapshots; 0 takes none. */
  readonly snapshotInterval: number;
  /** A machine in which nothing has happened. */
  readonly makeMachine: () => Machine;
  readonly store: BlockStore;
  readonly source: StateSource;
  readonly claimSource: StateSource;
  readonly registry: Registry;
  readonly clock: ClockOptions;
  readonly log: (line: string) => void;
  /** The node cannot go on; its process is to end. */
  readonly onFailure: (error: OperationalError) => void;
}

/**
 * Serves the application, then starts CometBFT unless it is attached to one. What is opened is
 * pushed onto `undo`, to be ended from its end. Throws OperationalError COMET_MISSING, ABCI_SOCKET,
 * SNAPSHOT_UNFINISHED and what opening the ledger throws.
 */
export async function openCometSide(
  options: CometSideOptions,
  undo: (() => Promise<unknown>)[],
): Promise<CometEngine> {
  const { home, attach, makeMachine, store, source, claimSource, registry, log, onFailure } =
    options;
  // First of all: without it nothing else is of use.
  const program = attach ? null : await findCometbft();
  const snapshots = await openSnapshotShelf({
    dir: options.snapshotsDir,
    interval: options.snapshotInterval,
    makeMachine,
    log,
  });
  const { initialHeight, handOver } = home;
  const limitTrouble = limitTroubleOf(home);
  if (limitTrouble !== null) log(`comet-limits: ${limitTrouble}`);
  const application = await Application.open({
    ...options.clock,
    ...{ makeMachine, store, source, registry, initialHeight, onFailure },
    onRejected: (height, why) => log(`proposal of height ${height} rejected: ${why}`),
  });
  const engine = new CometEngine({
    application,
    claimSource,
    rpc: openCometRpc(home.rpcUrl),
    ...{ initialHeight, handOver, limitTrouble, silenceMsMax: home.silenceMsMax },
    unheardMsMax: home.unheardMsMax,
    envelopeBytesMax: largestEnvelope(home.limits),
    pendingMax: 20_000,
    pendingPerKeyMax: 2_000,
    submitTimeoutMs: 30_000,
  });
  const server = await startAbciServer({
    socketPath: home.appSocket,
    handle: dispatchTo(application, snapshots),
    onFault: (error) => log(`abci: ${error.name}: ${error.message}`),
  });
  undo.push(() => server.close());
  if (program !== null) {
    const args = ['start', '--home', home.home];
    const logFile = path.join(home.home, 'cometbft.log');
    const comet = supervise({ program, args, logFile, log, onFailure });
    undo.push(() => comet.stop());
  }
  undo.push(() => engine.stop());
  return engine;
}

function limitTroubleOf({ home, limits, genesis }: CometHomeFacts): string | null {
  const faults = limitFaults(limits, genesis.parameters);
  if (faults.length === 0) return null;
  return (
    `Genesis allows envelopes of ${genesis.parameters.envelopeBytesMax} bytes, and CometBFT takes ` +
    `none above ${largestEnvelope(limits)}: in ${path.join(home, 'config')}, ${faults.join('; ')}. ` +
    'Correct that and start node and CometBFT anew; larger envelopes are refused meanwhile.'
  );
}
