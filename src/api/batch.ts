/** Many envelopes of one request, each with its own outcome. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Hex } from '../base/bytes.ts';
import { sha256Hex } from '../base/hash.ts';
import type { Outcome, Refusal } from '../base/result.ts';
import type { Receipt } from '../chain/engine/engine.ts';
import { engineResults } from '../chain/engine/results.ts';
import { engineProblem, rethrowEngineError } from './engine-problem.ts';
import { Problem, problemView, type ProblemView } from './problem.ts';
import { receiptView, type ReceiptView } from './receipt.ts';
import { apiResults } from './results.ts';
import type { Services } from './route.ts';
import { findStanding } from './standing.ts';
import { locationOf, notReady, problemInBlock, refusalOf, retryAfter } from './submission.ts';

/** What became of one envelope. */
export interface Settled {
  readonly id: Hex;
  /** It stood in a block before this request. */
  readonly replayed: boolean;
  /** Of the block that it stands in, applied or refused; null where it stands in none. */
  readonly receipt: Receipt | null;
  /** Null where every operation was applied. */
  readonly problem: Problem | null;
}

/** Between so many envelopes other requests have their turn: each costs a verification. */
const envelopesPerTurn = 32;

/** Of an envelope whose block did not come in time, and of one whose submission threw. */
type Unknown = 'late' | { readonly error: unknown };

/**
 * Hands all on in order and waits for their blocks, no longer than a submission may. Throws what
 * one submission would have thrown where the engine failed for every one of them.
 */
export async function submitAll(
  services: Services,
  envelopes: readonly Uint8Array[],
): Promise<readonly Settled[]> {
  const { engine, limits, log } = services;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Unknown>((resolve) => {
    timer = setTimeout(resolve, limits.submitWaitMs, 'late');
  });
  const failures: unknown[] = [];
  const submit = async (bytes: Uint8Array): Promise<Outcome<Receipt> | Unknown> => {
    try {
      return await engine.submit(bytes);
    } catch (error) {
      if (engineProblem(error)?.result === apiResults.RECEIPT_NOT_READY) return 'late';
      failures.push(error);
      return { error };
    }
  };
  const waiting: Promise<Outcome<Receipt> | Unknown>[] = [];
  for (const [at, bytes] of envelopes.entries()) {
    if (at % envelopesPerTurn === envelopesPerTurn - 1) await nextTurn();
    waiting.push(Promise.race([submit(bytes), late]));
  }
  const outcomes = await Promise.all(waiting);
  clearTimeout(timer);
  if (failures.length === envelopes.length) rethrowEngineError(failures[0]);
  const [unforeseen] = failures.filter((error) => engineProblem(error) === null);
  if (unforeseen !== undefined) log.error({ err: unforeseen }, 'a part of a batch failed');
  const items = envelopes.map((bytes, at) => ({ bytes, outcome: outcomes[at] ?? 'late' }));
  const judged = items.flatMap(({ bytes, outcome }) =>
    isUnknown(outcome) ? [] : [{ bytes, outcome }],
  );
  const before = await findStanding(services, judged);
  return items.map(({ bytes, outcome }) => settle(services, bytes, outcome, before));
}

interface Item {
  readonly bytes: Uint8Array;
  readonly outcome: Outcome<Receipt> | Unknown;
}

const isUnknown = (outcome: Item['outcome']): outcome is Unknown =>
  outcome === 'late' || 'error' in outcome;

function settle(
  services: Services,
  bytes: Uint8Array,
  outcome: Item['outcome'],
  before: ReadonlyMap<Hex, Receipt>,
): Settled {
  if (!isUnknown(outcome) && outcome.ok) return inBlock(services, bytes, outcome.value, false);
  const id = sha256Hex(bytes);
  const found = before.get(id);
  if (found) return inBlock(services, bytes, found, true);
  return {
    id,
    replayed: false,
    receipt: null,
    problem: problemOf(services, { id, bytes }, outcome),
  };
}

/** Of an envelope that stands in no block as far as is known. */
function problemOf(
  services: Services,
  { id, bytes }: { readonly id: Hex; readonly bytes: Uint8Array },
  outcome: Unknown | Refusal,
): Problem {
  if (outcome === 'late') return notReady(`Transaction ${id}.`);
  if (!('error' in outcome)) return refusalOf(services, bytes, outcome);
  return (
    engineProblem(outcome.error) ??
    new Problem(apiResults.INTERNAL, 'The cause is in the operator’s logs.', {
      mayStandInABlock: true,
    })
  );
}

const inBlock = (
  services: Services,
  bytes: Uint8Array,
  receipt: Receipt,
  replayed: boolean,
): Settled => ({
  id: receipt.envelopeId,
  replayed,
  receipt,
  problem: problemInBlock(services, bytes, receipt),
});

/** One problem for all where the node could take none: HTTP clients and proxies know it. */
export function refusalOfAll(settled: readonly Settled[]): Problem | null {
  const turnsAway = new Set<unknown>(Object.values(engineResults));
  const isTurnedAway = ({ problem }: Settled): boolean => turnsAway.has(problem?.result);
  const first = settled[0]?.problem;
  if (!first || !settled.every(isTurnedAway)) return null;
  return new Problem(first.result, `None of ${settled.length} was taken. ${first.detail}`, {
    headers: retryAfter,
    mayStandInABlock: settled.some(({ problem }) => problem?.extras.mayStandInABlock !== false),
  });
}

export interface OutcomeView {
  readonly envelopeId: Hex;
  readonly status: number;
  readonly replayed: boolean;
  readonly receipt: ReceiptView | null;
  readonly problem: ProblemView | null;
}

/** As JSON; a problem's receipt stands in the outcome, not in the problem a second time. */
export function outcomeView(
  services: Services,
  { id, replayed, receipt, problem }: Settled,
  requestId: string,
): OutcomeView {
  return {
    envelopeId: id,
    status: problem === null ? 201 : problem.result.status,
    replayed,
    receipt: receipt === null ? null : receiptView(services, receipt),
    problem:
      problem === null ? null : withoutReceipt(problemView(problem, locationOf(id), requestId)),
  };
}

function withoutReceipt(view: ProblemView): ProblemView {
  const { receipt: _shown, ...rest } = view;
  return rest;
}
