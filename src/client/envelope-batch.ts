/** Many envelopes in one request, each seen to an answer of its own. */
import type { Hex } from '../base/bytes.ts';
import { OperationalError } from '../base/operational-error.ts';
import { encodeEnvelopeSequence, envelopeSequenceType } from '../chain/tx/envelope-sequence.ts';
import { ProblemError, type ProblemDocument } from './problem-error.ts';
import type { SentEnvelope } from './see-to-end.ts';
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
const pauseMs = 500;
const pauseMsMax = 5_000;

/**
 * The exchange's answer for each, in order: a receipt, or why not. Those for which it has no room
 * are sent again, the same bytes, for as long as patience lasts. What stands in a block is never done twice. An error
 * of the request as a whole is that of every envelope in it.
 */
export async function sendBatch(
  transport: Transport,
  envelopes: readonly SentEnvelope[],
): Promise<readonly (Receipt | Error)[]> {
  const answers = new Map<number, Receipt | Error>();
  const untilMs = Date.now() + transport.patienceMs;
  let open = envelopes.map((sent, index) => ({ sent, index, bytes: sent.bytes }));
  for (let attempt = 1; open.length > 0; attempt += 1) {
    if (attempt > 1) await pause(Math.min(pauseMs * 2 ** (attempt - 2), pauseMsMax));
    const again: typeof open = [];
    for (const part of partsOf(open)) {
      const outcomes = await sendPart(transport, part, untilMs);
      for (const [at, item] of part.entries()) {
        const answer = outcomes[at] ?? noAnswer(item.sent);
        if (answer instanceof Error) item.sent.noteFailure(answer);
        if (Date.now() < untilMs && mayPass(answer)) again.push(item);
        else answers.set(item.index, answer);
      }
    }
    open = again;
  }
  return envelopes.map((sent, index) => answers.get(index) ?? noAnswer(sent));
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
  part: readonly { readonly sent: SentEnvelope; readonly bytes: Uint8Array }[],
  untilMs: number,
): Promise<readonly (Receipt | Error)[]> {
  try {
    const body = encodeEnvelopeSequence(part.map(({ bytes }) => bytes));
    const answer = await transport.json({
      method: 'POST',
      path: '/v1/transactions:batch',
      headers: () => ({ 'content-type': envelopeSequenceType }),
      body,
      untilMs,
      onFailure: (error) => part.forEach(({ sent }) => sent.noteFailure(error)),
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

const noAnswer = ({ id }: SentEnvelope): OperationalError =>
  new OperationalError('EXCHANGE_ANSWER', `No outcome for envelope ${id} was sent.`);

/** What stands in a block is answered for ever: the same bytes get the same receipt. */
const mayPass = (answer: Receipt | Error): boolean =>
  answer instanceof ProblemError &&
  answer.problem.receipt === undefined &&
  [429, 503].includes(answer.problem.status);
