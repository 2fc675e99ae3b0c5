import { assert } from '../../base/assert.ts';
import { digest, integer, list, record, Type } from '../../base/schema.ts';
import { decodeLeaf } from '../../chain/machine/leaf.ts';
import { base64Url, toBase64Url } from '../base64url.ts';
import { checkpointView, type CheckpointView } from '../checkpoint-view.ts';
import { Problem } from '../problem.ts';
import { positionMax } from '../receipt.ts';
import { apiResults } from '../results.ts';
import { component, defineRoute, jsonType, ok, type Route, type Services } from '../route.ts';

const proofsMax = 1000;

const logIndex = () => Type.Integer({ minimum: 0, maximum: positionMax });

const logSize = {
  logSize: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: positionMax,
      description: 'Of a block: prove under its header; absent: under the newest checkpoint',
    }),
  ),
};

/** An inclusion proof of RFC 6962, 2.1.1, with the leaf that it proves. */
export const proofSchema = record(
  {
    logIndex: integer(0, positionMax),
    leaf: base64Url('The leaf’s canonical CBOR'),
    leafHash: digest('SHA-256(00 ‖ leaf)'),
    hashes: list(digest(), 0, 64),
  },
  'Inclusion proof',
);

const proofsSchema = record({
  checkpoint: component('checkpoint'),
  proofs: list(component('proof'), 0, 1_000_000),
});

const problems = [apiResults.NOT_FOUND, apiResults.CHECKPOINT_NOT_FOUND];

export const proofRoutes: readonly Route[] = [
  defineRoute({
    id: 'getProof',
    method: 'get',
    path: '/v1/proofs/{logIndex}',
    tag: 'Proofs',
    summary: 'A leaf of the event log with its inclusion proof',
    params: Type.Object({ logIndex: logIndex() }, { additionalProperties: false }),
    query: Type.Object(logSize, { additionalProperties: false }),
    responses: ok(
      'The leaf, its proof, and the checkpoint that it is under.',
      record({ checkpoint: component('checkpoint'), proof: component('proof') }),
    ),
    problems,
    handle: async ({ services, params, query }) => {
      const found = await prove(services, [params.logIndex], query.logSize);
      return { status: 200, body: { checkpoint: found.checkpoint, proof: found.proofs[0] } };
    },
  }),
  defineRoute({
    id: 'getProofs',
    method: 'post',
    path: '/v1/proofs:batch',
    tag: 'Proofs',
    summary: 'Many leaves with inclusion proofs under one checkpoint',
    body: {
      json: Type.Object(
        {
          logIndexes: Type.Array(logIndex(), { minItems: 1, maxItems: proofsMax }),
          ...logSize,
        },
        { additionalProperties: false, title: 'Leaves to prove' },
      ),
      bytesMax: () => 32 * 1024,
    },
    responses: {
      200: {
        description: 'The proofs, in the order asked for.',
        type: jsonType,
        schema: proofsSchema,
      },
    },
    problems,
    handle: async ({ services, body }) => {
      assert(body.kind === 'json', 'the body is JSON');
      const asked = body.value as { logIndexes: number[]; logSize?: number };
      return { status: 200, body: await prove(services, asked.logIndexes, asked.logSize) };
    },
  }),
  defineRoute({
    id: 'getTransactionProof',
    method: 'get',
    path: '/v1/transactions/{id}/proof',
    tag: 'Proofs',
    summary: 'Inclusion proofs of a transaction’s receipt and of its events',
    params: Type.Object({ id: digest('The envelope’s id') }, { additionalProperties: false }),
    query: Type.Object(logSize, { additionalProperties: false }),
    responses: ok('The receipt’s proof first, then those of its events.', proofsSchema),
    problems,
    handle: async ({ services, params, query }) => {
      const indexes = await leavesOf(services, params.id);
      return { status: 200, body: await prove(services, indexes, query.logSize) };
    },
  }),
];

async function leavesOf({ reader }: Services, id: string): Promise<number[]> {
  const found = await reader.readEnvelope(id);
  const block = found && (await reader.readBlock(found.height));
  if (!block) throw new Problem(apiResults.NOT_FOUND, `No block holds envelope ${id}.`);
  return block.leaves
    .filter(({ bytes }) => decodeLeaf(bytes).envelopeId === id)
    .map((leaf) => leaf.logIndex);
}

async function prove(
  services: Services,
  indexes: readonly number[],
  size: number | undefined,
): Promise<{ checkpoint: CheckpointView; proofs: unknown[] }> {
  const { engine, reader } = services;
  const checkpoint = await checkpointOf(services, size);
  const leaves = await reader.readLeaves(indexes);
  const proofs = indexes.map((index) => {
    const proof = engine.proveInclusion(index, checkpoint.header.logSize);
    const leaf = leaves.get(index);
    if (!proof || !leaf) {
      throw new Problem(
        apiResults.NOT_FOUND,
        `The log of ${checkpoint.header.logSize} leaves has no leaf ${index}.`,
      );
    }
    return {
      logIndex: index,
      leaf: toBase64Url(leaf),
      leafHash: proof.leafHash,
      hashes: proof.hashes,
    };
  });
  return { checkpoint, proofs };
}

async function checkpointOf(
  { engine, reader }: Services,
  size: number | undefined,
): Promise<CheckpointView> {
  const newest = engine.checkpoint();
  if (newest && (size === undefined || size === newest.header.logSize)) {
    return checkpointView(newest.headerBytes, newest.signature);
  }
  const stored = newest && size !== undefined ? await reader.readHeaderOfLogSize(size) : null;
  if (stored) return checkpointView(stored.header, stored.signature);
  throw new Problem(
    apiResults.CHECKPOINT_NOT_FOUND,
    size === undefined ? 'No block is made yet.' : `Log size ${size}.`,
  );
}
