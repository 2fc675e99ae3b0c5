import type { Hex } from '../../base/bytes.ts';
import type { SentEnvelope } from '../see-to-end.ts';

/**
 * Where signed envelopes are kept from before the first byte is sent until their end was told, so that
 * whoever is killed in between finds out what became of them instead of signing the same again.
 */
export interface EnvelopeJournal {
  /**
   * Resolves when all of them are on the disk. Where it rejects, none is kept and nothing may be sent.
   */
  keep(envelopes: readonly SentEnvelope[]): Promise<void>;
  /**
   * For those that took no effect and never will, and those whose end was told. Never rejects: what
   * stays by a fault of the disk is asked for once more.
   */
  drop(ids: readonly Hex[]): Promise<void>;
}
