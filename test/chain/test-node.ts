import type { Hex } from '../../src/base/bytes.ts';
import type { OperationalError } from '../../src/base/operational-error.ts';
import type { Outcome } from '../../src/base/result.ts';
import { leafProjector } from '../../src/chain/project-leaf.ts';
import { EmbeddedEngine, type EmbeddedEngineOptions } from '../../src/chain/engine/embedded.ts';
import type { Receipt } from '../../src/chain/engine/engine.ts';
import { openMachine } from '../../src/chain/engine/open.ts';
import type { BlockStore } from '../../src/chain/engine/ports.ts';
import type { Genesis } from '../../src/chain/machine/genesis.ts';
import { Machine } from '../../src/chain/machine/machine.ts';
import type { MachineParts } from '../../src/chain/machine/parts.ts';
import { openBlockStore } from '../../src/store/block-store.ts';
import { openDataSource } from '../../src/store/data-source.ts';
import { createProjector } from '../../src/store/projection.ts';
import { blockSigner, testGenesis, testParts } from './test-chain.ts';

export interface NodeOptions extends Partial<EmbeddedEngineOptions> {
  readonly genesis?: Genesis;
  readonly parts?: MachineParts;
  /** Puts something between the engine and the database. */
  readonly around?: (store: BlockStore) => BlockStore;
}

/** The chain's part of a node, on a migrated database. */
export async function openNode(url: string, options: NodeOptions = {}) {
  const {
    genesis = testGenesis(),
    parts = testParts,
    around = (store) => store,
    ...others
  } = options;
  const dataSource = await openDataSource(url, { poolMax: 4 });
  const opened = await openBlockStore({ dataSource, url });
  const store = around(opened);
  const machine = new Machine(genesis, parts);
  const checkpoint = await openMachine(machine, store).catch(async (error: unknown) => {
    await opened.close();
    await dataSource.destroy();
    throw error;
  });
  const failures: OperationalError[] = [];
  const engine = new EmbeddedEngine({
    machine,
    store,
    blockSigner,
    checkpoint,
    clock: Date.now,
    // Test chains begin on one day of 2026.
    clockConfirmed: true,
    blockIntervalMs: 5,
    pendingMax: 1_000,
    pendingPerKeyMax: 200,
    onFailure: (error) => failures.push(error),
    ...others,
  });
  return {
    url,
    dataSource,
    store,
    machine,
    engine,
    failures,
    projector: createProjector({ dataSource, decode: leafProjector(parts.registry) }),
    close: async () => {
      await engine.stop();
      await opened.close();
      await dataSource.destroy();
    },
  };
}

export type TestNode = Awaited<ReturnType<typeof openNode>>;

/** What became of an envelope: OK, the refusal's name, or `receipt <code>`. */
export const wordOf = (outcome: Outcome<Receipt>): string => {
  if (!outcome.ok) return outcome.result.name;
  const { resultCode } = outcome.value;
  return resultCode === 0 ? 'OK' : `receipt ${resultCode}`;
};

/** Heights at which each envelope stands in the store. */
export async function heightsById(store: BlockStore): Promise<Map<Hex, number[]>> {
  const found = new Map<Hex, number[]>();
  for await (const { height, envelopes } of store.readBlocks(1, Number.MAX_SAFE_INTEGER)) {
    for (const { id } of envelopes) found.set(id, [...(found.get(id) ?? []), height]);
  }
  return found;
}
