/** What becomes of a submitted envelope, as the API answers it: alone or as one of a batch. */
import { assert } from '../base/assert.ts';
import type { Refusal, ResultCode } from '../base/result.ts';
import type { Receipt } from '../chain/engine/engine.ts';
import type { Registry } from '../chain/machine/registry.ts';
import { parseEnvelope } from '../chain/tx/envelope.ts';
import { isDead } from '../chain/tx/fate.ts';
import { txResults } from '../chain/tx/results.ts';
import { commandFault } from './command-fault.ts';
import { Problem, type ProblemExtras } from './problem.ts';
import { detailView, receiptView, type Shown } from './receipt.ts';
import { apiResults } from './results.ts';

/** Refusals that may pass by themselves: the same bytes may do better a little later. */
export const mayPass = ({ result }: Pick<Problem | Refusal, 'result'>): boolean =>
  result.status === 503 || result.status === 429;

export const retryAfter = { 'Retry-After': '1' } as const;

/** A refusal before any block of an envelope that stands in none, as far as this node has blocks. */
export const refusalOf = (shown: Shown, bytes: Uint8Array, refusal: Refusal): Problem =>
  new Problem(refusal.result, detailView(shown, refusal.detail), {
    ...faultsOf(shown, bytes, refusal.result),
    headers: mayPass(refusal) ? retryAfter : {},
    mayStandInABlock: !isDead(refusal),
  });

/** Of an envelope whose block did not come in time. */
export const notReady = (detail: string): Problem =>
  new Problem(apiResults.RECEIPT_NOT_READY, detail, { mayStandInABlock: true });

/** The problem that stands in a block; null where every operation was applied. */
export function problemInBlock(shown: Shown, bytes: Uint8Array, receipt: Receipt): Problem | null {
  if (receipt.resultCode === 0) return null;
  const result = resultOf(shown.registry, receipt.resultCode);
  const where = receipt.failedOperation === null ? '' : `/operations/${receipt.failedOperation}: `;
  return new Problem(result, `${where}${detailView(shown, receipt.detail)}`, {
    ...faultsOf(shown, bytes, result),
    receipt: receiptView(shown, receipt),
    headers: { Location: locationOf(receipt.envelopeId) },
  });
}

/** Field, form and example where a command does not fit its schema. */
function faultsOf(
  { registry, genesis }: Shown,
  bytes: Uint8Array,
  result: ResultCode,
): Pick<ProblemExtras, 'errors'> {
  if (result !== txResults.OPERATION_MALFORMED) return {};
  const parsed = parseEnvelope(bytes, genesis.parameters);
  const fault = parsed.ok ? commandFault(registry, parsed.value.operations) : null;
  return fault === null ? {} : { errors: [fault] };
}

export const locationOf = (envelopeId: string): string => `/v1/transactions/${envelopeId}`;

function resultOf(registry: Registry, code: number) {
  const result = registry.results.get(code);
  assert(result, `result code ${code} is of this registry`);
  return result;
}
