/** One whole trade on an exchange of its own, its nodes killed on the way; what was drawn is known. */
import { demoCreditCode, type Character } from '../../../src/demo/cast.ts';
import { loadDataset, type Dataset } from '../../../src/demo/dataset.ts';
import { play, type Played } from '../../../src/demo/play.ts';
import type { Stage } from '../../../src/demo/stage.ts';
import type { Driver, Nodes } from './driver.ts';
import { makeExchange, type TestExchange } from './exchange.ts';
import { watchSecrets } from './randomness.ts';
import { watchedStage } from './stage.ts';

/** Steps during which a node is killed, by how long after the step's beginning, ms. */
export const kills: ReadonlyMap<string, number> = new Map([
  ['admits Plover Airport Safety Institute', 12],
  ['closes the publicity when its time has run out', 0],
  ['hands in the proof, and submits the listing for review', 30],
  ['delivers the file, encrypted, its key wrapped to the buyer', 45],
  ['settles: escrow to seller, fee income and output VAT', 20],
]);

/** A second buyer: what it signs for is not the first one's. */
export const otherBuyer: Character = {
  id: 'other-buyer',
  name: 'Lapwing Insurance',
  roles: ['ADMIN', 'BUYER'],
  creditCode: demoCreditCode(99),
  jurisdiction: 'CN',
  beneficialOwner: null,
};

export interface PlayedTrade {
  readonly exchange: TestExchange;
  readonly nodes: Nodes;
  readonly played: Played;
  readonly stage: Stage;
  readonly dataset: Dataset;
  /** How often a node was killed. */
  readonly killed: number;
  /** Salts, nonces and keys that the parties drew. */
  readonly drawn: readonly Uint8Array[];
}

/** @param cleanUp takes what is to be undone, the last one first */
export async function playTrade(
  driver: Driver,
  cleanUp: (() => Promise<void>)[],
): Promise<PlayedTrade> {
  const watched = watchSecrets();
  cleanUp.push(async () => watched.stop());
  const exchange = await makeExchange({ logLevel: 'trace', others: [otherBuyer] });
  cleanUp.push(() => exchange.remove());
  const nodes = await driver.start(exchange);
  cleanUp.push(() => nodes.stop());
  let killed = 0;
  const killAfter = async (afterMs: number): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    await nodes.killOne(killed);
    killed += 1;
  };
  let restarting: Promise<void> = Promise.resolve();
  const toKill = new Map(kills);
  const stage = watchedStage(async (_number, title) => {
    await restarting;
    const afterMs = toKill.get(title);
    if (afterMs === undefined) return;
    toKill.delete(title);
    restarting = killAfter(afterMs);
  });
  const dataset = await loadDataset();
  const { outDir, parties, artefacts } = exchange;
  const { url, clientOf } = nodes;
  const played = await play({ url, clientOf, outDir, stage, parties, artefacts });
  await restarting;
  watched.stop();
  return { exchange, nodes, played, stage, dataset, killed, drawn: watched.secrets };
}
