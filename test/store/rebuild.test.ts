import { expect } from 'chai';
import { fromUtf8 } from '../../src/base/bytes.ts';
import { digestReadModels } from '../../src/chain/fsck/digests.ts';
import { openAuditReader } from '../../src/store/audit-reader.ts';
import { openDataSource } from '../../src/store/data-source.ts';
import type { DecodeLeaf } from '../../src/store/projected-leaf.ts';
import { createProjector, type Projector } from '../../src/store/projection.ts';
import { rebuildReadModels } from '../../src/store/rebuild.ts';
import { blockOf, openStore, type OpenStore } from './sample-blocks.ts';

interface Row {
  readonly id: string;
  readonly height: number;
}

const decode: DecodeLeaf = ({ logIndex, bytes }) => {
  const { id, height } = JSON.parse(fromUtf8(bytes)) as Row;
  const body = { id, height };
  const event = { stream: 's', name: 'changed', kind: 'product', recordId: id, height, body };
  return {
    event: { ...event, envelopeId: `e${logIndex}`, timeMs: 1_700_000_000_000 },
    record: { kind: 'product', id, status: 'listed', body, searchText: `鸟击 ${id}` },
  };
};

/** Everything that the schema says of the read models, in any order of making. */
const schemaSql = `
  SELECT json_agg(line ORDER BY line) AS lines FROM (
    SELECT indexdef AS line FROM pg_indexes WHERE schemaname = 'public'
    UNION SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
      FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION SELECT concat_ws(' ', table_name, ordinal_position, column_name, data_type, is_nullable,
        column_default, collation_name, generation_expression)
      FROM information_schema.columns WHERE table_schema = 'public'
    UNION SELECT 'schema ' || nspname FROM pg_namespace WHERE nspname !~ '^pg_'
  ) AS schema`;

describe('store: rebuilding the read models', () => {
  let open: OpenStore;
  let projector: Projector;
  let height = 0;
  let logSize = 0;

  const commit = async (count: number): Promise<void> => {
    height += 1;
    const rows = Array.from({ length: count }, (_, at) => ({ id: `r${at % 70}`, height }));
    await open.store.commit(blockOf(height, logSize, rows), []);
    logSize += count;
  };
  const digests = async () => {
    const reader = await openAuditReader(open.url);
    return digestReadModels(reader).finally(() => reader.close());
  };
  const rebuild = (using = decode) =>
    rebuildReadModels({ dataSource: open.dataSource, url: open.url, decode: using });
  const schema = async () => open.dataSource.query<{ lines: string[] }[]>(schemaSql);

  beforeEach(async () => {
    open = await openStore();
    projector = createProjector({ dataSource: open.dataSource, decode });
    [height, logSize] = [0, 0];
    for (const count of [1, 1_500, 0, 900, 30]) await commit(count);
    await projector.advance();
  });
  afterEach(() => open.close());

  it('gives the same rows by hash, in tables that are defined as before', async () => {
    const [before, definition] = [await digests(), await schema()];
    const seen: number[] = [];
    const { dataSource, url } = open;
    const cursor = await rebuildReadModels({
      ...{ dataSource, url, decode },
      onProgress: (done) => seen.push(done.logIndex),
    });
    expect(cursor).to.deep.equal({ logIndex: logSize, height });
    expect(seen[0]).to.equal(1_501);
    expect(await digests()).to.deep.equal(before);
    expect(await schema()).to.deep.equal(definition);
    await commit(5);
    expect(await projector.advance()).to.deep.equal({ logIndex: logSize, height });
    const found = await projector.listRecords({ kind: 'product', limit: 5, search: '鸟击 r7' });
    expect(found.value.map(({ id }) => id)).to.deep.equal(['r7']);
  });

  it('repairs rows that were changed, taken out or added', async () => {
    const before = await digests();
    await open.dataSource.query(`
      UPDATE record SET body = '{}' WHERE id = 'r3'; DELETE FROM record WHERE id = 'r4';
      DELETE FROM event WHERE log_index = 10; UPDATE event SET name = 'forged' WHERE log_index = 11;
      INSERT INTO record VALUES ('product', 'forged', 9000, 9000, 1, null, '{}', '')`);
    expect(await digests()).to.not.deep.equal(before);
    await rebuild();
    expect(await digests()).to.deep.equal(before);
  });

  it('has changed nothing where it was cut off, and begins anew', async () => {
    const before = await digests();
    let leaves = 0;
    const failing: DecodeLeaf = (leaf) => {
      leaves += 1;
      if (leaves > 2_000) throw new Error('cut off');
      return decode(leaf);
    };
    const error = await rebuild(failing).catch((cause: unknown) => cause);
    expect((error as Error).message).to.equal('cut off');
    expect(await digests()).to.deep.equal(before);
    expect(await projector.advance()).to.deep.equal({ logIndex: logSize, height });
    await rebuild();
    expect(await digests()).to.deep.equal(before);
  });

  it('goes on beside a node that commits and projects, and never shows readers less', async () => {
    const ended = new AbortController();
    const heights: number[] = [];
    const node = (async () => {
      while (!ended.signal.aborted) {
        await commit(20);
        await projector.advance();
      }
    })();
    const reader = await openDataSource(open.url, { poolMax: 2 });
    const watched = (async () => {
      const view = createProjector({ dataSource: reader, decode });
      while (!ended.signal.aborted) {
        const { height: shown, value } = await view.listRecords({ kind: 'product', limit: 100 });
        expect(value).to.have.length(70);
        heights.push(shown);
      }
    })();
    for (let round = 0; round < 3; round += 1) await rebuild();
    ended.abort();
    await Promise.all([node, watched]);
    await reader.destroy();
    expect(heights).to.deep.equal([...heights].sort((left, right) => left - right));
    await projector.advance();
    const shown = await digests();
    await rebuild();
    expect(await digests()).to.deep.equal(shown);
  });

  it('is one at a time', async () => {
    const outcomes = await Promise.allSettled([rebuild(), rebuild(), rebuild()]);
    const refused = outcomes.filter(({ status }) => status === 'rejected');
    expect(refused.length).to.be.within(1, 2);
    for (const { reason } of refused as PromiseRejectedResult[]) {
      expect((reason as { code: string }).code).to.equal('REBUILD_RUNNING');
    }
  });
});
