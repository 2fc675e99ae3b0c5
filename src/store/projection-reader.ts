import type { DataSource } from 'typeorm';
import { assert } from '../base/assert.ts';
import { safeInteger, storableJson, storableText } from './columns.ts';
import type { ProjectionCursor } from './projected-leaf.ts';

/** What was read, and the height that it shows. */
export interface AtHeight<Value> {
  readonly height: number;
  readonly value: Value;
}

export interface RecordView {
  readonly kind: string;
  readonly id: string;
  /** Place in the listing of its kind, and never another. */
  readonly firstLogIndex: number;
  /** Of the leaf that last changed it. */
  readonly logIndex: number;
  /** Of the block that last changed it. */
  readonly height: number;
  readonly status: string | null;
  readonly body: unknown;
}

export interface EventView {
  readonly logIndex: number;
  readonly height: number;
  readonly stream: string;
  readonly name: string;
  readonly kind: string;
  readonly recordId: string;
  readonly envelopeId: string | null;
  readonly timeMs: number;
  readonly body: unknown;
}

export interface RecordQuery {
  readonly kind: string;
  /** `firstLogIndex` of the last record of the page before. */
  readonly afterFirstLogIndex?: number;
  /** 1 to 500. */
  readonly limit: number;
  readonly status?: string;
  /** Members that the body must contain, at any depth (jsonb `@>`). */
  readonly contains?: Record<string, unknown>;
  /** Words, of which all must occur; Chinese by its characters. Its first 200 characters count. */
  readonly search?: string;
}

export interface EventQuery {
  /** `logIndex` of the last event seen, or -1. */
  readonly after: number;
  /** The last `logIndex` that is wanted. */
  readonly upTo?: number;
  /** 1 to 500. */
  readonly limit: number;
  readonly stream?: string;
  readonly kind?: string;
  readonly recordId?: string;
}

export interface ProjectionReader {
  getRecord(kind: string, id: string): Promise<AtHeight<RecordView | null>>;
  /** In order of first appearance; a page is followed by the one after its last record. */
  listRecords(query: RecordQuery): Promise<AtHeight<RecordView[]>>;
  /** In log order. */
  listEvents(query: EventQuery): Promise<AtHeight<EventView[]>>;
  readCursor(): Promise<ProjectionCursor>;
}

const limitMax = 500;

/**
 * Reads that name their height. Each is one statement, so rows and height are of one snapshot:
 * the cursor's row is joined to the page, and comes alone where the page is empty.
 */
export function createProjectionReader(dataSource: DataSource): ProjectionReader {
  return {
    async getRecord(kind, id) {
      const page = `SELECT ${recordColumns} FROM record WHERE kind = $1 AND id = $2`;
      const rows = await readPage<RecordRow>(dataSource, page, 'log_index', [kind, id]);
      return { height: rows.height, value: rows.value.map(recordOf)[0] ?? null };
    },
    async listRecords(query) {
      const { sql, values } = recordPage(query);
      const rows = await readPage<RecordRow>(dataSource, sql, 'first_log_index', values);
      return { height: rows.height, value: rows.value.map(recordOf) };
    },
    async listEvents(query) {
      const { sql, values } = eventPage(query);
      const rows = await readPage<EventRow>(dataSource, sql, 'log_index', values);
      return { height: rows.height, value: rows.value.map(eventOf) };
    },
    async readCursor() {
      const [row] = await dataSource.query<{ log_index: string; height: string }[]>(
        'SELECT log_index, height FROM projection_cursor',
      );
      assert(row, 'the projection has a cursor');
      return { logIndex: safeInteger(row.log_index), height: safeInteger(row.height) };
    },
  };
}

interface Page {
  readonly sql: string;
  readonly values: readonly unknown[];
}

const recordColumns =
  'kind, id, first_log_index, log_index, height AS row_height, status, body::text AS body';

function recordPage(query: RecordQuery): Page {
  const { kind, afterFirstLogIndex = -1, limit, status, contains, search } = query;
  const wheres = new Conditions();
  wheres.add('kind = ', kind);
  wheres.add('first_log_index > ', afterFirstLogIndex);
  if (status !== undefined) wheres.add('status = ', status);
  if (contains !== undefined) wheres.add('body @> ', storableJson(contains), '::jsonb');
  if (search !== undefined) wheres.add('search @@ search_query(', storableText(search), ')');
  return wheres.page(`SELECT ${recordColumns} FROM record`, 'first_log_index', limit);
}

function eventPage({ after, upTo, limit, stream, kind, recordId }: EventQuery): Page {
  const wheres = new Conditions();
  wheres.add('log_index > ', after);
  if (upTo !== undefined) wheres.add('log_index <= ', upTo);
  if (stream !== undefined) wheres.add('stream = ', stream);
  if (kind !== undefined) wheres.add('kind = ', kind);
  if (recordId !== undefined) wheres.add('record_id = ', recordId);
  const columns =
    'log_index, height AS row_height, stream, name, kind, record_id, envelope_id, at_ms, ' +
    'body::text AS body';
  return wheres.page(`SELECT ${columns} FROM event`, 'log_index', limit);
}

class Conditions {
  readonly #terms: string[] = [];
  readonly #values: unknown[] = [];

  add(before: string, value: unknown, after = ''): void {
    this.#values.push(value);
    this.#terms.push(`${before}$${this.#values.length}${after}`);
  }

  page(select: string, order: string, limit: number): Page {
    assert(Number.isInteger(limit) && limit >= 1 && limit <= limitMax, 'a page has 1 to 500 rows');
    const sql = `${select} WHERE ${this.#terms.join(' AND ')} ORDER BY ${order} LIMIT ${limit}`;
    return { sql, values: this.#values };
  }
}

interface PageRow {
  cursor_height: string;
  present: boolean | null;
}

async function readPage<Row>(
  dataSource: DataSource,
  page: string,
  order: string,
  values: readonly unknown[],
): Promise<AtHeight<Row[]>> {
  const rows = await dataSource.query<(Row & PageRow)[]>(
    `SELECT place.height AS cursor_height, page.* FROM projection_cursor AS place
     LEFT JOIN LATERAL (SELECT true AS present, rows.* FROM (${page}) AS rows) AS page ON true
     ORDER BY page.${order}`,
    values.map((value) => (typeof value === 'string' ? storableText(value) : value)),
  );
  assert(rows[0], 'the projection has a cursor');
  return {
    height: safeInteger(rows[0].cursor_height),
    value: rows.filter((row) => row.present === true),
  };
}

interface RecordRow {
  kind: string;
  id: string;
  first_log_index: string;
  log_index: string;
  row_height: string;
  status: string | null;
  body: string;
}

const recordOf = (row: RecordRow): RecordView => ({
  kind: row.kind,
  id: row.id,
  firstLogIndex: safeInteger(row.first_log_index),
  logIndex: safeInteger(row.log_index),
  height: safeInteger(row.row_height),
  status: row.status,
  body: JSON.parse(row.body) as unknown,
});

interface EventRow {
  log_index: string;
  row_height: string;
  stream: string;
  name: string;
  kind: string;
  record_id: string;
  envelope_id: string | null;
  at_ms: string;
  body: string;
}

const eventOf = (row: EventRow): EventView => ({
  logIndex: safeInteger(row.log_index),
  height: safeInteger(row.row_height),
  stream: row.stream,
  name: row.name,
  kind: row.kind,
  recordId: row.record_id,
  envelopeId: row.envelope_id,
  timeMs: safeInteger(row.at_ms),
  body: JSON.parse(row.body) as unknown,
});
