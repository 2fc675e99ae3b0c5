import type { Hex } from '../../base/bytes.ts';
import type { Refusal } from '../../base/result.ts';
import type { Admission } from './admission.ts';
import { MissCollector } from './cached-state.ts';
import type { Parameters } from './genesis.ts';
import { useSequence } from './sequence.ts';
import { Overlay, type StateReader } from './state.ts';

/** Candidates for a block, parted. */
export interface Proposal {
  /** In the order of the candidates. */
  readonly accepted: readonly Uint8Array[];
  /** Of those accepted. */
  readonly ids: readonly Hex[];
  readonly refused: readonly RefusedCandidate[];
}

interface RefusedCandidate {
  /** Among the candidates. */
  readonly index: number;
  readonly id: Hex;
  readonly refusal: Refusal;
}

interface Rules {
  readonly admission: Admission;
  readonly parameters: Parameters;
  /** Of the block that is proposed. */
  readonly height: number;
}

/**
 * M-42: those that may stand in the next block, up to its limits, and those that may not. What is in
 * neither waits.
 * @param ids SHA-256 of each, where the caller has them and answers for them.
 */
export function splitProposal(
  { admission, parameters, height }: Rules,
  state: StateReader,
  candidates: readonly Uint8Array[],
  ids?: readonly Hex[],
): Proposal {
  const { sequenceWindow, blockBytesMax, blockEnvelopesMax, blockProofsMax } = parameters;
  const overlay = new Overlay(state);
  const accepted: Uint8Array[] = [];
  const acceptedIds: Hex[] = [];
  const refused: RefusedCandidate[] = [];
  const misses = new MissCollector();
  const waiting = new Set<Hex>();
  let size = 0;
  let proofs = 0;
  for (const [index, bytes] of candidates.entries()) {
    const id = ids?.[index] ?? admission.idOf(bytes);
    const admitted = misses.try(() => admission.admit(bytes, overlay, height, id));
    if (!admitted) continue;
    if (!admitted.ok) {
      refused.push({ index, id, refusal: admitted });
      continue;
    }
    if (accepted.length === blockEnvelopesMax || size + bytes.length > blockBytesMax) break;
    const { keyId, sequence } = admitted.value.envelope;
    if (waiting.has(keyId) || proofs + admitted.value.proofs > blockProofsMax) {
      // What the key sent after it waits too: clients count on the order of their own envelopes.
      waiting.add(keyId);
      continue;
    }
    useSequence(overlay, keyId, sequence, sequenceWindow);
    accepted.push(bytes);
    acceptedIds.push(id);
    size += bytes.length;
    proofs += admitted.value.proofs;
  }
  misses.throwIfAny();
  return { accepted, ids: acceptedIds, refused };
}
