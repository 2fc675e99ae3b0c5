import { roles } from '../../base/roles.ts';
import { integer, list, oneOf, record, text, Type } from '../../base/schema.ts';
import { defineRoute, ok, type Route } from '../route.ts';

export const operationRoutes: readonly Route[] = [
  defineRoute({
    id: 'listOperations',
    method: 'get',
    path: '/v1/operations',
    tag: 'Transactions',
    summary: 'Every operation that an envelope may carry',
    description:
      'A command travels as a positional array of its fields, in the order of `properties`; a ' +
      'string with `x-dxl: hex` travels as bytes, one with `x-dxl: fen` as an integer.',
    responses: ok(
      'The operations, by number.',
      record({
        data: list(
          record(
            {
              number: integer(1, 9999),
              name: text(80),
              title: text(200),
              roles: list(oneOf(roles), 0, roles.length),
              command: Type.Unsafe<unknown>({
                type: 'object',
                description: 'JSON Schema of the command',
                additionalProperties: true,
              }),
            },
            'Operation',
          ),
          0,
          1000,
        ),
      }),
    ),
    mayFail: false,
    handle: ({ services: { registry } }) => ({
      status: 200,
      body: {
        data: [...registry.operations.values()]
          .sort((left, right) => left.number - right.number)
          .map(({ number, name, title, roles: held, command }) => ({
            number,
            name,
            title,
            roles: held,
            command,
          })),
      },
    }),
  }),
];
