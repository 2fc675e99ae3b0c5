import { assert } from '../../base/assert.ts';
import { digest, oneOf, Type } from '../../base/schema.ts';
import { decodeLeaf } from '../../chain/machine/leaf.ts';
import type { Registry } from '../../chain/machine/registry.ts';
import { claimsMax, earlierMax, keyText } from '../../proof/schema.ts';
import { clientNetwork } from '../address.ts';
import { Problem } from '../problem.ts';
import { claimsIn, proofFileOf, type Wanted } from '../proof-file.ts';
import { positionMax } from '../receipt.ts';
import { apiResults } from '../results.ts';
import { component, defineRoute, jsonType, type Call, type Reply, type Route } from '../route.ts';

const logIndex = () => Type.Integer({ minimum: 0, maximum: positionMax, examples: [17] });

const sizeOf = (description: string, example: number) =>
  Type.Integer({ minimum: 1, maximum: positionMax, description, examples: [example] });

const logSize = {
  logSize: Type.Optional(
    sizeOf('Of a block: prove under its header; absent: under the newest checkpoint', 40),
  ),
};

const fileNote =
  'The answer is a proof file of format dxl/proof/1, or dxl/proof/2 where validators seal the ' +
  'block, byte for byte: save it and check it offline with `dxl verify`, or at /verify. ' +
  'docs/proofs.md describes it.';

/** Long texts are cut, which the ellipsis says. */
const example = (claims: Record<string, unknown>): Record<string, unknown> => ({
  checkpoint: { header: 'jgFoZHhsLWRlbW9YIB…', signature: 'q83vASNFZ4mrze8B…' },
  checksum: '5d41402abc4b2a76b9719d911017c592ae3f6b1cdd0c7a0b8f2a5c4d3e2f1a0b',
  earlier: [],
  format: 'dxl/proof/1',
  genesis: 'jAFoZHhsLWRlbW8bAAAB…',
  genesisProof: 'AAAGoJ2r…',
  leaves: [],
  state: [],
  ...claims,
});

const hash = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';

const proofFile = (claims: Record<string, unknown>): Route['responses'] => ({
  200: {
    description: 'The proof file.',
    type: jsonType,
    schema: component('proofFile'),
    example: example(claims),
  },
});

const problems = [
  apiResults.CHECKPOINT_NOT_FOUND,
  apiResults.NOT_READY,
  apiResults.BATCHES_EXHAUSTED,
];
const inclusion = proofFile({ leaves: [{ logIndex: 17, leaf: 'igEMGwAAAYvP…', hashes: [hash] }] });
const stateThere = proofFile({
  state: [{ key: 'listing/birds-2019', value: 'mBpqYmlyZHM…', proof: 'AAAHwJ2r…' }],
});

const logRoutes: readonly Route[] = [
  defineRoute({
    id: 'getCheckpointProof',
    method: 'get',
    path: '/v1/proofs/checkpoint',
    tag: 'Proofs',
    summary: 'The newest checkpoint as a proof file, to be kept',
    description: `It claims nothing yet: give it to a later \`dxl prove consistency --since FILE\`. ${fileNote}`,
    responses: proofFile({}),
    problems,
    handle: async (call) => answer(call, {}),
  }),
  defineRoute({
    id: 'getInclusionProof',
    method: 'get',
    path: '/v1/proofs/inclusion/{logIndex}',
    tag: 'Proofs',
    summary: 'That a leaf stands in the event log (RFC 6962)',
    description: fileNote,
    params: Type.Object({ logIndex: logIndex() }, { additionalProperties: false }),
    query: Type.Object(logSize, { additionalProperties: false }),
    responses: inclusion,
    problems: [...problems, apiResults.NOT_FOUND],
    handle: async (call) =>
      answer(call, { logIndexes: [call.params.logIndex], logSize: call.query.logSize }),
  }),
  defineRoute({
    id: 'getTransactionProof',
    method: 'get',
    path: '/v1/proofs/transactions/{id}',
    tag: 'Proofs',
    summary: 'That a transaction’s receipt and its events stand in the log, the receipt first',
    description: fileNote,
    params: Type.Object({ id: digest('The envelope’s id') }, { additionalProperties: false }),
    query: Type.Object(logSize, { additionalProperties: false }),
    responses: inclusion,
    problems: [...problems, apiResults.NOT_FOUND],
    handle: async (call) =>
      answer(call, { logIndexes: await leavesOf(call, call.params.id), ...call.query }),
  }),
  defineRoute({
    id: 'getConsistencyProof',
    method: 'get',
    path: '/v1/proofs/consistency',
    tag: 'Proofs',
    summary: 'That the log of one checkpoint is the beginning of another’s (RFC 6962)',
    description: fileNote,
    query: Type.Object(
      {
        first: sizeOf('Log size of the earlier checkpoint', 12),
        second: Type.Optional(sizeOf('Log size of the later checkpoint; absent: the newest', 40)),
      },
      { additionalProperties: false },
    ),
    responses: proofFile({
      earlier: [{ header: 'jgFoZHhsLWRlbW9Y…', signature: 'ASNFZ4mrze8B…', hashes: [hash] }],
    }),
    problems: [...problems, apiResults.CHECKPOINTS_OUT_OF_ORDER],
    handle: async (call) => {
      const { first, second } = call.query;
      if (second !== undefined && first > second) {
        throw new Problem(apiResults.CHECKPOINTS_OUT_OF_ORDER, `${first} is above ${second}.`);
      }
      return answer(call, { earlier: [first], logSize: second });
    },
  }),
];

const exampleKey = () => ({ ...keyText(), examples: ['licence/birds-2019-research'] });

const keyRoute = defineRoute({
  id: 'getStateProof',
  method: 'get',
  path: '/v1/proofs/state',
  tag: 'Proofs',
  summary: 'What the state holds at a key, or that it holds nothing there',
  description:
    'As of the newest block. Keys are `<kind>/<id>` of records, and those of the machine, which ' +
    `begin with \`~\`: docs/state-proofs.md lists them. ${fileNote}`,
  query: Type.Object({ key: exampleKey() }, { additionalProperties: false }),
  responses: proofFile({ state: [{ key: 'licence/none', value: null, proof: 'AQAFgJ2r…' }] }),
  problems: [...problems, apiResults.STATE_KEY_UNKNOWN],
  handle: async (call) => answer(call, { keys: [call.query.key] }),
});

const recordRoute = (registry: Registry): Route =>
  defineRoute({
    id: 'getRecordProof',
    method: 'get',
    path: '/v1/proofs/state/{kind}/{id}',
    tag: 'Proofs',
    summary: 'What the state holds of a record, or that it holds no such record',
    description: `As of the newest block. Absence is proved as presence is. ${fileNote}`,
    params: Type.Object(
      {
        kind: oneOf([...registry.records.keys()], 'Kind of record, in the singular'),
        id: Type.String({
          minLength: 1,
          maxLength: 200,
          pattern: '^[^\\u0000-\\u001f\\u007f]*$',
          examples: ['birds-2019'],
        }),
      },
      { additionalProperties: false },
    ),
    responses: stateThere,
    problems,
    handle: async (call) => answer(call, { keys: [`${call.params.kind}/${call.params.id}`] }),
  });

const batchRoute = defineRoute({
  id: 'getProofs',
  method: 'post',
  path: '/v1/proofs',
  tag: 'Proofs',
  summary: 'Many leaves, keys and earlier checkpoints, all under one checkpoint',
  description: `Keys can be proved under the newest checkpoint only. ${fileNote}`,
  body: {
    json: Type.Object(
      {
        logIndexes: Type.Optional(
          Type.Array(logIndex(), { maxItems: claimsMax, uniqueItems: true }),
        ),
        keys: Type.Optional(Type.Array(keyText(), { maxItems: claimsMax, uniqueItems: true })),
        earlier: Type.Optional(
          Type.Array(sizeOf('Log size of an earlier checkpoint', 12), { maxItems: earlierMax }),
        ),
        ...logSize,
      },
      {
        additionalProperties: false,
        title: 'What to prove',
        examples: [{ logIndexes: [17], keys: ['listing/birds-2019'], earlier: [12] }],
      },
    ),
    bytesMax: () => 512 * 1024,
  },
  cost: ({ body }) => {
    assert(body.kind === 'json', 'the body is JSON');
    return claimsIn(body.value as Wanted);
  },
  admit: ({ work }, request) => {
    work.admit(clientNetwork(request), Number(request.headers['content-length'] ?? Infinity));
  },
  responses: stateThere,
  problems: [
    ...problems,
    apiResults.NOT_FOUND,
    apiResults.STATE_KEY_UNKNOWN,
    apiResults.STATE_NOT_PROVED,
  ],
  handle: async (call) => {
    assert(call.body.kind === 'json', 'the body is JSON');
    return answer(call, call.body.value as Wanted);
  },
});

/** Proofs of what the log and the state hold; of records of these kinds. */
export const proofRoutes = (registry: Registry): readonly Route[] => [
  ...logRoutes,
  recordRoute(registry),
  keyRoute,
  batchRoute,
];

const answer = async (call: Call, wanted: Wanted): Promise<Reply> => ({
  status: 200,
  body: await proofFileOf(call, wanted),
});

/** Of the receipt and the events that follow it, however long their block is. */
async function leavesOf({ services, charge }: Call, id: string): Promise<number[]> {
  const { reader } = services;
  const found = await reader.readEnvelope(id);
  if (!found) throw new Problem(apiResults.NOT_FOUND, `No block holds envelope ${id}.`);
  const { logIndex } = found.envelope;
  const own: number[] = [];
  for await (const bytes of reader.streamLeaves(logIndex, services.engine.status().logSize)) {
    if (decodeLeaf(bytes).envelopeId !== id) break;
    own.push(logIndex + own.length);
  }
  charge(own.length);
  return own;
}
