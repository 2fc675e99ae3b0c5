/** What the tests use of circomlibjs 0.1.7, which ships no types. */
declare module 'circomlibjs' {
  interface PoseidonField {
    toObject(element: Uint8Array): bigint;
  }

  export interface Poseidon {
    /** 1 to 16 inputs below r; the result is in Montgomery form: read it with F.toObject. */
    (inputs: readonly bigint[]): Uint8Array;
    readonly F: PoseidonField;
  }

  export function buildPoseidon(): Promise<Poseidon>;
}
