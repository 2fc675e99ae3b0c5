import { expect } from 'chai';
import fc from 'fast-check';
import { storableText } from '../../src/store/columns.ts';
import { createProjector, type Projector } from '../../src/store/projection.ts';
import { rebuildReadModels } from '../../src/store/rebuild.ts';
import { blockOf, openStore, type OpenStore } from './sample-blocks.ts';
import { decode, type Row } from './sample-leaves.ts';

/** Letters of every kind that the search tells apart, and what separates them. */
const letters = Array.from(
  'abz09 .-\'\\":|&!*數据交易鸟カ가\u00aa\u0301\u1fff\u2e80\u3005\ufa10𠀀\u{3ffff}ＡＢ½①\n',
);

/** What `search_vector` has to give, by the functions that questions are made with. */
const vectorOfTerms = `
  SELECT coalesce(string_agg(format('''%s'':%s', term, least(place, 16383)), ' '), '')::tsvector
  FROM (
    SELECT term, row_number() OVER (ORDER BY run_at, term_at) + run_at - 1 AS place
    FROM search_runs(source) WITH ORDINALITY AS runs (run, wide, run_at),
      unnest(search_terms(run, wide)) WITH ORDINALITY AS terms (term, term_at)
  ) AS placed`;

describe('store: projection', () => {
  let open: OpenStore;
  let projector: Projector;
  let height = 0;
  let logSize = 0;

  const commit = async (...rows: Row[]): Promise<void> => {
    height += 1;
    const placed = rows.map((row) => ({ ...row, body: { height, ...row.body } }));
    await open.store.commit(blockOf(height, logSize, placed), []);
    logSize += rows.length;
  };
  const ids = async (query: Partial<Parameters<Projector['listRecords']>[0]>): Promise<string[]> =>
    (await projector.listRecords({ kind: 'product', limit: 100, ...query })).value.map(
      ({ id }) => id,
    );

  beforeEach(async () => {
    open = await openStore();
    projector = createProjector({ dataSource: open.dataSource, decode });
    height = 0;
    logSize = 0;
  });
  afterEach(() => open.close());

  it('applies leaves once, names its height and keeps where a record began', async () => {
    await commit({ id: 'a', status: 'draft' }, { id: 'b' }, { id: 'a', status: 'listed' });
    await commit({ id: 'x', silent: true });
    await commit();
    expect(await projector.advance()).to.deep.equal({ logIndex: 4, height: 3 });
    expect(await projector.advance()).to.deep.equal({ logIndex: 4, height: 3 });
    await commit({ id: 'a', status: 'sold', body: { n: 2 } });
    expect((await projector.getRecord('product', 'a')).height).to.equal(3);
    await projector.advance();
    expect(await projector.getRecord('product', 'a')).to.deep.equal({
      height: 4,
      value: {
        kind: 'product',
        id: 'a',
        firstLogIndex: 0,
        logIndex: 4,
        height: 4,
        status: 'sold',
        body: { height: 4, n: 2 },
      },
    });
    expect(await projector.getRecord('product', 'x')).to.deep.equal({ height: 4, value: null });
    expect(await ids({ kind: 'nothing' })).to.deep.equal([]);
    expect(await projector.readCursor()).to.deep.equal({ logIndex: 5, height: 4 });
  });

  it('lists events by stream, kind and record, in log order', async () => {
    await commit({ id: 'a' }, { id: 'b', kind: 'right' }, { id: 'a', bare: true }, { id: 'c' });
    await projector.advance();
    const events = async (query: object): Promise<number[]> =>
      (await projector.listEvents({ after: -1, limit: 10, ...query })).value.map(
        ({ logIndex }) => logIndex,
      );
    expect(await events({})).to.deep.equal([0, 1, 2, 3]);
    expect(await events({ after: 1, limit: 1 })).to.deep.equal([2]);
    expect(await events({ recordId: 'a' })).to.deep.equal([0, 2]);
    expect(await events({ kind: 'right' })).to.deep.equal([1]);
    expect(await events({ stream: 'product/c' })).to.deep.equal([3]);
    expect(await events({ stream: 'product/c', kind: 'right' })).to.deep.equal([]);
  });

  it('filters by status and by members of the body', async () => {
    const body = { owner: { org: 'o1' }, tags: ['x', 'y'] };
    await commit({ id: 'a', body }, { id: 'b', status: 'draft', body }, { id: 'c', status: null });
    await projector.advance();
    expect(await ids({ status: 'draft' })).to.deep.equal(['b']);
    expect(await ids({ contains: { owner: { org: 'o1' } } })).to.deep.equal(['a', 'b']);
    expect(await ids({ contains: { tags: ['y'] }, status: 'listed' })).to.deep.equal(['a']);
    expect(await ids({ contains: { owner: { org: "o1' OR true --" } } })).to.deep.equal([]);
  });

  const searches: [search: string, finds: string[]][] = [
    ['数据', ['zh', 'mixed']],
    ['交易', ['zh']],
    ['据交', ['zh']],
    ['数易', []],
    ['数据交易所', ['zh']],
    ['所', ['zh']],
    ['易 所', ['zh']],
    ['鸟击', ['mixed']],
    ['鸟击 数据', ['mixed']],
    ['录b', ['mixed']],
    ['bird', ['en', 'mixed']],
    ['BirdStrikes', ['en']],
    ['strikes', []],
    ['aviation 2024', ['en']],
    ['aviation 2023', []],
    ['ＢＩＲＤ', ['en', 'mixed']],
    ['カタカナ', ['ja']],
    ['!!! --', []],
    ["it's & | ! :* '", ['en']],
    ['', []],
  ];
  it('searches Chinese by characters and other words by their beginning', async () => {
    await commit(
      { id: 'zh', text: '上海数据交易所：公共数据。' },
      { id: 'en', text: "Birdstrikes (aviation), 2024. It's \\ 'quoted' s" },
      { id: 'mixed', text: '鸟击记录bird-strike数据集 𠀀𠀁' },
      { id: 'ja', text: 'カタカナ' },
    );
    await projector.advance();
    for (const [search, finds] of searches) {
      expect(await ids({ search }), search).to.deep.equal(finds);
    }
    expect(await ids({ search: '𠀀𠀁', status: 'listed' })).to.deep.equal(['mixed']);
  });

  it('keeps of a text the terms that questions are made of, in their places', async () => {
    const texts = fc.array(
      fc.oneof(
        fc.string({ unit: 'binary', maxLength: 40 }),
        fc.string({ unit: fc.constantFrom(...letters), maxLength: 80 }),
      ),
      { minLength: 50, maxLength: 200 },
    );
    const different = async (all: readonly string[]): Promise<string[]> =>
      (
        await open.dataSource.query<{ source: string }[]>(
          `SELECT source FROM unnest($1::text[]) AS source
           WHERE search_vector(source) IS DISTINCT FROM (${vectorOfTerms})`,
          [all.map(storableText)],
        )
      ).map(({ source }) => source);
    await fc.assert(
      fc.asyncProperty(texts, async (all) => {
        expect(await different(all)).to.deep.equal([]);
      }),
      { numRuns: 20 },
    );
    const long = ['', '数'.repeat(12_000), 'bird '.repeat(4_000), 'x'.repeat(11_000)];
    expect(await different(long)).to.deep.equal([]);
  });

  it('finds a record by the text that it has now, whether it stayed or changed', async () => {
    await commit({ id: 'a', text: 'aviation' }, { id: 'b', text: 'aviation' });
    await projector.advance();
    await commit(
      { id: 'a', text: 'aviation', status: 'sold' },
      { id: 'b', text: 'shipping', status: 'sold' },
      { id: 'c', text: 'shipping' },
    );
    await projector.advance();
    expect(await ids({ search: 'aviation', status: 'sold' })).to.deep.equal(['a']);
    expect(await ids({ search: 'aviation', status: 'listed' })).to.deep.equal([]);
    expect(await ids({ search: 'shipping' })).to.deep.equal(['b', 'c']);
    const { value } = await projector.getRecord('product', 'a');
    expect(value).to.include({ firstLogIndex: 0, logIndex: 2, status: 'sold' });
  });

  it('pages without gap or duplicate while records come and change', async () => {
    await commit(...Array.from({ length: 50 }, (_, at) => ({ id: `r${at}` })));
    await projector.advance();
    const seen: string[] = [];
    let after = -1;
    for (let page = 0; ; page += 1) {
      const query = { kind: 'product', limit: 7, afterFirstLogIndex: after };
      const { value } = await projector.listRecords(query);
      if (value.length === 0) break;
      seen.push(...value.map(({ id }) => id));
      after = value.at(-1)?.firstLogIndex ?? after;
      if (page < 5) {
        await commit({ id: `r${page}`, status: 'sold' }, { id: `n${page}` }, { id: `r49` });
        await projector.advance();
      }
    }
    const wanted = Array.from({ length: 50 }, (_, at) => `r${at}`);
    expect(seen).to.deep.equal([...wanted, 'n0', 'n1', 'n2', 'n3', 'n4']);
  });

  it('is the same after a rebuild, whatever the batches were', async () => {
    for (let block = 0; block < 12; block += 1) {
      const rows = Array.from({ length: block === 5 ? 2_300 : 400 }, (_, at) => ({
        id: `r${(at * 7 + block) % 300}`,
        status: `s${(at + block) % 3}`,
        text: `数据 ${at}`,
        bare: at % 11 === 0,
        silent: at % 13 === 0,
      }));
      await commit(...rows);
      if (block % 4 === 1) await projector.advance();
    }
    await projector.advance();
    const dump = (): Promise<unknown> =>
      open.dataSource.query(`
        SELECT (SELECT json_agg(r ORDER BY kind, id) FROM record r) AS records,
               (SELECT json_agg(e ORDER BY log_index) FROM event e) AS events,
               (SELECT json_agg(c) FROM projection_cursor c) AS cursor`);
    const before = await dump();
    const { dataSource, url } = open;
    const cursor = await rebuildReadModels({ dataSource, url, decode });
    expect(cursor).to.deep.equal({ logIndex: logSize, height });
    expect(await dump()).to.deep.equal(before);
  });

  it('shares simultaneous advances, also between two processes', async () => {
    const rival = createProjector({ dataSource: open.dataSource, decode });
    for (let block = 0; block < 5; block += 1) await commit({ id: `r${block}` }, { id: 'same' });
    const cursors = await Promise.all(
      [projector, rival, projector, rival].map((each) => each.advance()),
    );
    for (const cursor of cursors) expect(cursor).to.deep.equal({ logIndex: 10, height: 5 });
    expect(await ids({})).to.have.length(6);
  });

  it('tells subscribers after each advance until they leave, and survives one that throws', async () => {
    const told: number[] = [];
    const errors: unknown[] = [];
    const noisy = createProjector({
      dataSource: open.dataSource,
      decode,
      onSubscriberError: (error) => errors.push(error),
    });
    noisy.onAdvance(() => {
      throw new Error('a subscriber');
    });
    const leave = noisy.onAdvance((cursor) => told.push(cursor.height));
    await commit({ id: 'a' });
    await noisy.advance();
    await noisy.advance();
    leave();
    await commit({ id: 'a' });
    await noisy.advance();
    expect(told).to.deep.equal([1]);
    expect(errors).to.have.length(2);
  });

  it('leaves the cursor where it was when a leaf cannot be decoded, and goes on later', async () => {
    let broken = true;
    const fragile = createProjector({
      dataSource: open.dataSource,
      decode: (leaf) => {
        if (broken) throw new Error('not yet');
        return decode(leaf);
      },
    });
    await commit({ id: 'a' });
    const error = await fragile.advance().catch((caught: unknown) => caught as Error);
    expect(error).to.have.property('code', 'PROJECTION_FAILED');
    expect(error).to.have.property('message').that.includes('not yet');
    expect(await fragile.readCursor()).to.deep.equal({ logIndex: 0, height: 0 });
    broken = false;
    expect((await fragile.advance()).height).to.equal(1);
  });

  it('keeps text that jsonb cannot hold', async () => {
    await commit({ id: 'a', text: 'nul \0', body: { 'k\0': 'v\0\\u0000\ud800"' } });
    await projector.advance();
    const { value } = await projector.getRecord('product', 'a');
    expect(value?.body).to.deep.equal({ height: 1, 'k\ufffd': 'v\ufffd\\u0000\ufffd"' });
  });
});
