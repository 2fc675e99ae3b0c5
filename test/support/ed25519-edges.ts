import { readFileSync } from 'node:fs';

/** Where libraries differ on what an Ed25519 signature is; hex. */
export interface EdgeVector {
  readonly title: string;
  readonly publicKey: string;
  readonly message: string;
  readonly signature: string;
  /** By the chain (M-12). */
  readonly accepted: boolean;
  readonly nobleStrict: boolean;
}

const file = new URL('../vectors/ed25519-edge.json', import.meta.url);
export const edges = JSON.parse(readFileSync(file, 'utf8')) as EdgeVector[];
