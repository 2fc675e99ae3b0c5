/**
 * Rules M-35 to M-38: what envelopes may write. A few bytes can rewrite a record of 64 KB, which goes
 * into the log, the state and the database: it is paid for by the envelope's own size, and what goes
 * beyond that is shared out, so that nobody fills the block or the disk at everybody's cost.
 */
import { refuse, success, type Outcome } from '../../base/result.ts';
import { txResults } from '../tx/results.ts';
import type { AdmittedEnvelope } from './admission.ts';
import type { Parameters } from './genesis.ts';

/** M-35: bytes of events, as they are appended to the log. */
export const outputOf = (leaves: readonly Uint8Array[]): number =>
  leaves.reduce((sum, { length }) => sum + length, 0);

/** The counters of one block. */
export class BlockOutput {
  readonly #parameters: Parameters;
  readonly #excessOf = new Map<string, number>();
  #excess = 0;

  constructor(parameters: Parameters) {
    this.#parameters = parameters;
  }

  /** M-36: bytes beyond what the envelope pays for by being sent. */
  #excessIn({ envelope }: AdmittedEnvelope, output: number): number {
    const { outputBase, outputPerByte } = this.#parameters;
    return Math.max(0, output - outputBase - outputPerByte * envelope.bytes.length);
  }

  /** Whether the envelope may have written `output` bytes so far; asked after each operation. */
  check(admitted: AdmittedEnvelope, output: number): Outcome {
    const { envelopeExcessMax, organisationExcessMax, blockExcessMax } = this.#parameters;
    const excess = this.#excessIn(admitted, output);
    if (excess === 0) return success;
    if (excess > envelopeExcessMax) {
      const free = output - excess;
      return refuse(
        txResults.ENVELOPE_OUTPUT_LIMIT,
        `It writes ${output} bytes or more; ${free} for its size and ${envelopeExcessMax} ` +
          '(envelopeExcessMax) beyond may be.',
      );
    }
    const { organisationId } = admitted.actor;
    const own = (this.#excessOf.get(organisationId) ?? 0) + excess;
    if (own > organisationExcessMax) {
      return refuse(
        txResults.BLOCK_OUTPUT_LIMIT,
        `${organisationId} would write ${own} bytes beyond the size of its envelopes in this ` +
          `block; ${organisationExcessMax} (organisationExcessMax) may be.`,
      );
    }
    const all = this.#excess + excess;
    if (all <= blockExcessMax) return success;
    return refuse(
      txResults.BLOCK_OUTPUT_LIMIT,
      `The block would hold ${all} bytes beyond the size of its envelopes; ${blockExcessMax} ` +
        '(blockExcessMax) may be.',
    );
  }

  /** Counts what an envelope that was applied has written. */
  take(admitted: AdmittedEnvelope, output: number): void {
    const excess = this.#excessIn(admitted, output);
    if (excess === 0) return;
    const { organisationId } = admitted.actor;
    this.#excessOf.set(organisationId, (this.#excessOf.get(organisationId) ?? 0) + excess);
    this.#excess += excess;
  }
}
