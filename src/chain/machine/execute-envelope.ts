import type { Hex } from '../../base/bytes.ts';
import type { Admission } from './admission.ts';
import { applyOperations } from './apply-operations.ts';
import type { EnvelopeResult } from './block.ts';
import { encodeLeaf, type ReceiptLeaf } from './leaf.ts';
import type { BlockScope } from './ledger.ts';
import type { BlockOutput } from './output.ts';
import type { Sequences } from './sequence.ts';
import type { Overlay } from './state.ts';

/** What the envelopes of one block share. */
export interface BlockRun {
  readonly scope: BlockScope;
  readonly block: Overlay;
  readonly output: BlockOutput;
  readonly sequences: Sequences;
  readonly admission: Admission;
  /** Appends a leaf to the log and gives its index. */
  readonly append: (leaf: Uint8Array) => number;
}

/** An envelope where it stands in its block. */
export interface PlacedEnvelope {
  /** SHA-256 of the bytes. */
  readonly id: Hex;
  readonly bytes: Uint8Array;
  readonly position: number;
}

/** M-30: whatever becomes of it, its receipt goes into the log, then the events that it caused. */
export function executeEnvelope(run: BlockRun, placed: PlacedEnvelope): EnvelopeResult {
  const { scope, block, sequences, admission, append } = run;
  const { id, bytes, position } = placed;
  const { height, machineVersion } = scope;
  const place = { state: block, sequences, height, machineVersion };
  const admitted = admission.admit(bytes, place, id);
  const signed = admitted.ok
    ? admitted.value.envelope
    : admission.findRevivable(admitted, bytes, place, id);
  if (signed) sequences.use(signed.keyId, signed.sequence);
  const ran = admitted.ok
    ? applyOperations(scope, block, admitted.value, run.output)
    : { outcome: admitted, failedOperation: null, leaves: [] };
  const { outcome, failedOperation } = ran;
  const receipt: ReceiptLeaf = {
    type: 'receipt',
    height: scope.height,
    position,
    envelopeId: id,
    keyId: signed?.keyId ?? zeroHash,
    resultCode: outcome.ok ? 0 : outcome.result.code,
    failedOperation,
  };
  const logIndex = append(encodeLeaf(receipt));
  for (const leaf of ran.leaves) append(leaf);
  return { id, bytes, outcome, failedOperation, logIndex };
}

const zeroHash = '00'.repeat(32);
