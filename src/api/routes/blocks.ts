import { digest, integer, list, nullable, record, timeMs, Type } from '../../base/schema.ts';
import { checkpointView } from '../checkpoint-view.ts';
import { cutPage, defaultLimit, makeCursor, nextCursor, pageQuery, readCursor } from '../cursor.ts';
import { Problem } from '../problem.ts';
import { positionMax } from '../receipt.ts';
import { apiResults } from '../results.ts';
import { component, defineRoute, ok, type Route } from '../route.ts';

const summary = {
  height: integer(1, positionMax),
  timeMs: timeMs(),
  appHash: digest(),
  headerHash: digest(),
  logSize: integer(0, positionMax, 'Leaves of the log with this block'),
  envelopeCount: integer(0, positionMax),
};

/** Envelopes of a block, with their leaves, that are read for one unit of the rate limit. */
const envelopesPerUnit = 4;

const noBlock = (height: number): Problem =>
  new Problem(apiResults.NOT_FOUND, `No block has height ${height}.`);

export const blockRoutes: readonly Route[] = [
  defineRoute({
    id: 'listBlocks',
    method: 'get',
    path: '/v1/blocks',
    tag: 'Chain',
    summary: 'Blocks, newest first',
    query: Type.Object(pageQuery, { additionalProperties: false }),
    responses: ok(
      'A page of blocks.',
      record({
        height: integer(0, positionMax, 'Of the newest block'),
        data: list(record(summary, 'Block summary'), 0, 200),
        next: nextCursor,
      }),
    ),
    problems: [apiResults.CURSOR_INVALID],
    cost: ({ query }) => Math.ceil((query.limit ?? defaultLimit) / 4),
    handle: async ({ services: { reader, engine }, query }) => {
      const { limit = defaultLimit } = query;
      const before = readCursor('blocks', query.after);
      const { height } = engine.status();
      const rows = await reader.listBlocks({
        limit: limit + 1,
        ...(before === undefined ? {} : { beforeHeight: before }),
      });
      const { page, next } = cutPage(rows, limit, (last) => makeCursor('blocks', last.height));
      return { status: 200, body: { height, data: page, next } };
    },
  }),
  defineRoute({
    id: 'getBlock',
    method: 'get',
    path: '/v1/blocks/{height}',
    tag: 'Chain',
    summary: 'A block with its signed header and its transactions',
    params: Type.Object(
      { height: Type.Integer({ minimum: 1, maximum: positionMax }) },
      { additionalProperties: false },
    ),
    responses: ok(
      'The block.',
      record(
        {
          ...summary,
          checkpoint: component('checkpoint'),
          transactions: list(
            record({
              id: digest(),
              position: integer(0, positionMax),
              resultCode: integer(0, 9999),
              failedOperation: nullable(integer(0, 1024)),
              logIndex: integer(0, positionMax),
            }),
            0,
            100_000,
          ),
        },
        'Block',
      ),
    ),
    problems: [apiResults.NOT_FOUND],
    handle: async ({ services: { reader }, params, charge }) => {
      const [found] = await reader.listBlocks({ beforeHeight: params.height + 1, limit: 1 });
      if (found?.height !== params.height) throw noBlock(params.height);
      // Before it is read: with its envelopes and leaves it may have megabytes.
      charge(Math.ceil(found.envelopeCount / envelopesPerUnit));
      const block = await reader.readBlock(params.height);
      if (!block) throw noBlock(params.height);
      const { height, timeMs: blockTimeMs, appHash, headerHash, logSize, envelopes } = block;
      return {
        status: 200,
        body: {
          height,
          timeMs: blockTimeMs,
          appHash,
          headerHash,
          logSize,
          envelopeCount: envelopes.length,
          checkpoint: checkpointView(block.header, block.signature),
          transactions: envelopes.map(
            ({ id, position, resultCode, failedOperation, logIndex }) => ({
              id,
              position,
              resultCode,
              failedOperation,
              logIndex,
            }),
          ),
        },
      };
    },
  }),
];
