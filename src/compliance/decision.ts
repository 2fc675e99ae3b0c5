import { concat, fromHex, type Hex } from '../base/bytes.ts';
import { assert } from '../base/assert.ts';
import { encodeCbor } from '../base/cbor.ts';
import { taggedHashHex } from '../base/hash.ts';
import type { ReviewDecision } from './schema.ts';

/**
 * What a reviewer commits to before he sees the other's decision.
 * @param salt 32 random bytes, hex; without it two words would be guessed at once
 */
export function decisionCommitment(
  salt: Hex,
  reviewId: string,
  decision: ReviewDecision,
  reason: string,
): Hex {
  const saltBytes = fromHex(salt);
  assert(saltBytes.length === 32, 'a salt has 32 bytes');
  const content = encodeCbor([reviewId, decision, reason]);
  return taggedHashHex('dxl/review-decision/1', concat(saltBytes, content));
}
