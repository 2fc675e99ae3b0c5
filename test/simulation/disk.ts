/**
 * A block store on a simulated disk. What is appended reaches the platter with `sync`; at a crash
 * any prefix of what was not synced may have reached it, its last bytes even as garbage. A
 * transaction whose length and checksum do not hold is not there: torn commits are never seen.
 */
import { concat, equalBytes } from '../../src/base/bytes.ts';
import { decodeCbor, encodeCbor, type CborValue } from '../../src/base/cbor.ts';
import { sha256 } from '../../src/base/hash.ts';
import type { StateChange } from '../../src/chain/machine/state.ts';
import type { Random } from './random.ts';

export interface Transaction {
  readonly height: number;
  /** The machine's head, as the caller wrote it. */
  readonly head: CborValue;
  readonly changes: readonly StateChange[];
  readonly leaves: readonly Uint8Array[];
}

export interface StoredState {
  readonly height: number;
  readonly head: CborValue;
  readonly rows: ReadonlyMap<string, Uint8Array>;
  readonly leaves: readonly Uint8Array[];
}

const checksumSize = 8;

function encodeTransaction({ height, head, changes, leaves }: Transaction): Uint8Array {
  const body = encodeCbor([
    BigInt(height),
    head,
    changes.map(({ key, value }) => [key, value]),
    leaves,
  ]);
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, body.length);
  return concat(length, body, sha256(body).subarray(0, checksumSize));
}

export class SimulatedDisk {
  #durable: Uint8Array[] = [];
  #volatile: Uint8Array[] = [];

  append(transaction: Transaction): void {
    this.#volatile.push(encodeTransaction(transaction));
  }

  sync(): void {
    this.#durable.push(...this.#volatile);
    this.#volatile = [];
  }

  /** Power goes: a part of what was not synced stays, perhaps with a torn end. */
  crash(random: Random): void {
    const lost = concat(...this.#volatile);
    this.#volatile = [];
    const kept = lost.slice(0, random.below(lost.length + 1));
    if (kept.length > 0 && random.chance(0.3)) kept[kept.length - 1] = random.below(256);
    const whole = concat(...this.#durable, kept);
    this.#durable = [whole.slice(0, endOfWhole(whole))];
  }

  /** What stands on the platter; null where the ledger was never begun. */
  read(): StoredState | null {
    const rows = new Map<string, Uint8Array>();
    const leaves: Uint8Array[] = [];
    let last: { height: number; head: CborValue } | null = null;
    for (const body of bodies(concat(...this.#durable))) {
      const [height, head, changes, added] = decodeCbor(body) as unknown as [
        bigint,
        CborValue,
        [string, Uint8Array | null][],
        Uint8Array[],
      ];
      for (const [key, value] of changes) {
        if (value === null) rows.delete(key);
        else rows.set(key, value);
      }
      leaves.push(...added);
      last = { height: Number(height), head };
    }
    return last && { ...last, rows, leaves };
  }

  erase(): void {
    this.#durable = [];
    this.#volatile = [];
  }
}

/** Transactions up to the first that does not hold. */
function* bodies(bytes: Uint8Array): Iterable<Uint8Array> {
  let start = 0;
  while (start + 4 <= bytes.length) {
    const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(start);
    const end = start + 4 + length + checksumSize;
    if (end > bytes.length) return;
    const body = bytes.subarray(start + 4, start + 4 + length);
    if (
      !equalBytes(sha256(body).subarray(0, checksumSize), bytes.subarray(end - checksumSize, end))
    )
      return;
    yield body;
    start = end;
  }
}

function endOfWhole(bytes: Uint8Array): number {
  let end = 0;
  for (const body of bodies(bytes)) end += 4 + body.length + checksumSize;
  return end;
}
