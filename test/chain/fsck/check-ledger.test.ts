import { expect } from 'chai';
import pg from 'pg';
import { checkLedger, type AuditOptions } from '../../../src/chain/fsck/check-ledger.ts';
import type { FsckReport } from '../../../src/chain/fsck/report.ts';
import type { StateView } from '../../../src/chain/fsck/state-view.ts';
import { openAuditReader } from '../../../src/store/audit-reader.ts';
import { freshDatabase, type FreshDatabase } from '../../support/database.ts';
import { play } from '../played-ledger.ts';
import { beginMs, testGenesis, testParts } from '../test-chain.ts';
import { openNode } from '../test-node.ts';

describe('chain/fsck: the audit of a ledger (M-90 to M-93)', () => {
  let database: FreshDatabase;
  let client: pg.Client;
  let head = 0;
  before(async () => {
    database = await freshDatabase();
    const clock = { nowMs: beginMs };
    const node = await openNode(database.url, { clock: () => clock.nowMs });
    await play(node, clock);
    head = node.engine.status().height;
    await node.close();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query('SET session_replication_role = replica');
  });
  after(async () => {
    await client.end();
    await database.drop();
  });

  async function audit(changed: Partial<AuditOptions> = {}): Promise<FsckReport> {
    const reader = await openAuditReader(database.url);
    try {
      return await checkLedger({
        reader,
        genesis: testGenesis(),
        parts: testParts,
        invariants: () => [],
        ...changed,
      });
    } finally {
      await reader.close();
    }
  }

  it('finds a sound ledger sound, having replayed every block', async () => {
    const seen: number[] = [];
    const report = await audit({ onProgress: ({ height }) => seen.push(height) });
    expect(report.findings).to.deep.equal([]);
    expect(report).to.include({ sound: true, height: head, replayed: head, blocks: head });
    expect(report.envelopes).to.equal(10);
    expect(report.events).to.be.greaterThan(8);
    expect(report.records).to.be.greaterThan(4);
    expect(report.stateRows).to.be.greaterThan(8);
    expect(seen.at(-1)).to.equal(head);
  });

  it('names another genesis', async () => {
    const report = await audit({ genesis: testGenesis({ timeMs: beginMs - 1 }) });
    expect(report.sound).to.equal(false);
    expect(report.findings[0]).to.include({ table: 'genesis', column: 'document' });
  });

  it('names a broken invariant of the state', async () => {
    const invariants = ({ height }: StateView): string[] => [`at ${height}`];
    const report = await audit({ invariants });
    expect(report.findings).to.deep.equal([
      { table: 'state', row: `at ${head}`, column: null, problem: 'broken' },
    ]);
  });

  /** Runs a change, audits, and takes the change back. */
  async function attacked(change: string, back: string): Promise<FsckReport> {
    await client.query(change);
    try {
      return await audit();
    } finally {
      await client.query(back);
    }
  }

  interface Column {
    readonly table: string;
    readonly name: string;
    readonly type: string;
  }

  /** Several changes of a value of this type, each one of which is another value. */
  const flips = (name: string, type: string): string[] => {
    if (type === 'bytea') {
      const at = (position: string) =>
        `CASE WHEN octet_length(${name}) = 0 THEN '\\x00' ELSE ` +
        `set_byte(${name}, ${position}, get_byte(${name}, ${position}) # 1) END`;
      return [at('0'), at(`octet_length(${name}) / 2`), at(`octet_length(${name}) - 1`)];
    }
    if (type === 'bigint') return [`${name} + 1000`];
    if (type === 'integer') return [`coalesce(${name}, 0) + 1000`];
    if (type === 'jsonb') return [`${name} || '{"id": "another"}'`, `${name} - 'id'`];
    return [`coalesce(${name}, '') || 'x'`, `'x' || coalesce(substr(${name}, 2), '')`];
  };

  /** Tables of which nothing follows from blocks; any other one must be audited. */
  const apart = [
    ...['migration', 'used_nonce', 'idempotent_request'],
    ...['content_claim', 'content_upload', 'content_removal'],
  ];
  /** SQL that names a row of each table as fsck does: its primary key. */
  const keys: Record<string, string> = {};
  before(async () => {
    const { rows } = await client.query<{ table: string; key: string | null }>(
      `SELECT class.relname AS table, (
         SELECT string_agg(quote_ident(attname) || '::text', ' || ''/'' || ' ORDER BY place)
         FROM pg_index, unnest(indkey) WITH ORDINALITY AS part (attnum, place)
           JOIN pg_attribute USING (attnum)
         WHERE indrelid = class.oid AND indisprimary AND attrelid = class.oid) AS key
       FROM pg_class AS class
       WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> ALL ($1)`,
      [apart],
    );
    for (const { table, key } of rows) {
      expect(key, `${table} has a primary key`).to.be.a('string');
      keys[table] = key!;
    }
    expect(Object.keys(keys)).to.include.members(['block', 'leaf', 'record', 'projection_cursor']);
  });

  it('names table and row for every column of every table, changed in any row', async function () {
    this.timeout(300_000);
    const { rows: columns } = await client.query<Column>(
      `SELECT table_name AS table, column_name AS name, data_type AS type
       FROM information_schema.columns
       WHERE table_schema = 'public' AND table_name <> ALL ($1) AND is_generated = 'NEVER'
         AND column_name <> 'single'
       ORDER BY table_name, ordinal_position`,
      [apart],
    );
    expect(columns.length).to.be.greaterThan(45);
    let changes = 0;
    for (const { table, name, type } of columns) {
      for (const [row, before] of await someRows(table, name)) {
        for (const flip of flips(name, type)) {
          changes += 1;
          await attack(table, name, row, before, flip);
        }
      }
    }
    expect(changes).to.be.greaterThan(150);
    expect((await audit()).findings).to.deep.equal([]);
  });

  /** First, middle and last row of a table: name and value. */
  async function someRows(table: string, name: string): Promise<[string, unknown][]> {
    const cast = `${name}::text`;
    const { rows } = await client.query<{ row: string; before: unknown }>(
      `SELECT ${keys[table]!} AS row, ${cast} AS before FROM ${table} ORDER BY (${keys[table]!}) COLLATE "C"`,
    );
    const picked = new Set([0, rows.length >> 1, rows.length - 1]);
    return [...picked].map((at) => [rows[at]!.row, rows[at]!.before]);
  }

  async function attack(
    table: string,
    name: string,
    row: string,
    before: unknown,
    flip: string,
  ): Promise<void> {
    const found = await client.query<{ ctid: string; after: string; row: string }>(
      `UPDATE ${table} SET ${name} = ${flip} WHERE ${keys[table]!} = $1
       RETURNING ctid::text, ${name}::text AS after, ${keys[table]!} AS row`,
      [row],
    );
    const changed = found.rows[0]!;
    expect(changed.after).to.not.equal(before);
    try {
      const { findings, sound } = await audit();
      const what = `${table}.${name} of ${row} changed by ${flip}`;
      expect(sound, what).to.equal(false);
      const named = findings.filter((finding) => finding.table === table);
      const rows = named.map((finding) => finding.row);
      expect(rows, `${what}: ${JSON.stringify(findings)}`).to.include.oneOf([row, changed.row]);
    } finally {
      const type = await typeOf(table, name);
      await client.query(`UPDATE ${table} SET ${name} = $1::text::${type} WHERE ctid = $2::tid`, [
        before,
        changed.ctid,
      ]);
    }
  }

  const typeOf = async (table: string, name: string): Promise<string> =>
    (
      await client.query<{ type: string }>(
        `SELECT data_type AS type FROM information_schema.columns
         WHERE table_schema = 'public' AND table_name = $1 AND column_name = $2`,
        [table, name],
      )
    ).rows[0]!.type;

  const removals = ['block', 'envelope', 'leaf', 'state', 'event', 'record', 'head', 'genesis'];
  for (const table of removals) {
    it(`names a row taken out of ${table}`, async () => {
      for (const [row] of await someRows(table, '(' + keys[table]! + ')')) {
        const kept = `kept_${table}`;
        await client.query(`CREATE TEMP TABLE ${kept} AS SELECT * FROM ${table} WHERE false`);
        const list = await insertable(table);
        const report = await attacked(
          `WITH gone AS (DELETE FROM ${table} WHERE ${keys[table]!} = '${row}' RETURNING *)
           INSERT INTO ${kept} SELECT * FROM gone`,
          `INSERT INTO ${table} (${list}) SELECT ${list} FROM ${kept}; DROP TABLE ${kept}`,
        );
        const rows = report.findings.filter((finding) => finding.table === table);
        expect(rows.map((finding) => finding.row)).to.include(row);
      }
    });
  }

  const insertable = async (table: string): Promise<string> =>
    (
      await client.query<{ list: string }>(
        `SELECT string_agg(column_name, ', ') AS list FROM information_schema.columns
         WHERE table_schema = 'public' AND table_name = $1 AND is_generated = 'NEVER'`,
        [table],
      )
    ).rows[0]!.list;

  it('names rows that nobody has signed', async () => {
    const added: [string, string, string, string][] = [
      [
        'state',
        'forged/row',
        `INSERT INTO state VALUES ('forged/row', '\\x80', 1)`,
        `DELETE FROM state WHERE key = 'forged/row'`,
      ],
      [
        'leaf',
        '500',
        `INSERT INTO leaf VALUES (500, 1, '\\x80')`,
        'DELETE FROM leaf WHERE log_index = 500',
      ],
      [
        'envelope',
        '2/77',
        `INSERT INTO envelope SELECT height, 77, id, bytes, 0, null, '', log_index
         FROM envelope WHERE height = 2 LIMIT 1`,
        'DELETE FROM envelope WHERE position = 77',
      ],
      [
        'record',
        'trade/forged',
        `INSERT INTO record VALUES ('trade', 'forged', 900, 900, 1, null, '{}', '')`,
        `DELETE FROM record WHERE id = 'forged'`,
      ],
    ];
    for (const [table, row, change, back] of added) {
      const { findings } = await attacked(change, back);
      expect(
        findings.filter((finding) => finding.table === table).map((finding) => finding.row),
        JSON.stringify(findings),
      ).to.include(row);
    }
  });
});
