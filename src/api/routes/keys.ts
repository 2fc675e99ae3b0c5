import { digest, identifier, integer, record, Type } from '../../base/schema.ts';
import { positionMax } from '../receipt.ts';
import { defineRoute, ok, type Route } from '../route.ts';

export const keyRoutes: readonly Route[] = [
  defineRoute({
    id: 'getNextSequence',
    method: 'get',
    path: '/v1/keys/{id}/sequence',
    tag: 'Transactions',
    summary: 'What a client needs to sign its next envelope',
    description:
      'Also answers for a key that is not registered (its next sequence number is 1): whether it ' +
      'may sign shows when it does.',
    params: Type.Object({ id: digest('Key id') }, { additionalProperties: false }),
    responses: ok(
      'The next sequence number.',
      record(
        {
          keyId: digest(),
          chainId: identifier('In every signature'),
          nextSequence: integer(1, positionMax),
          height: integer(0, positionMax, 'Of the newest block'),
          expiryHeightMax: integer(1, positionMax, 'Latest expiry height of an envelope sent now'),
        },
        'Signing facts',
      ),
    ),
    handle: async ({ services: { engine, genesis }, params }) => {
      const { chainId, height } = engine.status();
      return {
        status: 200,
        body: {
          keyId: params.id,
          chainId,
          nextSequence: await engine.nextSequence(params.id),
          height,
          expiryHeightMax: height + 1 + genesis.parameters.expirySpanMax,
        },
      };
    },
  }),
];
