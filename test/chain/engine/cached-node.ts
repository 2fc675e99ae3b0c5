import { EmbeddedEngine, type EmbeddedEngineOptions } from '../../../src/chain/engine/embedded.ts';
import { openMachine } from '../../../src/chain/engine/open.ts';
import type { StateSource } from '../../../src/chain/engine/ports.ts';
import type { CachedState } from '../../../src/chain/machine/cached-state.ts';
import { Machine } from '../../../src/chain/machine/machine.ts';
import type { CommittedState } from '../../../src/chain/machine/state.ts';
import { openBlockStore } from '../../../src/store/block-store.ts';
import { openDataSource } from '../../../src/store/data-source.ts';
import { createStateSource } from '../../../src/store/state-source.ts';
import { blockSigner, testGenesis, testParts } from '../test-chain.ts';

/** An embedded engine on a database, with what it asks the database for. */
export interface CachedNode {
  readonly engine: EmbeddedEngine;
  /** Keys of each query that blocks and envelopes asked for. */
  readonly reads: string[][];
  /** Of each that proofs asked for. */
  readonly claimReads: string[][];
  readonly height: () => number;
  close(): Promise<void>;
}

export async function openNode(
  url: string,
  state: CachedState | CommittedState,
  clock: () => number,
  changed: Partial<EmbeddedEngineOptions> = {},
): Promise<CachedNode> {
  const dataSource = await openDataSource(url, { poolMax: 4 });
  const store = await openBlockStore({ dataSource, url });
  const machine = new Machine(testGenesis(), testParts, state);
  const checkpoint = await openMachine(machine, store);
  const reads: string[][] = [];
  const claimReads: string[][] = [];
  const inner = createStateSource(dataSource);
  const sourceNoting = (noted: string[][]): StateSource => ({
    readState: (keys) => {
      noted.push([...keys]);
      return inner.readState(keys);
    },
  });
  const engine = new EmbeddedEngine({
    machine,
    store,
    source: sourceNoting(reads),
    claimSource: sourceNoting(claimReads),
    blockSigner,
    checkpoint,
    clock,
    // Long enough for all envelopes of a turn to stand in one block.
    blockIntervalMs: 30,
    pendingMax: 1_000,
    pendingPerKeyMax: 200,
    onFailure: (error) => {
      throw error;
    },
    ...changed,
  });
  // The first block comes by itself, at genesis time.
  if (machine.info().height === 0) {
    await new Promise<void>((resolve) => engine.onBlock(() => resolve()));
  }
  return {
    engine,
    reads,
    claimReads,
    height: () => machine.info().height,
    close: async () => {
      await engine.stop();
      await store.close();
      await dataSource.destroy();
    },
  };
}
