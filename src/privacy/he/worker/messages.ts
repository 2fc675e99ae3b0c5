import type { KeyPair } from '../engine/secret.ts';
import type { heResults } from '../results.ts';

/** Tasks of a role: what goes to its process and what comes back, by structured clone. */
export type TaskMap<Tasks> = Record<keyof Tasks, { input: object; output: object }>;

/** The exchange's evaluation process. It never holds a secret key. */
export interface EvaluatorTasks {
  readonly sumRecords: { input: SumRecords; output: PartialSum };
  readonly sumPartials: { input: { partials: Uint8Array[] }; output: PartialSum };
}

export interface SumRecords {
  readonly records: readonly RecordAddress[];
}

/** One uploaded chunk, and the leaf that its bytes must have in the committed tree. */
export interface RecordAddress {
  readonly file: string;
  readonly offset: number;
  readonly index: number;
  readonly leaf: Uint8Array;
}

export interface PartialSum {
  readonly partial: Uint8Array;
}

/** The seller's process. The key comes with each task and is forgotten after it. */
export interface SellerTasks {
  readonly makeKey: { input: object; output: KeyPair };
  readonly encrypt: {
    input: { secretKey: Uint8Array; values: Int32Array };
    output: { records: Uint8Array[] };
  };
  readonly decrypt: {
    input: { secretKey: Uint8Array; ciphertext: Uint8Array };
    output: { slots: BigInt64Array };
  };
}

export interface TaskMessage {
  readonly kind: string;
  readonly input: object;
}

/** From a child. `failed` is its last message: it exits after it. */
export type ChildMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'chunk' }
  | { readonly type: 'done'; readonly value: object; readonly residentBytes: number }
  | { readonly type: 'refused'; readonly name: keyof typeof heResults; readonly detail: string }
  | { readonly type: 'failed'; readonly code: string; readonly message: string };
