/** What one validator has: of its CometBFT's own block store, and of its own database. */
import { openCometRpc, type CometRpc } from '../../../src/chain/engine/comet-rpc.ts';
import { sha256Hex } from '../../../src/base/hash.ts';
import { rpcAddressOf } from '../../../src/net/plan.ts';
import { rowsOf, type TestNetwork } from './test-network.ts';

export interface CometBlock {
  readonly hash: string;
  /** Of the block before: lower-case hex. */
  readonly appHash: string;
  readonly time: string;
  readonly envelopes: readonly Uint8Array[];
  readonly codes: readonly number[];
}

export interface LedgerBlock {
  readonly appHash: string;
  readonly headerHash: string;
  readonly envelopes: readonly { readonly id: string; readonly code: number }[];
}

export interface Copy {
  /** By height; after state-sync they begin above 1. */
  readonly comet: ReadonlyMap<number, CometBlock>;
  readonly ledger: ReadonlyMap<number, LedgerBlock>;
  /** Key and SHA-256 of the value of every state row, in the order of their keys. */
  readonly state: readonly (readonly [key: string, valueHash: string])[];
}

/**
 * Blocks as they were decided, kept from validators before they forget: once each has come by
 * state-sync, none has the first ones any more.
 */
export class Archive {
  readonly blocks = new Map<number, CometBlock>();

  /** Keeps what has been decided since the last time. */
  async keep(network: TestNetwork): Promise<void> {
    const from = this.blocks.size + 1;
    for (const at of network.plan.validators.keys()) {
      const rpc = openCometRpc(`http://${rpcAddressOf(network.validator(at))}`);
      try {
        const { first, last } = await heightsOf(rpc);
        if (first === 0 || first > from) continue;
        // The last one may still lack its results: the next time keeps it.
        const blocks = await readComet(rpc, from, last - 1);
        for (const [height, block] of blocks) this.blocks.set(height, block);
        return;
      } catch (error) {
        if ((error as { code?: string }).code !== 'COMET_DOWN') throw error;
      } finally {
        rpc.close();
      }
    }
    throw new Error(`no validator has the blocks from ${from} on`);
  }
}

/** Blocks 1 to `last`; the state is whatever the validator has committed last. */
export async function readCopy(network: TestNetwork, at: number, last: number): Promise<Copy> {
  const rpc = openCometRpc(`http://${rpcAddressOf(network.validator(at))}`);
  try {
    const [comet, ledger, state] = await Promise.all([
      heightsOf(rpc).then(({ first }) => readComet(rpc, first, last)),
      readLedger(network, at, last),
      readState(network, at),
    ]);
    return { comet, ledger, state };
  } finally {
    rpc.close();
  }
}

interface BlockAnswer {
  readonly block_id: { readonly hash: string };
  readonly block: {
    readonly header: { readonly app_hash: string; readonly time: string };
    readonly data: { readonly txs: readonly string[] | null };
  };
}

interface ResultsAnswer {
  readonly txs_results: readonly { readonly code?: number }[] | null;
}

const readersAtOnce = 8;

async function heightsOf(rpc: CometRpc): Promise<{ first: number; last: number }> {
  const { sync_info: info } = await rpc.call<{
    sync_info: { earliest_block_height: string; latest_block_height: string };
  }>('status');
  return { first: Number(info.earliest_block_height), last: Number(info.latest_block_height) };
}

async function readComet(
  rpc: CometRpc,
  first: number,
  last: number,
): Promise<Map<number, CometBlock>> {
  const blocks = new Map<number, CometBlock>();
  let next = first;
  const reader = async (): Promise<void> => {
    for (let height = next++; height <= last; height = next++) {
      blocks.set(height, await readBlock(rpc, height));
    }
  };
  await Promise.all(Array.from({ length: readersAtOnce }, reader));
  return blocks;
}

async function readBlock(rpc: CometRpc, height: number): Promise<CometBlock> {
  const params = { height: String(height) };
  const { block_id: id, block } = await rpc.call<BlockAnswer>('block', params);
  const txs = block.data.txs ?? [];
  const results = txs.length === 0 ? null : await rpc.call<ResultsAnswer>('block_results', params);
  return {
    hash: id.hash,
    appHash: block.header.app_hash.toLowerCase(),
    time: block.header.time,
    envelopes: txs.map((tx) => new Uint8Array(Buffer.from(tx, 'base64'))),
    codes: (results?.txs_results ?? []).map(({ code = 0 }) => code),
  };
}

async function readLedger(
  network: TestNetwork,
  at: number,
  last: number,
): Promise<Map<number, LedgerBlock>> {
  const blocks = await rowsOf<{ height: string; app_hash: Buffer; header_hash: Buffer }>(
    network,
    at,
    `SELECT height, app_hash, header_hash FROM block WHERE height <= ${last} ORDER BY height`,
  );
  const envelopes = await rowsOf<{ height: string; bytes: Buffer; code: number }>(
    network,
    at,
    `SELECT height, bytes, result_code AS code FROM envelope WHERE height <= ${last}
     ORDER BY height, position`,
  );
  const byHeight = new Map<string, { id: string; code: number }[]>();
  for (const { height, bytes, code } of envelopes) {
    const own = byHeight.get(height) ?? [];
    own.push({ id: sha256Hex(bytes), code });
    byHeight.set(height, own);
  }
  return new Map(
    blocks.map(({ height, app_hash: appHash, header_hash: headerHash }) => [
      Number(height),
      {
        appHash: appHash.toString('hex'),
        headerHash: headerHash.toString('hex'),
        envelopes: byHeight.get(height) ?? [],
      },
    ]),
  );
}

async function readState(network: TestNetwork, at: number): Promise<[string, string][]> {
  const rows = await rowsOf<{ key: string; value: Buffer }>(
    network,
    at,
    'SELECT key, value FROM state ORDER BY key COLLATE "C"',
  );
  return rows.map(({ key, value }) => [key, sha256Hex(value)]);
}
