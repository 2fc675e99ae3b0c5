/** Many envelopes of one request, each with its own outcome. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Hex } from '../base/bytes.ts';
import { sha256Hex } from '../base/hash.ts';
import type { Outcome } from '../base/result.ts';
import type { Receipt } from '../chain/engine/engine.ts';
import { engineResults } from '../chain/engine/results.ts';
import { txResults } from '../chain/tx/results.ts';
import type { FoundEnvelope } from '../store/ledger-reader.ts';
import { Problem, problemView, type ProblemView } from './problem.ts';
import { receiptOf, receiptView, type ReceiptView } from './receipt.ts';
import { apiResults } from './results.ts';
import type { Services } from './route.ts';
import { locationOf, problemInBlock, refusalOf, retryAfter } from './submission.ts';

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
type Unknown = 'late' | 'failed';

/**
 * Hands all on in order and waits for their blocks, no longer than a submission may. Throws what
 * the engine threw where it did so for every one of them.
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
      failures.push(error);
      return 'failed';
    }
  };
  const waiting: Promise<Outcome<Receipt> | Unknown>[] = [];
  for (const [at, bytes] of envelopes.entries()) {
    if (at % envelopesPerTurn === envelopesPerTurn - 1) await nextTurn();
    waiting.push(Promise.race([submit(bytes), late]));
  }
  const outcomes = await Promise.all(waiting);
  clearTimeout(timer);
  if (failures.length === envelopes.length) throw failures[0];
  if (failures.length > 0) log.error({ err: failures[0] }, 'a part of a batch failed');
  const items = envelopes.map((bytes, at) => ({ bytes, outcome: outcomes[at] ?? 'failed' }));
  const before = await standingBefore(services, items);
  return items.map(({ bytes, outcome }) => settle(services, bytes, outcome, before));
}

interface Item {
  readonly bytes: Uint8Array;
  readonly outcome: Outcome<Receipt> | Unknown;
}

const isRepeat = ({ outcome }: Item): boolean =>
  typeof outcome !== 'string' && !outcome.ok && outcome.result === txResults.SEQUENCE_USED;

/** Those whose sequence number is used, by themselves: one query for all. */
async function standingBefore(
  { reader }: Services,
  items: readonly Item[],
): Promise<ReadonlyMap<Hex, FoundEnvelope>> {
  const ids = items.filter(isRepeat).map(({ bytes }) => sha256Hex(bytes));
  return ids.length === 0 ? new Map() : reader.readEnvelopes(ids);
}

function settle(
  services: Services,
  bytes: Uint8Array,
  outcome: Item['outcome'],
  before: ReadonlyMap<Hex, FoundEnvelope>,
): Settled {
  if (typeof outcome !== 'string' && outcome.ok) return inBlock(services, outcome.value, false);
  const id = sha256Hex(bytes);
  const found = before.get(id);
  if (found) return inBlock(services, receiptOf(found), true);
  const problem =
    outcome === 'late'
      ? new Problem(apiResults.RECEIPT_NOT_READY, `Transaction ${id}.`)
      : outcome === 'failed'
        ? new Problem(apiResults.INTERNAL, 'The cause is in the operator’s logs.')
        : refusalOf(services, outcome);
  return { id, replayed: false, receipt: null, problem };
}

const inBlock = (services: Services, receipt: Receipt, replayed: boolean): Settled => ({
  id: receipt.envelopeId,
  replayed,
  receipt,
  problem: problemInBlock(services, receipt),
});

/** One problem for all where the node could take none: HTTP clients and proxies know it. */
export function refusalOfAll(settled: readonly Settled[]): Problem | null {
  const turnsAway = new Set<unknown>(Object.values(engineResults));
  const isTurnedAway = ({ problem }: Settled): boolean => turnsAway.has(problem?.result);
  const first = settled[0]?.problem;
  if (!first || !settled.every(isTurnedAway)) return null;
  return new Problem(first.result, `None of ${settled.length} was taken. ${first.detail}`, {
    headers: retryAfter,
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
  { registry }: Services,
  { id, replayed, receipt, problem }: Settled,
  requestId: string,
): OutcomeView {
  return {
    envelopeId: id,
    status: problem === null ? 201 : problem.result.status,
    replayed,
    receipt: receipt === null ? null : receiptView(registry, receipt),
    problem:
      problem === null ? null : withoutReceipt(problemView(problem, locationOf(id), requestId)),
  };
}

function withoutReceipt(view: ProblemView): ProblemView {
  const { receipt: _shown, ...rest } = view;
  return rest;
}
