import { expect } from 'chai';
import { apiResults } from '../../../src/api/results.ts';
import type { RecordKind } from '../../../src/base/room.ts';
import { registry } from '../../../src/chain/rooms.ts';
import type { Projector } from '../../../src/store/projection.ts';
import type { RecordQuery } from '../../../src/store/projection-reader.ts';
import { sampleOf } from '../../support/schema-sample.ts';
import { expectProblem, type Suite } from '../suite.ts';

export const kinds: readonly RecordKind[] = [...registry.records.values()];

/** The smallest record that its schema allows, as JSON. */
const sampleRecord = (kind: RecordKind): Record<string, unknown> =>
  sampleOf(kind.schema) as Record<string, unknown>;

export const idOfSample = (kind: RecordKind): string => String(sampleRecord(kind)['id']);

export function everyRecordSuite(suite: Suite): void {
  const sampleView = (name: string) => {
    const kind = kinds.find((one) => one.name === name)!;
    const body = sampleRecord(kind);
    const place = { firstLogIndex: 5, logIndex: 7, height: 2 };
    return { kind: name, id: idOfSample(kind), ...place, status: null, body };
  };

  describe('every kind of record', () => {
    for (const kind of kinds) {
      it(`${kind.name} is shown as its schema says, and found by its filters`, async () => {
        const asked: RecordQuery[] = [];
        const projector: Projector = {
          ...suite.exchange.parts.projector,
          getRecord: async (name) => ({ height: 9, value: sampleView(name) }),
          listRecords: async (query) => {
            asked.push(query);
            return { height: 9, value: [sampleView(query.kind), sampleView(query.kind)] };
          },
        };
        const client = await suite.clientOf({ projector });
        const params = { id: idOfSample(kind) };
        const one = await client.call(`get.${kind.collection}`, { params });
        expect(one.json).to.deep.equal({ height: 9, data: sampleRecord(kind), logIndex: 7 });
        const filter = Object.entries(sampleRecord(kind)).find(
          ([name, value]) => typeof value === 'string' && name !== 'id' && name !== 'state',
        );
        const where =
          filter === undefined
            ? ''
            : `&where[${filter[0]}]=${encodeURIComponent(String(filter[1]))}`;
        const page = await client.call(`list.${kind.collection}`, { query: `limit=1${where}` });
        expect(page.json.data).to.deep.equal([sampleRecord(kind)]);
        expect(page.json.next).to.be.a('string');
        expect(asked[0]?.contains).to.deep.equal(filter && { [filter[0]]: filter[1] });
      });
    }

    it('is refused where it is not there, or not yet', async () => {
      const absent = kinds
        .filter(({ name }) => name !== 'organisation' && name !== 'key')
        .map((kind) => ({ kind, params: { id: idOfSample(kind) } }));
      for (const { kind, params } of absent) {
        await suite.refused(apiResults.NOT_FOUND, `get.${kind.collection}`, { params });
      }
      const client = await suite.clientOf({}, { heightWaitMs: 5 });
      const query = 'minHeight=1000000000';
      for (const kind of kinds) {
        const { collection } = kind;
        for (const request of [
          { operation: `list.${collection}`, query },
          { operation: `get.${collection}`, query, params: { id: idOfSample(kind) } },
        ]) {
          const answer = await client.call(request.operation, request);
          expectProblem(answer, apiResults.HEIGHT_NOT_REACHED);
        }
      }
    });
  });
}
