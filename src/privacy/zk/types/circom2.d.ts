/** What the room uses of circom2 0.2.23, which ships no types. */
declare module 'circom2' {
  export interface CircomOptions {
    readonly args: readonly string[];
    readonly env: Readonly<Record<string, string>>;
    /** Guest directory to host directory. */
    readonly preopens: Readonly<Record<string, string>>;
    readonly bindings: Readonly<Record<string, unknown>>;
  }

  export class CircomRunner {
    constructor(options: CircomOptions);
    /** Rejects where the compiler exits with a code other than 0. */
    execute(compilerWasm: Uint8Array): Promise<unknown>;
  }

  export const bindings: Readonly<Record<string, unknown>>;
}
