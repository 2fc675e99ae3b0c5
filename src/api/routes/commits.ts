import { toHex } from '../../base/bytes.ts';
import { bytes, digest, integer, list, nullable, record, Type } from '../../base/schema.ts';
import { encodeLightBlock } from '../../chain/light/light-block.ts';
import { base64Url, toBase64Url } from '../base64url.ts';
import { rethrowEngineError } from '../engine-problem.ts';
import { Problem } from '../problem.ts';
import { positionMax } from '../receipt.ts';
import { apiResults } from '../results.ts';
import { defineRoute, ok, type Route } from '../route.ts';

const description =
  'CometBFT’s header of height h + 1 holds the app hash of h; more than two thirds of the voting ' +
  'power signed it. With the hand-over, by which the block signer of genesis named the ' +
  'validators, a light client believes the header of h. docs/comet.md describes the bytes.';

export const commitRoutes: readonly Route[] = [
  defineRoute({
    id: 'getCommit',
    method: 'get',
    path: '/v1/blocks/{height}/commit',
    tag: 'Proofs',
    summary: 'How CometBFT’s validators committed to a block',
    description,
    params: Type.Object(
      { height: Type.Integer({ minimum: 1, maximum: positionMax }) },
      { additionalProperties: false },
    ),
    responses: ok(
      'The commit.',
      record(
        {
          height: integer(1, positionMax, 'Of the ledger’s block'),
          appHash: digest(),
          validatorsHash: digest('Of the set whose members signed'),
          lightBlocks: list(base64Url('Header, commit and validators of CometBFT; CBOR'), 1, 16),
          handOver: nullable(
            record({
              statement: base64Url('Canonical CBOR'),
              signature: bytes(64, 64, 'Ed25519 signature of the block signer of genesis'),
            }),
          ),
        },
        'Commit',
      ),
    ),
    problems: [apiResults.NOT_FOUND, apiResults.NOT_READY],
    handle: async ({ services: { engine }, params: { height } }) => {
      const found = await engine.proveCommit?.(height).catch(rethrowEngineError);
      const last = found?.lightBlocks.at(-1);
      if (!found || !last) {
        throw new Problem(
          apiResults.NOT_FOUND,
          `No validators committed to height ${height}; its block signer may have signed it.`,
        );
      }
      const { lightBlocks, handOver } = found;
      return {
        status: 200,
        body: {
          height,
          appHash: last.header.appHash,
          validatorsHash: last.header.validatorsHash,
          lightBlocks: lightBlocks.map((block) => toBase64Url(encodeLightBlock(block))),
          handOver: handOver && {
            statement: toBase64Url(handOver.statement),
            signature: toHex(handOver.signature),
          },
        },
      };
    },
  }),
];
