import { toJson } from '../../base/codec.ts';
import { identifier, record, Type } from '../../base/schema.ts';
import { circuitSchema } from '../../chain/machine/genesis.ts';
import { Problem } from '../problem.ts';
import { apiResults } from '../results.ts';
import { defineRoute, ok, type Route } from '../route.ts';

export const circuitRoutes: readonly Route[] = [
  defineRoute({
    id: 'getVerificationKey',
    method: 'get',
    path: '/v1/circuits/{id}/verification-key',
    tag: 'Chain',
    summary: 'The verification key that genesis pins for a circuit',
    params: Type.Object({ id: identifier('Circuit id') }, { additionalProperties: false }),
    responses: ok(
      'The key, and what genesis says of it.',
      record({
        circuit: circuitSchema,
        verificationKey: Type.Unsafe<unknown>({
          type: 'object',
          description: 'Groth16 verification key over bn254, in the format that it names',
          additionalProperties: true,
        }),
      }),
    ),
    problems: [apiResults.NOT_FOUND],
    mayFail: false,
    handle: ({ services: { genesis, verificationKeys }, params: { id } }) => {
      const circuit = genesis.circuits.find((one) => one.id === id);
      const verificationKey = verificationKeys.get(id);
      if (!circuit || !verificationKey) {
        throw new Problem(apiResults.NOT_FOUND, `Genesis pins no circuit ${id}.`);
      }
      return { status: 200, body: { circuit: toJson(circuitSchema, circuit), verificationKey } };
    },
  }),
];
