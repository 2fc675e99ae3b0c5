import type { Hex } from '../../base/bytes.ts';
import type { Refusal } from '../../base/result.ts';
import type { Admission } from './admission.ts';
import { MissCollector } from './cached-state.ts';
import type { Parameters } from './genesis.ts';
import { Sequences } from './sequence.ts';
import type { StateReader } from './state.ts';

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
  readonly machineVersion: number;
  /** What the driver would have at most, within what the chain allows. */
  readonly bytesMax: number;
}

/**
 * M-42: those that may stand in the next block, up to its limits, and those that may not. What is in
 * neither waits.
 * @param ids SHA-256 of each, where the caller has them and answers for them.
 */
export function splitProposal(
  { admission, parameters, height, machineVersion, bytesMax }: Rules,
  state: StateReader,
  candidates: readonly Uint8Array[],
  ids?: readonly Hex[],
): Proposal {
  const { sequenceWindow, blockEnvelopesMax, blockProofsMax } = parameters;
  const blockBytesMax = Math.min(parameters.blockBytesMax, bytesMax);
  const sequences = new Sequences(state, sequenceWindow);
  const scope = { state, sequences, height, machineVersion };
  const accepted: Uint8Array[] = [];
  const acceptedIds: Hex[] = [];
  const refused: RefusedCandidate[] = [];
  const misses = new MissCollector();
  const waiting = new Set<Hex>();
  let size = 0;
  let proofs = 0;
  let index = -1;
  for (const bytes of candidates) {
    index += 1;
    const id = ids?.[index] ?? admission.idOf(bytes);
    const admitted = misses.try(() => {
      const found = admission.admit(bytes, scope, id);
      return found.ok ? admission.foresee(found.value) : found;
    });
    if (!admitted) continue;
    if (!admitted.ok) {
      refused.push({ index, id, refusal: admitted });
      continue;
    }
    const fits = size + bytes.length <= blockBytesMax || accepted.length === 0;
    if (accepted.length === blockEnvelopesMax || !fits) break;
    const { keyId, sequence } = admitted.value.envelope;
    if (waiting.has(keyId) || proofs + admitted.value.proofs > blockProofsMax) {
      // What the key sent after it waits too: clients count on the order of their own envelopes.
      waiting.add(keyId);
      continue;
    }
    sequences.use(keyId, sequence);
    accepted.push(bytes);
    acceptedIds.push(id);
    size += bytes.length;
    proofs += admitted.value.proofs;
  }
  misses.throwIfAny();
  return { accepted, ids: acceptedIds, refused };
}
