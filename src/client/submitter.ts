/** Signs envelopes and sees each of them to its receipt. */
import type { Hex } from '../base/bytes.ts';
import { sha256Hex } from '../base/hash.ts';
import { OperationalError } from '../base/operational-error.ts';
import { registry } from '../chain/rooms.ts';
import { signEnvelope, type EnvelopeOperation } from '../chain/tx/envelope.ts';
import { envelopeOperation, type NamedOperation } from './commands.ts';
import type { Party } from './party.ts';
import { isRefusal, ProblemError } from './problem-error.ts';
import { SequenceCounter } from './sequence-counter.ts';
import { pause, readJson, type Transport } from './transport.ts';
import type { Receipt, TransactionView } from './views.ts';

/** What submitting asks of the exchange beside the submission itself. */
export interface ChainFacts {
  readonly chainId: () => Promise<string>;
  readonly height: () => Promise<number>;
  readonly nextSequence: (keyId: Hex) => Promise<number>;
}

export interface SubmitOptions {
  /** How many blocks after the present one the envelope may still be taken into. */
  readonly expiryBlocks: number;
  /** How long a receipt is awaited after the exchange has said that it takes longer. */
  readonly receiptWaitMs: number;
}

export const defaultSubmit: SubmitOptions = { expiryBlocks: 2_000, receiptWaitMs: 120_000 };

const signingsMax = 5;
const heightKeptMs = 5_000;

export class Submitter {
  readonly #transport: Transport;
  readonly #facts: ChainFacts;
  readonly #options: SubmitOptions;
  readonly #counters = new Map<Hex, SequenceCounter>();
  #height: { readonly value: number; readonly readAtMs: number } | null = null;

  constructor(transport: Transport, facts: ChainFacts, options: SubmitOptions) {
    this.#transport = transport;
    this.#facts = facts;
    this.#options = options;
  }

  /**
   * All operations or none, under one signature. Throws ProblemError where the ledger refuses;
   * OperationalError OPERATION_UNKNOWN or OPERATION_MALFORMED before anything is signed, and
   * SUBMISSION_UNKNOWN where the envelope was sent and nobody could say what became of it.
   */
  async submit(party: Party, operations: readonly NamedOperation[]): Promise<Receipt> {
    const encoded = operations.map(envelopeOperation);
    for (let signing = 1; ; signing += 1) {
      try {
        return await this.#signAndSend(party, encoded);
      } catch (error) {
        // Neither can ever be executed: its number is taken, or its height has passed.
        const dead = isRefusal(error, 'SEQUENCE_USED', 'SEQUENCE_TOO_OLD', 'ENVELOPE_EXPIRED');
        if (!dead || error.problem.receipt || signing >= signingsMax) throw error;
        this.#height = null;
      }
    }
  }

  async #signAndSend(party: Party, operations: EnvelopeOperation[]): Promise<Receipt> {
    const chainId = await this.#facts.chainId();
    const height = await this.#recentHeight();
    const counter = this.#counterOf(party.signingKey.keyId);
    const sequence = await counter.take();
    let envelope: Uint8Array;
    try {
      const expiryHeight = height + this.#options.expiryBlocks;
      envelope = signEnvelope(chainId, party.signingKey, { sequence, expiryHeight, operations });
    } catch (error) {
      counter.giveBack(sequence);
      throw error;
    }
    try {
      const receipt = await this.#send(envelope);
      counter.use();
      return receipt;
    } catch (error) {
      settle(counter, sequence, error);
      throw error;
    }
  }

  async #send(envelope: Uint8Array): Promise<Receipt> {
    const id = sha256Hex(envelope);
    try {
      const response = await this.#transport.send({
        method: 'POST',
        path: '/v1/transactions',
        body: envelope,
        // Same bytes, same key: however often it is sent, it is taken once.
        headers: () => ({ 'content-type': 'application/cose', 'idempotency-key': id }),
      });
      // A repeat is answered with the kept receipt, also where that one is a refusal.
      return outcomeOf((await readJson(response)) as Receipt);
    } catch (error) {
      if (isRefusal(error, 'RECEIPT_NOT_READY')) return this.#awaitReceipt(id);
      if (isRefusal(error, 'SEQUENCE_USED') && error.problem.receipt) {
        return outcomeOf(error.problem.receipt);
      }
      if (error instanceof ProblemError) throw error;
      throw unknownOutcome(id, error);
    }
  }

  async #awaitReceipt(id: Hex): Promise<Receipt> {
    const deadlineMs = Date.now() + this.#options.receiptWaitMs;
    for (;;) {
      try {
        const path = `/v1/transactions/${id}`;
        const found = await this.#transport.json({ method: 'GET', path });
        return outcomeOf((found as TransactionView).receipt);
      } catch (error) {
        if (!isRefusal(error, 'NOT_FOUND')) throw error;
        if (Date.now() > deadlineMs) throw unknownOutcome(id, error);
        await pause(250);
      }
    }
  }

  async #recentHeight(): Promise<number> {
    const now = Date.now();
    if (this.#height && now - this.#height.readAtMs < heightKeptMs) return this.#height.value;
    const value = await this.#facts.height();
    this.#height = { value, readAtMs: now };
    return value;
  }

  #counterOf(keyId: Hex): SequenceCounter {
    const known = this.#counters.get(keyId);
    if (known) return known;
    const made = new SequenceCounter(() => this.#facts.nextSequence(keyId));
    this.#counters.set(keyId, made);
    return made;
  }
}

function settle(counter: SequenceCounter, sequence: number, error: unknown): void {
  if (!(error instanceof ProblemError) || error.problem.receipt) counter.use();
  else if (error.resultName.startsWith('SEQUENCE_')) counter.distrust();
  else counter.giveBack(sequence);
}

/** A receipt as the exchange would have answered at once. Throws ProblemError where it refuses. */
function outcomeOf(receipt: Receipt): Receipt {
  if (receipt.resultCode === 0) return receipt;
  const result = registry.results.get(receipt.resultCode);
  throw new ProblemError({
    status: result?.status ?? 400,
    code: receipt.resultCode,
    name: receipt.resultName,
    title: result?.title ?? 'The ledger refused the envelope.',
    detail: receipt.detail,
    remedy: result?.remedy ?? 'See /docs of the exchange.',
    receipt,
  });
}

const unknownOutcome = (id: Hex, cause: unknown): OperationalError =>
  new OperationalError(
    'SUBMISSION_UNKNOWN',
    `The envelope was sent, but nothing came back (${(cause as Error).message}) It may stand ` +
      `in a block: look with \`dxl receipt ${id}\` before you sign the same again.`,
    { cause },
  );
