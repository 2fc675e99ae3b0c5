import type { Hex } from '../../base/bytes.ts';
import { refuse, successWith, type Outcome } from '../../base/result.ts';
import { heResults } from './results.ts';

/**
 * Parameters of one use of BGV. They are written here and nowhere else: a peer names a preset and
 * never sends parameters, because loading those is where an attacker chooses the arithmetic.
 */
export interface Preset {
  readonly id: string;
  /** Ring dimension n, which is also the number of slots, and so of rows in a chunk. */
  readonly polyDegree: number;
  /** Sizes handed to SEAL, in bits; it must answer with the primes of `keyModuli`. */
  readonly keyModuliBits: readonly number[];
  readonly keyModuli: readonly bigint[];
  /** The primes of a fresh ciphertext: all of `keyModuli`, less the special prime where there is one. */
  readonly dataModuli: readonly bigint[];
  /** Prime with plainModulus ≡ 1 mod 2n, so that slots exist. */
  readonly plainModulus: bigint;
  /** SEAL's hash of the data-level parameters, 32 bytes. */
  readonly parmsId: Hex;
  /** Largest magnitude of one encrypted value. */
  readonly valueBoundMax: bigint;
}

/**
 * `sum-4k` adds only. Its plain modulus is the smallest 40-bit batching prime, not SEAL's default,
 * the largest: half a bit short of 2^40 would cost the tenth bit of noise margin at 1,000,000 rows
 * in one group, while 245 sums of 30-bit values need 39 bits.
 */
const sum4k: Preset = {
  id: 'sum-4k',
  polyDegree: 4096,
  keyModuliBits: [60],
  keyModuli: [1152921504606830593n],
  dataModuli: [1152921504606830593n],
  plainModulus: 549755904001n,
  parmsId: 'eedb6c2a0054356cb7d7ee061b89a0e2618fa63c944dc0282d4fdc10beed07bf',
  valueBoundMax: 2n ** 30n,
};

const presets: ReadonlyMap<string, Preset> = new Map([[sum4k.id, sum4k]]);

export const presetIds: readonly string[] = [...presets.keys()];

/**
 * The preset of an id and the parms_id that the peer believes in.
 * Refuses with HE_CKKS_RELEASE_FORBIDDEN or HE_PARAMS_NOT_PRESET.
 */
export function findPreset(id: string, parmsId?: Hex): Outcome<Preset> {
  if (id.startsWith('ckks')) {
    return refuse(heResults.HE_CKKS_RELEASE_FORBIDDEN, `preset ${id}`);
  }
  const preset = presets.get(id);
  if (preset === undefined) {
    return refuse(heResults.HE_PARAMS_NOT_PRESET, `preset ${id}; known: ${presetIds.join(', ')}`);
  }
  if (parmsId !== undefined && parmsId !== preset.parmsId) {
    return refuse(heResults.HE_PARAMS_NOT_PRESET, `parms_id ${parmsId} is not that of ${id}`);
  }
  return successWith(preset);
}
