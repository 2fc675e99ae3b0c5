/** The load: the same for both sides, by CometBFT's own RPC, acknowledged by its application's height. */
import { setTimeout as delay } from 'node:timers/promises';
import { CometRpcError } from '../../src/chain/engine/comet-rpc.ts';
import type { Side } from './sides.ts';

export interface Measured {
  readonly seconds: number;
  readonly acknowledged: number;
  /** Acknowledged after the clock had stopped: no part of the rate, but of the CPU time. */
  readonly late: number;
  readonly perSecond: number;
  /** Refused by CheckTx or by the mempool. */
  readonly refused: number;
  /** In a block with a code other than 0. */
  readonly failed: number;
  readonly blocks: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
}

export interface LoadOptions {
  readonly seconds: number;
  /** Sent and not acknowledged, at most. */
  readonly inFlightMax: number;
  /** A second; null: as many as `inFlightMax` lets through. */
  readonly rate: number | null;
}

const pollMs = 5;
/** The connections that a CometRpc opens at most. */
const sendersPerValidator = 64;

/**
 * Sends to all validators in turn. A transaction is acknowledged when the first validator's
 * application says that it has committed its block: for the ledger, that it is on disk.
 */
export async function measure(
  side: Side,
  { seconds, inFlightMax, rate }: LoadOptions,
): Promise<Measured> {
  const sentAt = new Map<string, number>();
  const latencies: number[] = [];
  let refused = 0;
  let late = 0;
  const begun = performance.now();
  const endsAt = begun + seconds * 1_000;
  const allowed = (): number =>
    rate === null ? Infinity : ((performance.now() - begun) / 1_000) * rate;
  let sent = 0;

  const sender = async (at: number): Promise<void> => {
    while (performance.now() < endsAt) {
      if (sentAt.size >= inFlightMax || sent >= allowed()) {
        await delay(1);
        continue;
      }
      const tx = side.queues[at]?.pop();
      if (!tx) throw new Error('too few transactions were made before the clock');
      sent += 1;
      const id = Buffer.from(tx).toString('base64');
      sentAt.set(id, performance.now());
      const taken = await side.rpcs[at]!.broadcast(tx).catch((error: unknown) => {
        if (error instanceof CometRpcError) return null;
        throw error;
      });
      if (taken?.code === 0) continue;
      sentAt.delete(id);
      refused += 1;
    }
  };

  const follower = follow(side, (tx, atMs) => {
    const from = sentAt.get(tx);
    if (from === undefined) return;
    sentAt.delete(tx);
    if (atMs <= endsAt) latencies.push(atMs - from);
    else late += 1;
  });
  await Promise.all(
    side.rpcs.flatMap((_, at) => Array.from({ length: sendersPerValidator }, () => sender(at))),
  );
  // What is in flight is no part of the figure; the next run is not to meet it.
  for (const until = Date.now() + 30_000; sentAt.size > 0 && Date.now() < until;) await delay(20);
  const { blocks, failed } = await follower.stop();
  latencies.sort((left, right) => left - right);
  const quantile = (part: number): number =>
    Math.round(latencies[Math.floor(latencies.length * part)] ?? -1);
  return {
    seconds,
    acknowledged: latencies.length,
    perSecond: Math.round(latencies.length / seconds),
    ...{ late, refused, failed, blocks },
    p50Ms: quantile(0.5),
    p95Ms: quantile(0.95),
  };
}

interface Follower {
  stop(): Promise<{ blocks: number; failed: number }>;
}

/** Tells of each transaction of each block that the first validator's application has committed. */
function follow(side: Side, tell: (tx: string, atMs: number) => void): Follower {
  const [rpc] = side.rpcs;
  if (!rpc) throw new Error('a network has a validator');
  type Info = { response: { last_block_height?: string } };
  const committed = async (): Promise<number> =>
    Number((await rpc.call<Info>('abci_info')).response.last_block_height ?? 0);
  let stopping = false;
  let blocks = 0;
  let failed = 0;
  const take = async (height: number, atMs: number): Promise<void> => {
    const params = { height: String(height) };
    type Block = { block: { data: { txs: string[] | null } } };
    type Results = { txs_results: { code?: number }[] | null };
    const { block } = await rpc.call<Block>('block', params);
    for (const tx of block.data.txs ?? []) tell(tx, atMs);
    if (!block.data.txs?.length) return;
    const results = await rpc.call<Results>('block_results', params);
    failed += (results.txs_results ?? []).filter(({ code = 0 }) => code !== 0).length;
  };
  const running = (async () => {
    let last = await committed();
    for (;;) {
      const height = await committed();
      const atMs = performance.now();
      while (last < height) {
        await take((last += 1), atMs);
        blocks += 1;
      }
      // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- set by stop()
      if (stopping) return { blocks, failed };
      await delay(pollMs);
    }
  })();
  return {
    stop: () => {
      stopping = true;
      return running;
    },
  };
}
