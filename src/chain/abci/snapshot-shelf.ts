/** M-120, M-121: snapshots on disk: taken every so many blocks, given to peers, and restored from peers. */
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import {
  ResponseApplySnapshotChunk_Result as ApplyResult,
  ResponseOfferSnapshot_Result as OfferResult,
  type RequestApplySnapshotChunk,
  type RequestOfferSnapshot,
  type ResponseApplySnapshotChunk,
  type Snapshot,
} from 'cosmjs-types/tendermint/abci/types';
import { equalBytes, toHex, type Hex } from '../../base/bytes.ts';
import { sha256, sha256Hex } from '../../base/hash.ts';
import { OperationalError } from '../../base/operational-error.ts';
import { encodeGenesis } from '../machine/genesis.ts';
import type { Machine } from '../machine/machine.ts';
import { openMachine } from '../engine/open.ts';
import type { BlockStore } from '../engine/ports.ts';
import type { Application, OpenedMachine } from './application.ts';
import { checkBlocks } from './snapshot-check.ts';
import {
  chunkHashes,
  decodeSnapshot,
  encodeBlockItem,
  encodeStateItem,
  metadataOf,
  snapshotFormat,
  storeOfSnapshot,
  type SnapshotContent,
} from './snapshot-format.ts';
import type { Snapshots } from './snapshots.ts';

export interface SnapshotShelfOptions {
  /** Folder of this node alone. */
  readonly dir: string;
  /** Blocks from one snapshot to the next; 0 takes none. */
  readonly interval: number;
  readonly makeMachine: () => Machine;
  readonly log: (line: string) => void;
  /** Milliseconds since the epoch; the system's clock unless given. */
  readonly now?: () => number;
}

/** CometBFT carries chunks of at most 16 MB. */
const chunkBytes = 4 * 1024 * 1024;
/** Unpacked; a snapshot is read into memory, as the ledger's state is. */
const contentBytesMax = 4 * 1024 * 1024 * 1024 - 1;
/** Packed, all of them together are no more than that either: a peer may announce what it likes. */
const chunksMax = Math.ceil(contentBytesMax / chunkBytes);
const keptMax = 2;
/** Older ones that a peer was told of are kept while it may come for them, so many of all at most. */
const keptForPeersMax = 10;
const keptForPeersMs = 60_000;
/** By how much this node's clock may be behind the validators'. */
const clockSkewMaxMs = 600_000;

interface Restoring {
  readonly snapshot: Snapshot;
  readonly hashes: readonly Hex[];
  readonly appHash: Hex;
  readonly chunks: Map<number, Uint8Array>;
}

const marker = 'restoring';

/** Throws OperationalError SNAPSHOT_UNFINISHED where a restore was cut off while writing. */
export async function openSnapshotShelf(options: SnapshotShelfOptions): Promise<Snapshots> {
  const { dir } = options;
  await mkdir(dir, { recursive: true });
  const unfinished = await readFile(path.join(dir, marker)).catch(() => null);
  if (unfinished) {
    throw new OperationalError(
      'SNAPSHOT_UNFINISHED',
      'A snapshot was being written to the database when this node ended. Give it an empty ' +
        `database, delete ${path.join(dir, marker)} and CometBFT's data, and sync again.`,
    );
  }
  return new SnapshotShelf(options);
}

async function stateItems(store: BlockStore): Promise<Uint8Array[]> {
  const rows: Uint8Array[] = [];
  for await (const { key, value } of store.readState()) {
    if (value) rows.push(encodeStateItem(key, value));
  }
  return rows;
}

class SnapshotShelf implements Snapshots {
  readonly #options: SnapshotShelfOptions;
  #taking = false;
  /** When a peer was last told of a snapshot, or given a part of it, by height. */
  readonly #askedAtMs = new Map<number, number>();
  #restoring: Restoring | null = null;

  constructor(options: SnapshotShelfOptions) {
    this.#options = options;
  }

  async list(): Promise<Snapshot[]> {
    const heights = await this.#heights();
    for (const height of heights) this.#asked(height);
    const snapshots = await Promise.all(heights.map((height) => this.#read(height)));
    return snapshots.filter((snapshot) => snapshot !== null);
  }

  #asked(height: number): void {
    const { now = Date.now } = this.#options;
    this.#askedAtMs.set(height, now());
  }

  async load({ height, chunk }: { height: bigint; chunk: number }): Promise<Uint8Array> {
    const file = path.join(this.#options.dir, String(height), `chunk-${chunk}`);
    const found = await readFile(file).catch(() => null);
    if (found) this.#asked(Number(height));
    return found ?? new Uint8Array();
  }

  async afterCommit(application: Application): Promise<void> {
    const { interval, log } = this.#options;
    const { height } = application.head;
    if (interval === 0 || height % interval !== 0 || this.#taking) return;
    this.#taking = true;
    // The block is on disk: that no snapshot can be taken of it is no failure of the commit.
    const failed = (error: unknown) => {
      log(`snapshot ${height}: ${(error as Error).message}`);
      return null;
    };
    const { store } = application;
    // The rows are of this moment, as no block is written before the reply; the blocks never change.
    const rows = await stateItems(store).catch(failed);
    void (rows ? this.#take(height, rows, store) : Promise.resolve())
      .catch(failed)
      .finally(() => (this.#taking = false));
  }

  async #take(height: number, state: readonly Uint8Array[], store: BlockStore): Promise<void> {
    const parts: Uint8Array[] = [];
    for await (const block of store.readBlocks(1, height)) parts.push(encodeBlockItem(block));
    parts.push(...state);
    const packed = gzipSync(Buffer.concat(parts), { level: 1 });
    const folder = path.join(this.#options.dir, String(height));
    const unfinished = `${folder}.unfinished`;
    await mkdir(unfinished, { recursive: true });
    const hashes: Hex[] = [];
    for (let at = 0; at < packed.length; at += chunkBytes) {
      const chunk = packed.subarray(at, at + chunkBytes);
      await writeFile(path.join(unfinished, `chunk-${hashes.length}`), chunk);
      hashes.push(sha256Hex(chunk));
    }
    await writeFile(path.join(unfinished, 'hashes'), metadataOf(hashes));
    await rename(unfinished, folder);
    await this.#removeOld();
  }

  async #removeOld(): Promise<void> {
    const { dir, now = Date.now } = this.#options;
    const since = now() - keptForPeersMs;
    for (const [height, at] of this.#askedAtMs) if (at < since) this.#askedAtMs.delete(height);
    const old = (await this.#heights()).filter(
      (height, at) => at >= keptForPeersMax || (at >= keptMax && !this.#askedAtMs.has(height)),
    );
    await Promise.all(
      old.map((each) => rm(path.join(dir, String(each), '/'), { recursive: true })),
    );
  }

  /** The newest first. */
  async #heights(): Promise<number[]> {
    const names = await readdir(this.#options.dir);
    return names
      .filter((name) => /^[0-9]+$/.test(name))
      .map(Number)
      .sort((left, right) => right - left);
  }

  async #read(height: number): Promise<Snapshot | null> {
    const file = path.join(this.#options.dir, String(height), 'hashes');
    const metadata = await readFile(file).catch(() => null);
    return (
      metadata && {
        height: BigInt(height),
        format: snapshotFormat,
        chunks: metadata.length / 32,
        hash: sha256(metadata),
        metadata,
      }
    );
  }

  offer(application: Application, { snapshot, appHash }: RequestOfferSnapshot): OfferResult {
    this.#restoring = null;
    if (!snapshot || application.head.height !== 0) return OfferResult.ABORT;
    if (snapshot.format !== snapshotFormat) return OfferResult.REJECT_FORMAT;
    const { chunks, metadata, hash } = snapshot;
    const whole = metadata.length === chunks * 32 && equalBytes(sha256(metadata), hash);
    if (!whole || chunks === 0 || chunks > chunksMax) return OfferResult.REJECT;
    const hashes = chunkHashes(metadata);
    this.#restoring = { snapshot, hashes, appHash: toHex(appHash), chunks: new Map() };
    return OfferResult.ACCEPT;
  }

  async apply(
    application: Application,
    { index, chunk, sender }: RequestApplySnapshotChunk,
  ): Promise<ResponseApplySnapshotChunk> {
    const restoring = this.#restoring;
    const answer = (result: ApplyResult) => ({ result, refetchChunks: [], rejectSenders: [] });
    if (!restoring) return answer(ApplyResult.ABORT);
    if (chunk.length > chunkBytes || sha256Hex(chunk) !== restoring.hashes[index]) {
      return { result: ApplyResult.RETRY, refetchChunks: [index], rejectSenders: [sender] };
    }
    restoring.chunks.set(index, chunk);
    if (restoring.chunks.size < restoring.snapshot.chunks) return answer(ApplyResult.ACCEPT);
    this.#restoring = null;
    const content = await this.#check(restoring);
    if (!content) return answer(ApplyResult.REJECT_SNAPSHOT);
    application.adopt(await this.#write(application, content));
    return answer(ApplyResult.ACCEPT);
  }

  /** The content, where it leads to the app hash that the light client found; null otherwise. */
  async #check(restoring: Restoring): Promise<SnapshotContent | null> {
    const { snapshot, appHash, chunks } = restoring;
    try {
      const parts = Array.from(
        { length: snapshot.chunks },
        (_, at) => chunks.get(at) ?? Buffer.of(),
      );
      const options = { maxOutputLength: contentBytesMax };
      const content = decodeSnapshot(gunzipSync(Buffer.concat(parts), options));
      const machine = this.#options.makeMachine();
      const { now = Date.now } = this.#options;
      checkBlocks(content.blocks, machine.genesisHash, now() + clockSkewMaxMs);
      await openMachine(machine, storeOfSnapshot(encodeGenesis(machine.genesis), content));
      const info = machine.info();
      return info.appHash === appHash && info.height === Number(snapshot.height) ? content : null;
    } catch (error) {
      this.#options.log(`snapshot refused: ${(error as Error).message}`);
      return null;
    }
  }

  /** The marker stands while the database is between empty and whole. */
  async #write({ store }: Application, content: SnapshotContent): Promise<OpenedMachine> {
    const { dir, makeMachine } = this.#options;
    const kept = new Set(content.state.map(({ key }) => key));
    const gone: { key: string; value: null }[] = [];
    for await (const { key } of store.readState())
      if (!kept.has(key)) gone.push({ key, value: null });
    await writeFile(path.join(dir, marker), '');
    const last = content.blocks.length - 1;
    for (const [at, block] of content.blocks.entries()) {
      await store.commit(block, at === last ? [...content.state, ...gone] : []);
    }
    const machine = makeMachine();
    const checkpoint = await openMachine(machine, store);
    await rm(path.join(dir, marker));
    return { machine, checkpoint };
  }
}
