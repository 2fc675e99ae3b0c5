/**
 * Sees the bytes of an envelope to their end: the same bytes again, until it is known what became of
 * them. Only then may anybody sign the same operations anew.
 */
import type { Hex } from '../base/bytes.ts';
import { sha256Hex } from '../base/hash.ts';
import { OperationalError } from '../base/operational-error.ts';
import { registry } from '../chain/rooms.ts';
import { isRefusal, ProblemError } from './problem-error.ts';
import { isDead } from './signing-attempts.ts';
import { pause, readJson, type Transport } from './transport.ts';
import type { Receipt, TransactionView } from './views.ts';

/** An envelope on its way. */
export class SentEnvelope {
  readonly bytes: Uint8Array;
  readonly id: Hex;
  /** Whether any answer so far, or its absence, leaves open what became of it. */
  uncertain = false;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.id = sha256Hex(bytes);
  }

  /** Takes note of an answer that was none, or not the last. */
  readonly noteFailure = (error: Error): void => {
    if (leavesOpen(error)) this.uncertain = true;
  };
}

/** The node took nothing, by its own word, and a later answer may be another. */
const turnedAway = new Set([
  ...['ENGINE_BUSY', 'ENGINE_STOPPING', 'ENGINE_BEHIND', 'ENGINE_CLOCK'],
  ...['ENVELOPE_PENDING_LIMIT', 'RATE_LIMITED', 'BATCHES_EXHAUSTED'],
]);

/** Whether an envelope that was answered so may stand in a block, or be on its way into one. */
export const leavesOpen = (error: Error): boolean => {
  if (!(error instanceof ProblemError)) return true;
  const { status, name, receipt } = error.problem;
  if (receipt !== undefined || turnedAway.has(name)) return false;
  return status >= 500 || name === 'IDEMPOTENCY_IN_PROGRESS';
};

/** Milliseconds between two looks for a receipt, and how many before the bytes are sent again. */
const lookEveryMs = 250;
const looksBeforeSending = 20;

/**
 * The receipt of an envelope that was applied. Throws ProblemError where the ledger refused it, or
 * no block will ever hold it; OperationalError SUBMISSION_UNKNOWN where patience is over before
 * that is known.
 * @param answer of an earlier sending, where there was one
 */
export async function seeToEnd(
  transport: Transport,
  sent: SentEnvelope,
  answer?: Receipt | Error,
): Promise<Receipt> {
  const untilMs = Date.now() + transport.patienceMs;
  for (let last = answer ?? (await post(transport, sent, untilMs)); ;) {
    if (!(last instanceof Error)) return outcomeOf(last);
    sent.noteFailure(last);
    if (!isToBeSentAgain(last)) return ended(transport, sent, last);
    const found = await look(transport, sent, untilMs);
    if (found) return outcomeOf(found);
    if (Date.now() >= untilMs) throw unknownOutcome(sent.id, last);
    // Who has forgotten it by a restart takes it again; who has not answers for the first.
    last = await post(transport, sent, untilMs);
  }
}

/** What transport does not repeat: the block that takes long, a fault, an answer that was cut off. */
const isToBeSentAgain = (error: Error): boolean =>
  isRefusal(error, 'RECEIPT_NOT_READY', 'INTERNAL') ||
  (error instanceof OperationalError && error.code === 'EXCHANGE_ANSWER');

async function post(
  transport: Transport,
  { bytes, id, noteFailure }: SentEnvelope,
  untilMs: number,
): Promise<Receipt | Error> {
  try {
    const response = await transport.send({
      method: 'POST',
      path: '/v1/transactions',
      body: bytes,
      // Same bytes, same key: however often it is sent, it is taken once.
      headers: () => ({ 'content-type': 'application/cose', 'idempotency-key': id }),
      untilMs,
      onFailure: noteFailure,
    });
    // A repeat is answered with the kept receipt, also where that one is a refusal.
    return (await readJson(response)) as Receipt;
  } catch (error) {
    return error as Error;
  }
}

/** Some looks for its receipt; null where none is there yet. */
async function look(
  transport: Transport,
  { id }: SentEnvelope,
  untilMs: number,
): Promise<Receipt | null> {
  for (let looks = 1; ; looks += 1) {
    const found = await findReceipt(transport, id, untilMs).catch(() => null);
    if (found || looks === looksBeforeSending || Date.now() >= untilMs) return found;
    await pause(lookEveryMs);
  }
}

async function findReceipt(
  transport: Transport,
  id: Hex,
  untilMs: number,
): Promise<Receipt | null> {
  try {
    const path = `/v1/transactions/${id}`;
    const found = await transport.json({ method: 'GET', path, untilMs });
    return (found as TransactionView).receipt;
  } catch (error) {
    if (isRefusal(error, 'NOT_FOUND')) return null;
    throw error;
  }
}

/** The receipt after all, or throws what the end is. */
async function ended(transport: Transport, sent: SentEnvelope, error: Error): Promise<Receipt> {
  if (!(error instanceof ProblemError)) throw unknownOutcome(sent.id, error);
  const { receipt, name, mayStandInABlock } = error.problem;
  // An exchange of before answered a repeat so; any other refusal with a receipt stands in a block.
  if (receipt !== undefined && name === 'SEQUENCE_USED') return outcomeOf(receipt);
  if (receipt !== undefined) throw error;
  if (isDead(error) && mayStandInABlock !== false) {
    // An exchange of before that member: dead, or applied long ago.
    const untilMs = Date.now() + transport.patienceMs;
    const found = await findReceipt(transport, sent.id, untilMs).catch((cause: unknown) => {
      throw unknownOutcome(sent.id, cause);
    });
    if (found) return outcomeOf(found);
    throw error;
  }
  const isLast = !turnedAway.has(name) && !leavesOpen(error);
  if (sent.uncertain && !isLast) throw unknownOutcome(sent.id, error);
  throw error;
}

/** A receipt as the exchange would have answered at once. Throws ProblemError where it refuses. */
export function outcomeOf(receipt: Receipt): Receipt {
  if (receipt.resultCode === 0) return receipt;
  const result = registry.results.get(receipt.resultCode);
  throw new ProblemError({
    status: result?.status ?? 400,
    code: receipt.resultCode,
    name: receipt.resultName,
    title: result?.title ?? 'The ledger refused the envelope.',
    detail: receipt.detail,
    remedy: result?.remedy ?? 'See /docs of the exchange.',
    receipt,
  });
}

export const unknownOutcome = (id: Hex, cause: unknown): OperationalError =>
  new OperationalError(
    'SUBMISSION_UNKNOWN',
    `The envelope was sent, but nothing came back (${(cause as Error).message}) It may stand ` +
      `in a block: look with \`dxl receipt ${id}\` before you sign the same again.`,
    { cause },
  );
