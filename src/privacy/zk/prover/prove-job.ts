/** What goes to the proving process and comes back: structured-clonable throughout. */
export interface ProveJob {
  readonly wasmPath: string;
  readonly zkeyPath: string;
  readonly inputs: SignalInputs;
}

/** Values by the circuit's input names. */
export type SignalInputs = Readonly<Record<string, bigint | readonly bigint[]>>;

export interface ProveProgress {
  readonly phase: 'witness' | 'prove';
}

export interface ProofResult {
  /** Canonical bytes, see parseProof. */
  readonly proof: Uint8Array;
  /** In the circuit's order. */
  readonly publics: bigint[];
  readonly witnessMs: number;
  readonly proveMs: number;
}
