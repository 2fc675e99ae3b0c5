import { success, type Outcome } from '../../base/result.ts';
import type { AdmittedEnvelope } from './admission.ts';
import type { WrittenEvent } from './leaf.ts';
import { openContext, type BlockScope } from './ledger.ts';
import { Overlay } from './state.ts';

/** All operations on one overlay: the first refusal drops it whole. */
export function applyOperations(
  scope: BlockScope,
  block: Overlay,
  admitted: AdmittedEnvelope,
  events: WrittenEvent[],
): { outcome: Outcome; failedOperation: number | null } {
  const overlay = new Overlay(block);
  for (const [index, { operation, command }] of admitted.operations.entries()) {
    const cause = { envelopeId: admitted.envelope.id, operation: index };
    const context = openContext(scope, overlay, cause, events, admitted.actor);
    const outcome = operation.apply(context, command);
    if (!outcome.ok) return { outcome, failedOperation: index };
  }
  overlay.applyTo(block);
  return { outcome: success, failedOperation: null };
}
