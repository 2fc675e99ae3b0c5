import { createRequire } from 'node:module';
import type { SEALLibrary } from 'node-seal/implementation/seal.js';
import { OperationalError } from '../../../base/operational-error.ts';

export type Seal = SEALLibrary;

/**
 * Loads SEAL 4.1.2 as WASM; about 70 ms. For child processes only, which can be ended and begun
 * anew. The package's own ES entry does not load under Node, hence `require`; this is the one place
 * to change for another version of it.
 */
export async function loadSeal(): Promise<Seal> {
  try {
    const load = createRequire(import.meta.url)('node-seal') as () => Promise<SEALLibrary>;
    return await load();
  } catch (cause) {
    throw new OperationalError(
      'HE_RUNTIME_UNSUPPORTED',
      `node-seal does not load on Node ${process.versions.node}; use Node 20.19 or later`,
      { cause },
    );
  }
}
