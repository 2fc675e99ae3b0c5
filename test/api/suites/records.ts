import { expect } from 'chai';
import { apiResults } from '../../../src/api/results.ts';
import { suspend } from '../../../src/identity/change-standing.ts';
import { admission, keyOf, operationOf, operator, sign } from '../exchange.ts';
import type { Json } from '../../support/api-client.ts';
import { expectProblem, seller, type Suite } from '../suite.ts';
import { creditCodeOf } from '../../support/credit-code.ts';

export function recordSuite(suite: Suite): void {
  const list = async (query: string): Promise<Json> =>
    (await suite.client.call('list.organisations', { query })).json;
  const idsOf = ({ data }: Json): string[] => data.map(({ id }: { id: string }) => id);

  describe('records', () => {
    before(async () => {
      for (const name of ['rec-one', 'rec-two', 'rec-three']) {
        await suite.submit(sign(suite.exchange, operator, [admission(name, keyOf(name))]));
      }
      const reason = 'Asked for it.';
      const command = operationOf(suspend, { organisationId: 'rec-two', reason });
      await suite.submit(sign(suite.exchange, operator, [command]));
    });

    it('pages in order of first appearance, by cursors', async () => {
      const whole = await list('limit=200');
      expect(whole.next).to.equal(null);
      expect(idsOf(whole).slice(0, 2)).to.deep.equal(['the-exchange', 'the-seller']);
      const paged: string[] = [];
      for (let query = 'limit=2'; ;) {
        const page = await list(query);
        paged.push(...idsOf(page));
        if (page.next === null) break;
        query = `limit=2&after=${page.next}`;
      }
      expect(paged).to.deep.equal(idsOf(whole));
    });

    it('filters by state, by words (Chinese too) and by fields of text', async () => {
      expect(idsOf(await list('state=SUSPENDED'))).to.deep.equal(['rec-two']);
      expect(idsOf(await list('search=rec-three'))).to.deep.equal(['rec-three']);
      expect(idsOf(await list(`search=${encodeURIComponent('数据')}&limit=200`))).to.include(
        'rec-one',
      );
      expect(idsOf(await list(`where[creditCode]=${creditCodeOf('the-exchange')}`))).to.deep.equal([
        'the-exchange',
      ]);
      const { json } = await suite.client.call('list.keys', {
        query: 'where[organisationId]=the-seller',
      });
      expect(json.data).to.have.length(1);
      expect(json.data[0].id).to.equal(seller.keyId);
    });

    const refused: [string, string][] = [
      ['a field that is no filter', 'where[admittedAtMs]=1'],
      ['a filter twice', 'where[name]=a&where[name]=b'],
      ['a nested filter', 'where[name][x]=a'],
      ['an unknown parameter', 'order=asc'],
      ['a limit of 0', 'limit=0'],
      ['a limit of 201', 'limit=201'],
      ['a limit in words', 'limit=ten'],
      ['no state of theirs', 'state=LISTED'],
      ['a height below 0', 'minHeight=-1'],
    ];
    for (const [what, query] of refused) {
      it(`refuses ${what}`, async () => {
        const { json } = await suite.refused(apiResults.INVALID_QUERY, 'list.organisations', {
          query,
        });
        expect(json.errors[0].pointer).to.equal(`/${query.split('=')[0] ?? ''}`);
      });
    }

    it('refuses cursors of other lists, made up or changed', async () => {
      const { next: blocks } = (await suite.client.call('listBlocks', { query: 'limit=1' })).json;
      const { next } = await list('limit=1');
      for (const cursor of [blocks, 'x', '', `${next}A`, '%00', 'MTprZXlzOjE']) {
        const query = `after=${cursor}`;
        await suite.refused(apiResults.CURSOR_INVALID, 'list.organisations', { query });
      }
      await suite.refused(apiResults.CURSOR_INVALID, 'listBlocks', { query: `after=${next}` });
    });

    it('waits for the height that a receipt names, and no longer than it may', async () => {
      const bytes = sign(suite.exchange, operator, [admission('rec-own', keyOf('rec-own'))]);
      const submitted = await suite.client.call('submitTransaction', {
        body: bytes,
        headers: { 'content-type': 'application/cose' },
      });
      const { height } = submitted.json;
      const params = { id: 'rec-own' };
      const found = await suite.client.call('get.organisations', {
        params,
        query: `minHeight=${height}`,
      });
      expect(found.json.data.id).to.equal('rec-own');
      expect(found.json.height).to.be.at.least(height);
      const query = 'minHeight=1000000000';
      for (const [operation, request] of [
        ['get.organisations', { params, query }],
        ['get.keys', { params: { id: seller.keyId }, query }],
        ['list.organisations', { query }],
        ['list.keys', { query }],
        ['listEvents', { query }],
      ] as const) {
        expectProblem(await suite.client.call(operation, request), apiResults.HEIGHT_NOT_REACHED);
      }
    });

    it('shows one record with its last leaf', async () => {
      const { json } = await suite.client.call('get.keys', { params: { id: seller.keyId } });
      expect(json.data).to.include({ organisationId: 'the-seller', state: 'ACTIVE' });
      const params = { logIndex: json.logIndex };
      expect((await suite.client.call('getInclusionProof', { params })).status).to.equal(200);
      await suite.refused(apiResults.NOT_FOUND, 'get.keys', { params: { id: '00'.repeat(32) } });
      await suite.refused(apiResults.NOT_FOUND, 'get.organisations', { params: { id: 'nobody' } });
      await suite.refused(apiResults.INVALID_PATH, 'get.organisations', { params: { id: 'A B' } });
    });
  });
}
