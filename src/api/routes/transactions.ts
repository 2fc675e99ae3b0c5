import type { Request } from 'express';
import { assert } from '../../base/assert.ts';
import { sha256Hex } from '../../base/hash.ts';
import { digest, integer, list, nullable, record, Type } from '../../base/schema.ts';
import type { Receipt } from '../../chain/engine/engine.ts';
import type { Registry } from '../../chain/machine/registry.ts';
import { parseEnvelope } from '../../chain/tx/envelope.ts';
import { base64Url, fromBase64Url, notBase64Url, toBase64Url } from '../base64url.ts';
import { commandComponent, decodeOperation } from '../decoded-operation.ts';
import {
  beginOnce,
  hasIdempotencyKey,
  idempotencyHeader,
  idempotencyProblems,
  nothingKept,
  replayedHeaders,
  type Once,
} from '../idempotency.ts';
import { rethrowEngineError } from '../engine-problem.ts';
import { Problem } from '../problem.ts';
import { positionMax, receiptOf, receiptView } from '../receipt.ts';
import { apiResults } from '../results.ts';
import {
  component,
  defineRoute,
  jsonType,
  ok,
  type Body,
  type Reply,
  type Route,
  type Services,
} from '../route.ts';
import { findStanding } from '../standing.ts';
import { locationOf, notReady, problemInBlock, refusalOf } from '../submission.ts';
import { fieldProblem } from '../validate.ts';
import { withTimeout } from '../wait.ts';

const coseType = 'application/cose';

const submission = `The envelope is a COSE_Sign1 message (RFC 9052) signed by a registered key. The \
answer comes when its block is on disk. A refusal with a \`receipt\` stands in a block and has used \
its sequence number; a refusal without one has left no trace.

What stands in a block already is answered as it was then, however long ago, with \
\`Idempotency-Replayed: true\`: the same bytes may be sent any number of times. Only where \
\`mayStandInABlock\` is false does no block hold the envelope, nor ever will: sign its operations \
anew then, and not before.`;

export const transactionRoutes = (registry: Registry): readonly Route[] => [
  defineRoute({
    id: 'submitTransaction',
    method: 'post',
    path: '/v1/transactions',
    tag: 'Transactions',
    summary: 'Submit a signed envelope and wait for its block',
    description: submission,
    headers: [idempotencyHeader],
    body: {
      json: record({ envelope: base64Url('The envelope’s bytes') }, 'Envelope'),
      bytes: coseType,
      // Base64 is a third longer; what is over the chain's limit itself is the engine's to refuse.
      bytesMax: ({ genesis }) => 2 * genesis.parameters.envelopeBytesMax + 1024,
    },
    responses: {
      201: {
        description: 'Every operation was applied.',
        type: jsonType,
        schema: component('receipt'),
      },
    },
    problems: [
      ...registry.results.values(),
      ...idempotencyProblems,
      apiResults.RECEIPT_NOT_READY,
      apiResults.NOT_READY,
    ],
    handle: async ({ services, body, request }) => {
      const bytes = envelopeBytes(body);
      const once = await beginSubmission(services, request, bytes);
      if (once.kind === 'replay') return answer(services, bytes, once.outcome as Receipt, true);
      const { receipt, replayed } = await submit(services, bytes, once);
      return answer(services, bytes, receipt, replayed);
    },
  }),
  defineRoute({
    id: 'getTransaction',
    method: 'get',
    path: '/v1/transactions/{id}',
    tag: 'Transactions',
    summary: 'A transaction with its receipt and decoded operations',
    params: Type.Object({ id: digest('The envelope’s id') }, { additionalProperties: false }),
    responses: ok('The transaction.', transactionSchema(registry)),
    problems: [apiResults.NOT_FOUND],
    handle: async ({ services, params }) => {
      const found = await services.reader.readEnvelope(params.id);
      if (!found) throw new Problem(apiResults.NOT_FOUND, `No block holds envelope ${params.id}.`);
      const { bytes } = found.envelope;
      const parsed = parseEnvelope(bytes, services.genesis.parameters);
      assert(parsed.ok, 'an envelope in a block is well-formed');
      const { keyId, sequence, expiryHeight, operations } = parsed.value;
      return {
        status: 200,
        body: {
          receipt: receiptView(services, receiptOf(found)),
          keyId,
          sequence,
          expiryHeight,
          operations: operations.map((one) => decodeOperation(services.registry, one)),
          envelope: toBase64Url(bytes),
        },
      };
    },
  }),
];

const transactionSchema = (registry: Registry) =>
  record(
    {
      receipt: component('receipt'),
      keyId: digest('Of the signing key'),
      sequence: integer(0, positionMax),
      expiryHeight: integer(0, positionMax),
      operations: list(
        Type.Unsafe<unknown>({
          oneOf: [...registry.operations.values()].map((operation) =>
            record({
              number: Type.Literal(operation.number),
              name: Type.Literal(operation.name),
              command: nullable(component(commandComponent(operation.name))),
            }),
          ),
        }),
        1,
        1024,
      ),
      envelope: base64Url('The envelope’s bytes'),
    },
    'Transaction',
  );

function envelopeBytes(body: Body): Uint8Array {
  if (body.kind === 'bytes') return body.bytes;
  assert(body.kind === 'json', 'a submission is bytes or JSON');
  const bytes = fromBase64Url((body.value as { envelope: string }).envelope);
  if (bytes !== null) return bytes;
  throw fieldProblem(apiResults.INVALID_BODY, [notBase64Url('/envelope')]);
}

type Fresh = Exclude<Once, { kind: 'replay' }>;

/** Only a request with a key needs to know whose envelope it is before the engine looks at it. */
async function beginSubmission(
  services: Services,
  request: Request,
  bytes: Uint8Array,
): Promise<Once> {
  if (!hasIdempotencyKey(request)) return nothingKept;
  const parsed = parseEnvelope(bytes, services.genesis.parameters);
  if (!parsed.ok) throw new Problem(parsed.result, parsed.detail);
  const { id, keyId } = parsed.value;
  const scope = `POST /v1/transactions ${keyId}`;
  return beginOnce(services, request, { scope, inputHash: id });
}

interface Submitted {
  readonly receipt: Receipt;
  /** It stood in a block before this request. */
  readonly replayed: boolean;
}

/** Waits for the block. Throws Problem for what stands in none. */
async function submit(services: Services, bytes: Uint8Array, once: Fresh): Promise<Submitted> {
  // Goes on where this request no longer waits: a retry with its key then finds the outcome.
  const submitted = services.engine.submit(bytes).catch(async (error: unknown) => {
    // Whether it comes into a block is open: a repetition must be looked at anew.
    await once.abandon();
    return rethrowEngineError(error);
  });
  const settled = submitted.then(async (outcome) => {
    if (outcome.ok) {
      await keep(services, once, outcome.value);
      return { receipt: outcome.value, replayed: false };
    }
    // Envelopes in blocks are public: who sends one again may be anybody, and takes up no key of
    // its signer. The envelope's own id finds the receipt every time.
    await once.abandon();
    const [receipt] = (await findStanding(services, [{ bytes, outcome }])).values();
    if (receipt === undefined) throw refusalOf(services, bytes, outcome);
    return { receipt, replayed: true };
  });
  settled.catch(() => undefined);
  return withTimeout(settled, services.limits.submitWaitMs, () =>
    notReady(`Transaction ${sha256Hex(bytes)}.`),
  );
}

/** The block stands whether or not its answer can be kept for a retry. */
async function keep({ log }: Services, once: Fresh, receipt: Receipt): Promise<void> {
  await once.complete(receipt).catch((error: unknown) => {
    log.error({ err: error }, 'the answer to an Idempotency-Key was not kept');
  });
}

/** 201 where every operation was applied, else the Problem that stands in the block. */
function answer(services: Services, bytes: Uint8Array, receipt: Receipt, replayed: boolean): Reply {
  const marks = replayed ? replayedHeaders : {};
  const problem = problemInBlock(services, bytes, receipt);
  if (problem !== null) throw problem.withHeaders(marks);
  const headers = { ...marks, Location: locationOf(receipt.envelopeId) };
  return { status: 201, headers, body: receiptView(services, receipt) };
}
