import { assert } from '../../base/assert.ts';
import { fromHex, type Hex } from '../../base/bytes.ts';
import { CodecError, fromCbor } from '../../base/codec.ts';
import { refuse, successWith, type Outcome, type Refusal } from '../../base/result.ts';
import type { Actor, Operation } from '../../base/room.ts';
import { parseEnvelope, signatureInput, type Envelope } from '../tx/envelope.ts';
import { txResults } from '../tx/results.ts';
import { verifyEd25519 } from '../tx/signature.ts';
import type { Genesis } from './genesis.ts';
import type { Registry } from './registry.ts';
import { checkSequence } from './sequence.ts';
import type { StateReader } from './state.ts';

/** A key as the identity room knows it. */
export interface ResolvedKey {
  readonly actor: Actor;
  readonly publicKey: Hex;
  /** False where the key is revoked or its organisation is suspended. */
  readonly active: boolean;
}

export type KeyDirectory = (state: StateReader, keyId: Hex) => ResolvedKey | null;

export interface AdmittedOperation {
  readonly operation: Operation;
  readonly command: Record<string, unknown>;
}

/** An envelope whose signature, key, sequence, expiry, operations and roles are in order. */
export interface AdmittedEnvelope {
  readonly envelope: Envelope;
  readonly actor: Actor;
  readonly operations: readonly AdmittedOperation[];
  /** How many proofs its operations verify. */
  readonly proofs: number;
}

/**
 * Decides whether an envelope may stand in the block at `height`. Signatures that were found good
 * are remembered by envelope id, which commits to every byte of them, for `rememberedMax` ids.
 */
export class Admission {
  readonly #genesis: Genesis;
  readonly #registry: Registry;
  readonly #resolveKey: KeyDirectory;
  readonly #verified = new Set<string>();

  constructor(genesis: Genesis, registry: Registry, resolveKey: KeyDirectory) {
    this.#genesis = genesis;
    this.#registry = registry;
    this.#resolveKey = resolveKey;
  }

  admit(bytes: Uint8Array, state: StateReader, height: number): Outcome<AdmittedEnvelope> {
    const { parameters } = this.#genesis;
    const parsed = parseEnvelope(bytes, parameters);
    if (!parsed.ok) return parsed;
    const envelope = parsed.value;
    const key = this.#resolveKey(state, envelope.keyId);
    if (!key) return refuse(txResults.KEY_UNKNOWN, `Key ${envelope.keyId}.`);
    if (!this.#isSigned(envelope, key)) {
      return refuse(
        txResults.SIGNATURE_INVALID,
        `By key ${envelope.keyId} on chain ${this.#genesis.chainId}.`,
      );
    }
    if (!key.active) {
      return refuse(
        txResults.KEY_NOT_ACTIVE,
        `Key ${envelope.keyId} of ${key.actor.organisationId}.`,
      );
    }
    const timely = checkExpiry(envelope.expiryHeight, height, parameters.expirySpanMax);
    if (!timely.ok) return timely;
    const fresh = checkSequence(
      state,
      envelope.keyId,
      envelope.sequence,
      parameters.sequenceWindow,
    );
    if (!fresh.ok) return fresh;
    const operations = this.#readOperations(envelope, key.actor);
    if (!operations.ok) return operations;
    const proofs = countProofs(operations.value, parameters.envelopeProofsMax);
    if (!proofs.ok) return proofs;
    return successWith({
      envelope,
      actor: key.actor,
      operations: operations.value,
      proofs: proofs.value,
    });
  }

  /**
   * Of a refusal that may pass (a key suspended earlier in the block and later reinstated), the
   * envelope: standing in a block uses its sequence, so that it never stands in a second one.
   */
  findRevivable(refusal: Refusal, bytes: Uint8Array, state: StateReader): Envelope | null {
    if (refusal.result !== txResults.KEY_NOT_ACTIVE) return null;
    const { parameters } = this.#genesis;
    const parsed = parseEnvelope(bytes, parameters);
    assert(parsed.ok, 'a key was found, so the envelope was read');
    const { keyId, sequence } = parsed.value;
    const fresh = checkSequence(state, keyId, sequence, parameters.sequenceWindow);
    return fresh.ok ? parsed.value : null;
  }

  #isSigned(envelope: Envelope, key: ResolvedKey): boolean {
    const remembered = `${envelope.id}/${key.publicKey}`;
    if (this.#verified.has(remembered)) return true;
    const message = signatureInput(
      this.#genesis.chainId,
      fromHex(envelope.keyId),
      envelope.payload,
    );
    if (!verifyEd25519(fromHex(key.publicKey), message, envelope.signature)) return false;
    if (this.#verified.size >= rememberedMax) this.#verified.clear();
    this.#verified.add(remembered);
    return true;
  }

  #readOperations(envelope: Envelope, actor: Actor): Outcome<readonly AdmittedOperation[]> {
    const read: AdmittedOperation[] = [];
    for (const [index, { number, command }] of envelope.operations.entries()) {
      const operation = this.#registry.operations.get(number);
      if (!operation) {
        return refuse(txResults.OPERATION_UNKNOWN, `/operations/${index}: number ${number}.`);
      }
      try {
        read.push({ operation, command: fromCbor(operation.command, command) });
      } catch (error) {
        if (!(error instanceof CodecError)) throw error;
        return refuse(
          txResults.OPERATION_MALFORMED,
          `/operations/${index} (${operation.name})${error.message}`,
        );
      }
      if (!mayApply(operation, actor)) {
        return refuse(
          txResults.ROLE_MISSING,
          `${operation.name} asks for ${operation.roles.join(' or ')}; ` +
            `the key holds ${actor.roles.join(', ') || 'no role'}.`,
        );
      }
    }
    return successWith(read);
  }
}

const rememberedMax = 20_000;

/** A proof takes some 25 ms and an envelope is executed whole: more would hold up everybody. */
function countProofs(operations: readonly AdmittedOperation[], max: number): Outcome<number> {
  const proofs = operations.reduce((sum, { operation }) => sum + (operation.proofs ?? 0), 0);
  return proofs <= max
    ? successWith(proofs)
    : refuse(
        txResults.ENVELOPE_TOO_MANY_PROOFS,
        `It asks for ${proofs} proofs; ${max} (envelopeProofsMax) may be.`,
      );
}

const mayApply = (operation: Operation, actor: Actor): boolean =>
  operation.roles.length === 0 || operation.roles.some((role) => actor.roles.includes(role));

function checkExpiry(expiryHeight: number, height: number, span: number): Outcome {
  if (expiryHeight < height) {
    return refuse(
      txResults.ENVELOPE_EXPIRED,
      `It expired at height ${expiryHeight}; the next block is ${height}.`,
    );
  }
  if (expiryHeight > height + span) {
    return refuse(
      txResults.ENVELOPE_EXPIRY_TOO_FAR,
      `Expiry height ${expiryHeight}; at most ${height + span} may be.`,
    );
  }
  return successWith(undefined);
}
