/** What a refusal before any block says of the future and the past of the same bytes. */
import type { Refusal, ResultCode } from '../../base/result.ts';
import { txResults } from './results.ts';

/** What the bytes themselves are, on any chain with this genesis and at any height. */
const unfit: ReadonlySet<ResultCode> = new Set([
  txResults.ENVELOPE_TOO_LARGE,
  txResults.ENVELOPE_MALFORMED,
  txResults.ENVELOPE_ALGORITHM,
  txResults.ENVELOPE_VERSION,
  txResults.ENVELOPE_NO_OPERATION,
  txResults.ENVELOPE_TOO_MANY_OPERATIONS,
  txResults.SIGNATURE_INVALID,
]);

/** What blocks have passed by: expiry heights and sequence numbers do not come back. */
const passed: ReadonlySet<ResultCode> = new Set([
  txResults.ENVELOPE_EXPIRED,
  txResults.SEQUENCE_USED,
  txResults.SEQUENCE_TOO_OLD,
]);

/**
 * The bytes may have stood in a block when this was said of them: an envelope that was applied has
 * used its number, expires like any other, and may have replaced or revoked its own key. Its
 * signature was verified before any of these is said.
 */
export const mayStandAlready = ({ result }: Pick<Refusal, 'result'>): boolean =>
  passed.has(result) || result === txResults.KEY_NOT_ACTIVE;

/**
 * No block after those by which it was judged can hold the bytes. With the knowledge that none of
 * those holds them either, their operations may be signed anew.
 */
export const isPassed = ({ result }: Pick<Refusal, 'result'>): boolean => passed.has(result);

/** No block holds the bytes or ever will, where none of those by which it was judged does. */
export const isDead = ({ result }: Pick<Refusal, 'result'>): boolean =>
  unfit.has(result) || passed.has(result);
