import type { DossierSource, Proved } from './source.ts';

export interface Wanted {
  readonly logIndexes: readonly number[];
  readonly keys: readonly string[];
}

/**
 * All that is wanted under one checkpoint, at most `batchMax` leaves and as many keys in a request.
 * null where the state changed between two requests for keys: ask again.
 */
export async function proveInBatches(
  source: DossierSource,
  { logIndexes, keys }: Wanted,
  batchMax: number,
): Promise<Proved | null> {
  const first = await source.proofs({
    logIndexes: logIndexes.slice(0, batchMax),
    keys: keys.slice(0, batchMax),
  });
  const { stateRoot, logSize } = first.header;
  const [leaves, state] = [[...first.leaves], [...first.state]];
  // Keys are of the newest block only; one that changes nothing has the same root, and proofs.
  for (let start = batchMax; start < keys.length; start += batchMax) {
    const next = await source.proofs({ keys: keys.slice(start, start + batchMax) });
    if (next.header.stateRoot !== stateRoot) return null;
    state.push(...next.state);
  }
  for (let start = batchMax; start < logIndexes.length; start += batchMax) {
    const batch = logIndexes.slice(start, start + batchMax);
    leaves.push(...(await source.proofs({ logIndexes: batch, logSize })).leaves);
  }
  return { ...first, leaves, state };
}
