import { success, type Outcome } from '../../base/result.ts';
import type { AdmittedEnvelope } from './admission.ts';
import { openContext, type BlockScope } from './ledger.ts';
import { outputOf, type BlockOutput } from './output.ts';
import { Overlay } from './state.ts';

export interface AppliedOperations {
  readonly outcome: Outcome;
  readonly failedOperation: number | null;
  /** The events, as they are logged; none where the envelope is refused. */
  readonly leaves: readonly Uint8Array[];
}

/** M-32: all operations on one overlay: the first refusal, or a limit passed, drops it whole. */
export function applyOperations(
  scope: BlockScope,
  block: Overlay,
  admitted: AdmittedEnvelope,
  output: BlockOutput,
): AppliedOperations {
  const overlay = new Overlay(block);
  const leaves: Uint8Array[] = [];
  let written = 0;
  let index = -1;
  for (const { operation, command } of admitted.operations) {
    index += 1;
    const cause = { envelopeId: admitted.envelope.id, operation: index };
    const before = leaves.length;
    const context = openContext(scope, overlay, cause, leaves, admitted.actor);
    const outcome = operation.apply(context, command);
    if (!outcome.ok) return { outcome, failedOperation: index, leaves: [] };
    written += outputOf(leaves.slice(before));
    const within = output.check(admitted, written);
    if (!within.ok) return { outcome: within, failedOperation: index, leaves: [] };
  }
  output.take(admitted, written);
  overlay.applyTo(block);
  return { outcome: success, failedOperation: null, leaves };
}
