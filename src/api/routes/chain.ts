import { toJson } from '../../base/codec.ts';
import {
  digest,
  identifier,
  integer,
  nullable,
  oneOf,
  record,
  text,
  timeMs,
} from '../../base/schema.ts';
import { encodeGenesis, genesisSchema } from '../../chain/machine/genesis.ts';
import { base64Url, toBase64Url } from '../base64url.ts';
import { checkpointSchema, checkpointView } from '../checkpoint-view.ts';
import { Problem } from '../problem.ts';
import { positionMax } from '../receipt.ts';
import { apiResults } from '../results.ts';
import { defineRoute, ok, type Route, type Services } from '../route.ts';

const place = (description = '') => integer(0, positionMax, description);

/** Up to where outside witnesses have seen one history. */
const witnessedSchema = nullable(
  record({
    height: place('Of the newest witnessed checkpoint; 0: none yet'),
    logSize: place(),
    required: place('Cosignatures that it takes at least'),
  }),
);

function witnessedView({ publication }: Services) {
  if (!publication || publication.required === 0) return null;
  const { height = 0, logSize = 0 } = publication.witnessed() ?? {};
  return { height, logSize, required: publication.required };
}

export const chainRoutes: readonly Route[] = [
  defineRoute({
    id: 'getGenesis',
    method: 'get',
    path: '/v1/genesis',
    tag: 'Chain',
    summary: 'What the chain begins with and is bound to',
    responses: ok(
      'Genesis.',
      record({
        genesis: genesisSchema,
        genesisBytes: base64Url('Its canonical CBOR'),
        genesisHash: digest('Tagged hash of those bytes; in every header'),
      }),
    ),
    mayFail: false,
    handle: ({ services: { genesis, genesisHash } }) => ({
      status: 200,
      body: {
        genesis: toJson(genesisSchema, genesis),
        genesisBytes: toBase64Url(encodeGenesis(genesis)),
        genesisHash,
      },
    }),
  }),
  defineRoute({
    id: 'getStatus',
    method: 'get',
    path: '/v1/status',
    tag: 'Chain',
    summary: 'Where the node stands',
    responses: ok(
      'Where the node stands.',
      record({
        version: text(60, 'Of the software'),
        mode: oneOf(['development', 'production']),
        chainId: identifier(),
        height: place(),
        timeMs: timeMs('Of the newest block'),
        appHash: digest(),
        logSize: place(),
        pending: integer(0, positionMax, 'Envelopes that wait for a block'),
        projection: record({
          height: integer(0, positionMax, 'What lists and records show at least'),
          logIndex: place(),
        }),
        witnessed: witnessedSchema,
      }),
    ),
    handle: async ({ services }) => {
      const { engine, projector, genesis, version } = services;
      const projection = await projector.readCursor();
      const witnessed = witnessedView(services);
      const body = { version, mode: genesis.mode, ...engine.status(), projection, witnessed };
      return { status: 200, body };
    },
  }),
  defineRoute({
    id: 'getCheckpoint',
    method: 'get',
    path: '/v1/checkpoint',
    tag: 'Chain',
    summary: 'The newest signed header',
    description:
      'Whoever holds it can check every proof against its log root. `witnessed` (null: no witness is ' +
      'asked for) says how far witnesses have cosigned; /v1/log has their cosignatures.',
    responses: ok(
      'The checkpoint.',
      record({ ...checkpointSchema.properties, witnessed: witnessedSchema }),
    ),
    problems: [apiResults.CHECKPOINT_NOT_FOUND],
    handle: ({ services }) => {
      const checkpoint = services.engine.checkpoint();
      if (!checkpoint) throw new Problem(apiResults.CHECKPOINT_NOT_FOUND, 'No block is made yet.');
      const { headerBytes, signature } = checkpoint;
      const witnessed = witnessedView(services);
      return { status: 200, body: { ...checkpointView(headerBytes, signature), witnessed } };
    },
  }),
];
