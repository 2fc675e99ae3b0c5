import { assert } from '../../base/assert.ts';
import { fromHex, toHex, type Hex } from '../../base/bytes.ts';
import { CodecError } from '../../base/codec-error.ts';
import { decodeTyped } from '../../base/codec.ts';
import type { Sha256 } from '../../base/hash.ts';
import { refuse, successWith, type Outcome, type Refusal } from '../../base/result.ts';
import type { Actor, Operation, Program } from '../../base/room.ts';
import { parseEnvelope, sentSignatureInput, type Envelope } from '../tx/envelope.ts';
import { txResults } from '../tx/results.ts';
import { verifyEd25519 } from '../tx/signature.ts';
import type { Genesis, Parameters } from './genesis.ts';
import { ReadEnvelopes, type AdmittedOperation, type ReadEnvelope } from './read-envelopes.ts';
import type { Registry } from './registry.ts';
import type { Sequences } from './sequence.ts';
import type { StateReader } from './state.ts';

/** A key as the identity room knows it. */
export interface ResolvedKey {
  readonly actor: Actor;
  readonly publicKey: Hex;
  /** False where the key is revoked or its organisation is suspended. */
  readonly active: boolean;
}

export type KeyDirectory = (state: StateReader, keyId: Hex) => ResolvedKey | null;

/** An envelope whose signature, key, sequence, expiry, operations and roles are in order. */
export interface AdmittedEnvelope {
  readonly envelope: Envelope;
  readonly actor: Actor;
  readonly operations: readonly AdmittedOperation[];
  /** How many proofs its operations verify. */
  readonly proofs: number;
}

/** Where an envelope is to stand. */
export interface AdmissionScope {
  readonly state: StateReader;
  /** On top of that state. */
  readonly sequences: Sequences;
  /** Of the block. */
  readonly height: number;
  /** By whose rules the block is executed. */
  readonly machineVersion: number;
}

/** A signature that is still to be verified, by whoever can do that elsewhere. */
export interface SignatureCheck {
  readonly publicKey: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
  /** Takes it as good: the envelope is not verified again. */
  accept(): void;
  /** What to answer where it is not good. */
  readonly refusal: Refusal;
}

/** Of the machine's parts. */
interface AdmissionParts {
  readonly registry: Registry;
  readonly resolveKey: KeyDirectory;
  readonly envelopeBytesKept?: number;
}

/** Decides whether an envelope may stand in a block. */
export class Admission {
  readonly #genesis: Genesis;
  readonly #registry: Registry;
  readonly #resolveKey: KeyDirectory;
  readonly #hash: Sha256;
  readonly #signatureInput: (envelope: Uint8Array) => Uint8Array;
  readonly #known: ReadEnvelopes;
  readonly #program: Program;

  constructor(genesis: Genesis, parts: AdmissionParts, hash: Sha256, program: Program) {
    this.#genesis = genesis;
    this.#registry = parts.registry;
    this.#resolveKey = parts.resolveKey;
    this.#hash = hash;
    this.#signatureInput = sentSignatureInput(genesis.chainId);
    this.#known = new ReadEnvelopes(parts.envelopeBytesKept);
    this.#program = program;
  }

  /** The envelope's id; a reader may look it up though the envelope is malformed. */
  idOf(bytes: Uint8Array): Hex {
    return toHex(this.#hash(bytes));
  }

  /** @param id as of `idOf`, where the caller has it. */
  admit(
    bytes: Uint8Array,
    { state, sequences, height, machineVersion }: AdmissionScope,
    id: Hex = this.idOf(bytes),
  ): Outcome<AdmittedEnvelope> {
    const { parameters } = this.#genesis;
    const known = this.#known.find(id);
    const parsed = known ? null : this.#parse(bytes, id);
    if (parsed && !parsed.ok) return parsed;
    const envelope = known?.read.envelope ?? (parsed as { value: Envelope }).value;
    const key = this.#resolveKey(state, envelope.keyId);
    if (!key) return refuse(txResults.KEY_UNKNOWN, `Key ${envelope.keyId}.`);
    const read = this.#verified(known, envelope, key);
    if (!read) return this.#unsigned(envelope);
    if (!key.active) {
      return refuse(
        txResults.KEY_NOT_ACTIVE,
        `Key ${envelope.keyId} of ${key.actor.organisationId}.`,
      );
    }
    const timely = checkExpiry(envelope.expiryHeight, height, parameters.expirySpanMax);
    if (!timely.ok) return timely;
    const fresh = sequences.check(envelope.keyId, envelope.sequence);
    if (!fresh.ok) return fresh;
    return admitted(read, key.actor, parameters, machineVersion);
  }

  /** M-133: of an admitted envelope, whether this program can follow what it asks for. */
  foresee(admitted: AdmittedEnvelope): Outcome<AdmittedEnvelope> {
    for (const { operation, command } of admitted.operations) {
      const foreseen = operation.foresee?.(command, this.#program);
      if (foreseen?.ok === false) return foreseen;
    }
    return successWith(admitted);
  }

  /**
   * The signature of an envelope that is in order as far as it can be read; null where there is
   * none to verify, and `admit` says why.
   */
  signatureOf(
    bytes: Uint8Array,
    state: StateReader,
    id: Hex = this.idOf(bytes),
  ): SignatureCheck | null {
    if (this.#known.find(id)) return null;
    const parsed = this.#parse(bytes, id);
    if (!parsed.ok) return null;
    const envelope = parsed.value;
    const key = this.#resolveKey(state, envelope.keyId);
    if (!key) return null;
    return {
      ...this.#signed(envelope, key),
      accept: () => this.#known.keep(this.#read(envelope), key.publicKey),
      refusal: this.#unsigned(envelope),
    };
  }

  /**
   * Of a refusal that may pass (a key suspended earlier in the block and later reinstated), the
   * envelope: standing in a block uses its sequence, so that it never stands in a second one.
   */
  findRevivable(
    refusal: Refusal,
    bytes: Uint8Array,
    { sequences }: AdmissionScope,
    id: Hex,
  ): Envelope | null {
    if (refusal.result !== txResults.KEY_NOT_ACTIVE) return null;
    const parsed = parseEnvelope(bytes, this.#genesis.parameters, id);
    assert(parsed.ok, 'a key was found, so the envelope was read');
    const { keyId, sequence } = parsed.value;
    return sequences.check(keyId, sequence).ok ? parsed.value : null;
  }

  /** What is kept of an envelope keeps nothing of the body or frame that it came in. */
  #parse(bytes: Uint8Array, id: Hex): Outcome<Envelope> {
    const { parameters } = this.#genesis;
    const isPart =
      bytes.buffer.byteLength > bytes.length && bytes.length <= parameters.envelopeBytesMax;
    return parseEnvelope(isPart ? new Uint8Array(bytes) : bytes, parameters, id);
  }

  /** What it says, where it is signed with the key; null where it is not. */
  #verified(
    known: ReturnType<ReadEnvelopes['find']>,
    envelope: Envelope,
    key: ResolvedKey,
  ): ReadEnvelope | null {
    if (known?.publicKey === key.publicKey) return known.read;
    const { publicKey, message, signature } = this.#signed(envelope, key);
    if (!verifyEd25519(publicKey, message, signature)) return null;
    const read = this.#read(envelope);
    this.#known.keep(read, key.publicKey);
    return read;
  }

  #signed(envelope: Envelope, key: ResolvedKey) {
    const { bytes, signature } = envelope;
    return { publicKey: fromHex(key.publicKey), message: this.#signatureInput(bytes), signature };
  }

  #unsigned(envelope: Envelope): Refusal {
    return refuse(
      txResults.SIGNATURE_INVALID,
      `By key ${envelope.keyId} on chain ${this.#genesis.chainId}.`,
    );
  }

  /** Up to the first operation that is unknown or malformed. */
  #read(envelope: Envelope): ReadEnvelope {
    const operations: AdmittedOperation[] = [];
    let proofs = 0;
    for (const { number, commandBytes } of envelope.operations) {
      const read = this.#readOperation(operations.length, number, commandBytes);
      if (!read.ok)
        return {
          envelope,
          operations,
          fault: read,
          proofs,
          unread: this.#registry.operations.get(number) ?? null,
        };
      operations.push(read.value);
      proofs += read.value.operation.proofs ?? 0;
    }
    return { envelope, operations, fault: null, proofs, unread: null };
  }

  #readOperation(
    index: number,
    number: number,
    commandBytes: Uint8Array,
  ): Outcome<AdmittedOperation> {
    const operation = this.#registry.operations.get(number);
    if (!operation) return operationUnknown(index, number);
    try {
      return successWith({ operation, command: decodeTyped(operation.command, commandBytes) });
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      return refuse(
        txResults.OPERATION_MALFORMED,
        `/operations/${index} (${operation.name})${error.message}`,
      );
    }
  }
}

/** Of operations in order, whichever fails first: what it says, or who may say it. */
function admitted(
  read: ReadEnvelope,
  actor: Actor,
  { envelopeProofsMax }: Parameters,
  machineVersion: number,
): Outcome<AdmittedEnvelope> {
  const { envelope, operations, fault, unread, proofs } = read;
  for (const [index, { operation }] of operations.entries()) {
    if (!isThere(operation, machineVersion)) return operationUnknown(index, operation.number);
    if (mayApply(operation, actor)) continue;
    return refuse(
      txResults.ROLE_MISSING,
      `${operation.name} asks for ${operation.roles.join(' or ')}; ` +
        `the key holds ${actor.roles.join(', ') || 'no role'}.`,
    );
  }
  if (unread && !isThere(unread, machineVersion)) {
    return operationUnknown(operations.length, unread.number);
  }
  if (fault) return fault;
  if (proofs <= envelopeProofsMax) return successWith({ envelope, actor, operations, proofs });
  return refuse(
    txResults.ENVELOPE_TOO_MANY_PROOFS,
    `It asks for ${proofs} proofs; ${envelopeProofsMax} (envelopeProofsMax) may be.`,
  );
}

const operationUnknown = (index: number, number: number): Refusal =>
  refuse(txResults.OPERATION_UNKNOWN, `/operations/${index}: number ${number}.`);

/** M-135: a program that knows an operation refuses it, before its version holds, as one that does not. */
const isThere = ({ since = 1 }: Operation, machineVersion: number): boolean =>
  since <= machineVersion;

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
      `Expiry height ${expiryHeight}; at most ${height + span} may be: ${span} (expirySpanMax) ahead.`,
    );
  }
  return successWith(undefined);
}
