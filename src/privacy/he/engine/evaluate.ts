import { withScope } from './scope.ts';
import type { HeContext } from './context.ts';

/**
 * Sum of ciphertexts, as a full ciphertext. Addition of residues is exact, so any order and any
 * split into partial sums gives the same bytes.
 * @param ciphertexts at least one; each has passed `precheckCiphertext`.
 */
export function sumCiphertexts(he: HeContext, ciphertexts: Iterable<Uint8Array>): Uint8Array {
  const { seal, context } = he;
  return withScope((own) => {
    const evaluator = own(seal.Evaluator(context));
    const sum = own(seal.CipherText());
    const next = own(seal.CipherText());
    let first = true;
    for (const bytes of ciphertexts) {
      (first ? sum : next).loadArray(context, bytes);
      if (!first) evaluator.add(sum, next, sum);
      first = false;
    }
    return sum.saveArray(seal.ComprModeType.none);
  });
}
