import { assert } from '../../base/assert.ts';
import { digest, flag, integer, list, nullable, record } from '../../base/schema.ts';
import { engineResults } from '../../chain/engine/results.ts';
import { envelopeSequenceType, readEnvelopeSequence } from '../../chain/tx/envelope-sequence.ts';
import { base64Url, fromBase64Url, notBase64Url } from '../base64url.ts';
import { outcomeView, refusalOfAll, submitAll } from '../batch.ts';
import { Problem } from '../problem.ts';
import { apiResults } from '../results.ts';
import { component, defineRoute, ok, type Body, type Route } from '../route.ts';
import { mayPass, retryAfter } from '../submission.ts';
import { fieldProblem } from '../validate.ts';

export const batchEnvelopesMax = 1024;
const bodyBytesMax = 4 * 1024 * 1024;

const description = `The body is a CBOR sequence (RFC 8742) of byte strings, each an envelope’s bytes, \
or the same in JSON. Envelopes are handed on in order and independently of each other: one that is \
refused, or is no envelope at all, spoils no other. The answer has one outcome for each, in order, \
with the status that it would have had alone; it is 200 whatever they are. An envelope’s id makes it \
idempotent: one that stands in a block already has the outcome it had, marked \`replayed\`, so a whole \
batch can be sent again. Framing that is broken refuses all, and names the item and the byte.

At most ${batchEnvelopesMax} envelopes and ${bodyBytesMax} bytes. Each envelope counts as a request \
against the rate limit. Where an outcome has status 429 or 503, the answer has a Retry-After header: \
send those again. Where no envelope at all could be taken the whole is answered 503.`;

export const transactionBatchRoute: Route = defineRoute({
  id: 'submitTransactions',
  method: 'post',
  path: '/v1/transactions:batch',
  tag: 'Transactions',
  summary: 'Submit many signed envelopes and wait for their blocks',
  description,
  body: {
    json: record(
      { envelopes: list(base64Url('An envelope’s bytes'), 1, batchEnvelopesMax) },
      'Envelopes',
    ),
    bytes: envelopeSequenceType,
    bytesMax: ({ genesis }) => Math.max(bodyBytesMax, 2 * genesis.parameters.envelopeBytesMax),
  },
  responses: ok(
    'What became of each envelope.',
    record(
      {
        outcomes: list(
          record({
            envelopeId: digest('SHA-256 of the envelope’s bytes: the transaction’s id'),
            status: integer(201, 599, '201: applied; else that of the problem'),
            replayed: flag('It stood in a block before this request'),
            receipt: nullable(component('receipt')),
            problem: nullable(component('problem')),
          }),
          1,
          batchEnvelopesMax,
        ),
      },
      'Outcomes, in the order of the envelopes',
    ),
  ),
  problems: [...Object.values(engineResults), apiResults.NOT_READY],
  handle: async ({ services, body, request, response }) => {
    const envelopes = envelopesOf(body);
    services.limiter.charge(request, response, envelopes.length - 1);
    const settled = await submitAll(services, envelopes);
    const refusal = refusalOfAll(settled);
    if (refusal !== null) throw refusal;
    const requestId = request.id as string;
    return {
      status: 200,
      headers: settled.some(({ problem }) => problem && mayPass(problem)) ? retryAfter : {},
      body: { outcomes: settled.map((one) => outcomeView(services, one, requestId)) },
    };
  },
});

/** Throws Problem INVALID_BODY naming the item at fault. */
function envelopesOf(body: Body): Uint8Array[] {
  if (body.kind === 'bytes') {
    const read = readEnvelopeSequence(body.bytes, batchEnvelopesMax);
    if (read.ok) return read.envelopes;
    throw invalidItem(read.fault.item, read.fault.message);
  }
  assert(body.kind === 'json', 'a batch is bytes or JSON');
  return (body.value as { envelopes: string[] }).envelopes.map((text, index) => {
    const bytes = fromBase64Url(text);
    if (bytes === null) {
      throw fieldProblem(apiResults.INVALID_BODY, [notBase64Url(`/envelopes/${index}`)]);
    }
    return bytes;
  });
}

function invalidItem(item: number | null, message: string): Problem {
  const pointer = item === null ? '/envelopes' : `/envelopes/${item}`;
  const errors = [{ pointer, message }];
  return new Problem(apiResults.INVALID_BODY, `${pointer}: ${message}.`, { errors });
}
