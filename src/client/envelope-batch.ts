/** Many envelopes in one request, each seen to an answer of its own. */
import type { Hex } from '../base/bytes.ts';
import { sha256Hex } from '../base/hash.ts';
import { OperationalError } from '../base/operational-error.ts';
import { encodeEnvelopeSequence, envelopeSequenceType } from '../chain/tx/envelope-sequence.ts';
import { ProblemError, type ProblemDocument } from './problem-error.ts';
import { pause, type Transport } from './transport.ts';
import type { Receipt } from './views.ts';

/** What the exchange answers for one envelope. */
interface OutcomeView {
  readonly envelopeId: Hex;
  readonly receipt: Receipt | null;
  readonly problem: ProblemDocument | null;
}

/** Envelopes in one request: as many as one key may have on the way. */
export const batchEnvelopesMax = 64;
const batchBytesMax = 2 * 1024 * 1024;
const attemptsMax = 6;
const pauseMs = 500;

/**
 * The exchange's answer for each, in order: a receipt, or why not. Those for which it has no room
 * are sent again, the same bytes, a few times. What stands in a block is never done twice. An error
 * of the request as a whole is that of every envelope in it.
 */
export async function sendBatch(
  transport: Transport,
  envelopes: readonly Uint8Array[],
): Promise<readonly (Receipt | Error)[]> {
  const answers = new Map<number, Receipt | Error>();
  let open = envelopes.map((bytes, index) => ({ bytes, index }));
  for (let attempt = 1; open.length > 0; attempt += 1) {
    if (attempt > 1) await pause(pauseMs * 2 ** (attempt - 2));
    const again: typeof open = [];
    for (const part of partsOf(open)) {
      const outcomes = await sendPart(transport, part);
      for (const [at, item] of part.entries()) {
        const answer = outcomes[at] ?? noAnswer(item.bytes);
        if (attempt < attemptsMax && mayPass(answer)) again.push(item);
        else answers.set(item.index, answer);
      }
    }
    open = again;
  }
  return envelopes.map((bytes, index) => answers.get(index) ?? noAnswer(bytes));
}

/** In order, each of few enough bytes. */
function partsOf<Item extends { readonly bytes: Uint8Array }>(items: readonly Item[]): Item[][] {
  const parts: Item[][] = [];
  let size = Infinity;
  for (const item of items) {
    const last = parts.at(-1);
    size += item.bytes.length;
    if (last && size <= batchBytesMax && last.length < batchEnvelopesMax) {
      last.push(item);
    } else {
      parts.push([item]);
      size = item.bytes.length;
    }
  }
  return parts;
}

async function sendPart(
  transport: Transport,
  part: readonly { readonly bytes: Uint8Array }[],
): Promise<readonly (Receipt | Error)[]> {
  try {
    const body = encodeEnvelopeSequence(part.map(({ bytes }) => bytes));
    const answer = await transport.json({
      method: 'POST',
      path: '/v1/transactions:batch',
      headers: () => ({ 'content-type': envelopeSequenceType }),
      body,
    });
    const { outcomes } = answer as { outcomes: readonly OutcomeView[] };
    return outcomes.map(answerOf);
  } catch (error) {
    return part.map(() => error as Error);
  }
}

function answerOf({ receipt, problem }: OutcomeView): Receipt | Error {
  if (problem !== null) {
    return new ProblemError(receipt === null ? problem : { ...problem, receipt });
  }
  return receipt ?? new OperationalError('EXCHANGE_ANSWER', 'An outcome without receipt.');
}

const noAnswer = (bytes: Uint8Array): OperationalError =>
  new OperationalError('EXCHANGE_ANSWER', `No outcome for envelope ${sha256Hex(bytes)} was sent.`);

/** What stands in a block is answered for ever: the same bytes get the same receipt. */
const mayPass = (answer: Receipt | Error): boolean =>
  answer instanceof ProblemError &&
  answer.problem.receipt === undefined &&
  [429, 503].includes(answer.problem.status);
