import type { DataSource } from 'typeorm';
import { assert } from '../base/assert.ts';
import { groupBy } from '../base/group-by.ts';
import { OperationalError } from '../base/operational-error.ts';
import type { BlockStore, CommittedBlock, StateWrite } from '../chain/engine/ports.ts';
import { safeInteger } from './columns.ts';
import {
  envelopeOf,
  headOf,
  leafOf,
  type EnvelopeRow,
  type HeadRow,
  type LeafRow,
} from './ledger-rows.ts';
import { streamRows } from './row-stream.ts';

/** What may be read beside a running node: it takes no lock and writes nothing. */
export type BlockReader = Omit<BlockStore, 'begin' | 'commit'>;

interface BlockRow extends HeadRow {
  header: Buffer;
  signature: Buffer;
  /** Log size of the block below. */
  log_start: string;
}

export function createBlockReader(dataSource: DataSource): BlockReader {
  return {
    async readGenesis() {
      const rows = await dataSource.query<{ document: Buffer }[]>('SELECT document FROM genesis');
      return rows[0]?.document ?? null;
    },
    async readHead() {
      const [row] = await dataSource.query<HeadRow[]>('SELECT * FROM head');
      return row === undefined ? null : headOf(row);
    },
    async *readState() {
      const rows = streamRows<StateWrite>(
        dataSource,
        'SELECT key, value FROM state ORDER BY key',
        [],
      );
      for await (const { key, value } of rows) yield { key, value };
    },
    readBlocks: (from, to) => readBlocks(dataSource, from, to),
    async *readLeaves(from) {
      const sql = 'SELECT log_index, bytes FROM leaf WHERE log_index >= $1 ORDER BY log_index';
      for await (const row of streamRows<LeafRow>(dataSource, sql, [from])) yield leafOf(row);
    },
  };
}

/**
 * In runs of blocks, three queries each, so memory stays at one run and no connection is held
 * between them. Blocks are never changed: a head read first is all the consistency needed.
 */
async function* readBlocks(
  dataSource: DataSource,
  from: number,
  to: number,
): AsyncGenerator<CommittedBlock, void, undefined> {
  const [head] = await dataSource.query<HeadRow[]>('SELECT * FROM head');
  const last = Math.min(to, head === undefined ? 0 : safeInteger(head.height));
  for (let next = Math.max(from, 1); next <= last;) {
    const rows = await dataSource.query<BlockRow[]>(blockRun, [next, last, blocksPerRun]);
    const run = firstOfRun(rows);
    if (run[0]?.height !== String(next)) {
      throw new OperationalError(
        'STORE_DAMAGED',
        `The database lacks block ${next} of ${last}. Restore it from a backup.`,
      );
    }
    yield* wholeBlocks(dataSource, run);
    next += run.length;
  }
}

const blocksPerRun = 200;
const leavesPerRun = 2_000;

const blockRun = `
  SELECT block.*, coalesce(
    (SELECT log_size FROM block AS below WHERE below.height = block.height - 1), 0
  ) AS log_start
  FROM block WHERE height BETWEEN $1 AND $2 ORDER BY height LIMIT $3`;

/** As many blocks as have few enough leaves together, and at least one. */
function firstOfRun(rows: BlockRow[]): BlockRow[] {
  const start = rows[0] === undefined ? 0 : safeInteger(rows[0].log_start);
  return rows.filter((row, at) => at === 0 || safeInteger(row.log_size) - start <= leavesPerRun);
}

async function* wholeBlocks(
  dataSource: DataSource,
  run: readonly BlockRow[],
): AsyncGenerator<CommittedBlock, void, undefined> {
  const [first, last] = [run[0], run.at(-1)];
  assert(first && last, 'a run has a block');
  const envelopes = await dataSource.query<EnvelopeRow[]>(
    'SELECT * FROM envelope WHERE height BETWEEN $1 AND $2 ORDER BY height, position',
    [first.height, last.height],
  );
  const leaves = await dataSource.query<LeafRow[]>(
    `SELECT log_index, height, bytes FROM leaf WHERE log_index >= $1 AND log_index < $2
     ORDER BY log_index`,
    [first.log_start, last.log_size],
  );
  const envelopesOf = groupBy(envelopes, ({ height }) => height);
  const leavesOf = groupBy(leaves, ({ height }) => height);
  for (const row of run) {
    yield {
      ...headOf(row),
      header: row.header,
      signature: row.signature,
      envelopes: (envelopesOf.get(row.height) ?? []).map(envelopeOf),
      leaves: (leavesOf.get(row.height) ?? []).map(leafOf),
    };
  }
}
