/** A block as it goes into the machine and comes out of it. */
import type { Hex } from '../../base/bytes.ts';
import type { Outcome } from '../../base/result.ts';
import type { StateChange } from './state.ts';

export interface BlockInput {
  readonly height: number;
  /** Not below the previous block's. */
  readonly timeMs: number;
  readonly envelopes: readonly Uint8Array[];
  /** The SHA-256 of each envelope, where the driver has them and answers for them. */
  readonly ids?: readonly Hex[];
}

export interface EnvelopeResult {
  readonly id: Hex;
  readonly bytes: Uint8Array;
  readonly outcome: Outcome;
  readonly failedOperation: number | null;
  readonly logIndex: number;
}

/** What an app hash commits to beside the height. */
export interface Roots {
  readonly logRoot: Hex;
  readonly logSize: number;
  readonly stateRoot: Hex;
  readonly zkRoot: Hex;
  readonly parametersHash: Hex;
}

export interface FinalizedBlock extends Roots {
  readonly height: number;
  readonly timeMs: number;
  readonly results: readonly EnvelopeResult[];
  readonly leaves: readonly { readonly logIndex: number; readonly bytes: Uint8Array }[];
  readonly changes: readonly StateChange[];
  readonly envelopesRoot: Hex;
  readonly appHash: Hex;
}
