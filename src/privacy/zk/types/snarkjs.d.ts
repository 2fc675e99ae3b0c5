/** What the room and its tests use of snarkjs 0.7.6, which ships no types. */
declare module 'snarkjs' {
  export interface MemoryFile {
    type: 'mem';
    data?: Uint8Array;
  }

  export interface Groth16Proof {
    readonly protocol: string;
    readonly curve: string;
    readonly pi_a: readonly string[];
    readonly pi_b: readonly (readonly string[])[];
    readonly pi_c: readonly string[];
  }

  type SignalInput = bigint | readonly bigint[];

  export const wtns: {
    calculate(
      inputs: Readonly<Record<string, SignalInput>>,
      wasm: string,
      output: MemoryFile,
      options?: { readonly memorySize?: number },
    ): Promise<void>;
  };

  export const groth16: {
    prove(
      zkey: string,
      witness: MemoryFile,
    ): Promise<{ readonly proof: Groth16Proof; readonly publicSignals: readonly string[] }>;
    verify(
      verificationKey: unknown,
      publicSignals: readonly unknown[],
      proof: unknown,
    ): Promise<boolean>;
  };

  export const zKey: {
    exportVerificationKey(zkey: string): Promise<Readonly<Record<string, unknown>>>;
  };

  /** An element of the scalar field in Montgomery form, little-endian. */
  type FieldElement = Uint8Array;

  export interface WasmCurve {
    readonly tm: {
      readonly memory: WebAssembly.Memory;
      readonly instance: { readonly exports: Readonly<Record<string, unknown>> };
    };
    readonly Fr: {
      /** w[i] generates the group of 2^i-th roots of unity that the transforms use. */
      readonly w: readonly FieldElement[];
      toObject(element: FieldElement): bigint;
    };
    readonly G1: { readonly gAffine: Uint8Array };
    readonly G2: { readonly gAffine: Uint8Array };
    /** Ends the worker pool; a curve built with singleThread has none. */
    terminate(): Promise<void>;
  }

  export const curves: {
    getCurveFromName(
      name: string,
      options?: { readonly singleThread: boolean },
    ): Promise<WasmCurve>;
  };
}
