import pg from 'pg';
import { toHex } from '../base/bytes.ts';
import { OperationalError } from '../base/operational-error.ts';
import type { AuditReader } from '../chain/engine/ports.ts';

export interface OpenAuditReader extends AuditReader {
  close(): Promise<void>;
}

const rowsPerPage = 500;
/** Envelopes may be large. */
const envelopesPerPage = 100;

/** Of a single moment, or of each query's: enough for what is never changed, and no old row is kept
 * from the database's own cleaning for as long as it takes. */
export type Consistency = 'snapshot' | 'append-only';

/**
 * Reads the whole ledger in one read-only snapshot, beside a running node or without one. Pages
 * by key, so memory stays at a page per table that is being read. Throws OperationalError
 * STORE_UNREACHABLE or STORE_EMPTY.
 */
export async function openAuditReader(
  url: string,
  consistency: Consistency = 'snapshot',
): Promise<OpenAuditReader> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'data-exchange-ledger audit',
  });
  client.on('error', () => undefined); // A connection that dies shows in its next query.
  try {
    await client.connect();
    await client.query('SET default_transaction_read_only = on');
    if (consistency === 'snapshot') {
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    }
  } catch (cause) {
    await client.end().catch(() => undefined);
    throw new OperationalError(
      'STORE_UNREACHABLE',
      `The database does not answer (${(cause as Error).message}). Start it, or correct its URL.`,
      { cause },
    );
  }
  if (!(await holdsLedger(client))) {
    await client.end();
    throw new OperationalError(
      'STORE_EMPTY',
      'This database holds no ledger. Name the data folder or DATABASE_URL of the node.',
    );
  }
  return { ...auditReader(client), close: () => client.end() };
}

async function holdsLedger(client: pg.Client): Promise<boolean> {
  const sql = `SELECT to_regclass('projection_cursor') IS NOT NULL AS present`;
  return (await client.query<{ present: boolean }>(sql)).rows[0]?.present === true;
}

type Row = Readonly<Record<string, unknown>>;

function auditReader(client: pg.Client): AuditReader {
  const one = async (sql: string): Promise<Row | null> =>
    (await client.query<Row>(sql)).rows[0] ?? null;
  const pages = <Value>(
    select: string,
    keys: readonly string[],
    read: (row: Row) => Value,
    after: readonly unknown[] | null = null,
    limit = rowsPerPage,
  ) => readPages(client, { select, keys, after, limit }, read);
  return {
    readGenesis: async () => bytesOrNull((await one('SELECT document FROM genesis'))?.['document']),
    readHead: async () => {
      const row = await one('SELECT * FROM head');
      return row === null ? null : headOf(row);
    },
    readCursor: async () => {
      const row = await one('SELECT * FROM projection_cursor');
      return row === null ? null : { logIndex: int(row['log_index']), height: int(row['height']) };
    },
    blocks: (from) => pages('SELECT * FROM block', ['height'], blockOf, before(from)),
    envelopes: (from) =>
      pages(
        'SELECT * FROM envelope',
        ['height', 'position'],
        envelopeOf,
        from === undefined ? null : [from - 1, positionMax],
        envelopesPerPage,
      ),
    leaves: (from) => pages('SELECT * FROM leaf', ['log_index'], leafOf, before(from)),
    state: () =>
      pages('SELECT * FROM state', ['key'], (row) => ({
        key: String(row['key']),
        value: bytes(row['value']),
        height: int(row['height']),
      })),
    events: () => pages('SELECT * FROM event', ['log_index'], eventOf),
    records: () => pages('SELECT * FROM record', ['kind', 'id'], recordOf),
  };
}

const positionMax = 2 ** 31 - 1;

const before = (from: number | undefined): [number] | null =>
  from === undefined ? null : [from - 1];

interface Paging {
  readonly select: string;
  readonly keys: readonly string[];
  /** Key of the row before the first one; null begins with the table. */
  readonly after: readonly unknown[] | null;
  readonly limit: number;
}

async function* readPages<Value>(
  client: pg.Client,
  { select, keys, after: begin, limit }: Paging,
  read: (row: Row) => Value,
): AsyncGenerator<Value, void, undefined> {
  const key = keys.join(', ');
  const marks = keys.map((_, at) => `$${at + 1}`).join(', ');
  let after = begin;
  for (;;) {
    const where: string = after === null ? '' : `WHERE (${key}) > (${marks})`;
    const sql = `${select} ${where} ORDER BY ${key} LIMIT ${limit}`;
    const { rows }: pg.QueryResult<Row> = await client.query<Row>(sql, [...(after ?? [])]);
    for (const row of rows) yield read(row);
    const last = rows.at(-1);
    if (last === undefined || rows.length < limit) return;
    after = keys.map((name) => last[name]);
  }
}

/** A damaged number need not be safe: the audit finds that it is not the right one. */
const int = (value: unknown): number => Number(value);

const bytes = (value: unknown): Uint8Array => new Uint8Array(value as Buffer);

const bytesOrNull = (value: unknown): Uint8Array | null =>
  value === undefined ? null : bytes(value);

const textOrNull = (value: unknown): string | null => value as string | null;

const headOf = (row: Row) => ({
  height: int(row['height']),
  timeMs: int(row['time_ms']),
  appHash: toHex(bytes(row['app_hash'])),
  headerHash: toHex(bytes(row['header_hash'])),
  logSize: int(row['log_size']),
});

const blockOf = (row: Row) => ({
  ...headOf(row),
  header: bytes(row['header']),
  signature: bytes(row['signature']),
});

const envelopeOf = (row: Row) => ({
  height: int(row['height']),
  position: int(row['position']),
  id: toHex(bytes(row['id'])),
  bytes: bytes(row['bytes']),
  resultCode: int(row['result_code']),
  failedOperation: row['failed_operation'] === null ? null : int(row['failed_operation']),
  detail: String(row['detail']),
  logIndex: int(row['log_index']),
});

const leafOf = (row: Row) => ({
  logIndex: int(row['log_index']),
  height: int(row['height']),
  bytes: bytes(row['bytes']),
});

const eventOf = (row: Row) => ({
  logIndex: int(row['log_index']),
  height: int(row['height']),
  stream: String(row['stream']),
  name: String(row['name']),
  kind: String(row['kind']),
  recordId: String(row['record_id']),
  envelopeId: textOrNull(row['envelope_id']),
  timeMs: int(row['at_ms']),
  body: row['body'],
});

const recordOf = (row: Row) => ({
  kind: String(row['kind']),
  id: String(row['id']),
  firstLogIndex: int(row['first_log_index']),
  logIndex: int(row['log_index']),
  height: int(row['height']),
  status: textOrNull(row['status']),
  body: row['body'],
  searchText: String(row['search_text']),
});
