/** What becomes of a submitted envelope, as the API answers it: alone or as one of a batch. */
import { assert } from '../base/assert.ts';
import type { Refusal } from '../base/result.ts';
import type { Receipt } from '../chain/engine/engine.ts';
import type { Registry } from '../chain/machine/registry.ts';
import { isDead } from '../chain/tx/fate.ts';
import { Problem } from './problem.ts';
import { receiptView } from './receipt.ts';
import { apiResults } from './results.ts';
import type { ApiParts } from './parts.ts';

type Shown = Pick<ApiParts, 'registry'>;

/** Refusals that may pass by themselves: the same bytes may do better a little later. */
export const mayPass = ({ result }: Pick<Problem | Refusal, 'result'>): boolean =>
  result.status === 503 || result.status === 429;

export const retryAfter = { 'Retry-After': '1' } as const;

/** A refusal before any block of an envelope that stands in none, as far as this node has blocks. */
export const refusalOf = (refusal: Refusal): Problem =>
  new Problem(refusal.result, refusal.detail, {
    headers: mayPass(refusal) ? retryAfter : {},
    mayStandInABlock: !isDead(refusal),
  });

/** Of an envelope whose block did not come in time. */
export const notReady = (detail: string): Problem =>
  new Problem(apiResults.RECEIPT_NOT_READY, detail, { mayStandInABlock: true });

/** The problem that stands in a block; null where every operation was applied. */
export function problemInBlock({ registry }: Shown, receipt: Receipt): Problem | null {
  if (receipt.resultCode === 0) return null;
  const result = resultOf(registry, receipt.resultCode);
  const where = receipt.failedOperation === null ? '' : `/operations/${receipt.failedOperation}: `;
  return new Problem(result, `${where}${receipt.detail}`, {
    receipt: receiptView(registry, receipt),
    headers: { Location: locationOf(receipt.envelopeId) },
  });
}

export const locationOf = (envelopeId: string): string => `/v1/transactions/${envelopeId}`;

function resultOf(registry: Registry, code: number) {
  const result = registry.results.get(code);
  assert(result, `result code ${code} is of this registry`);
  return result;
}
