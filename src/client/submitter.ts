/** Signs envelopes and sees each of them to its receipt. */
import type { Hex } from '../base/bytes.ts';
import { signEnvelope, type EnvelopeOperation } from '../chain/tx/envelope.ts';
import { envelopeOperation, type NamedOperation } from './commands.ts';
import { batchEnvelopesMax, sendBatch } from './envelope-batch.ts';
import type { EnvelopeJournal } from './journal/envelope-journal.ts';
import type { Party } from './party.ts';
import { ProblemError } from './problem-error.ts';
import { seeToEnd, SentEnvelope } from './see-to-end.ts';
import { isDead, isWithoutRoom, SigningAttempts, type AttemptOptions } from './signing-attempts.ts';
import { SequenceCounter } from './sequence-counter.ts';
import { pause, type Transport } from './transport.ts';
import type { Receipt } from './views.ts';

/** What stays the same for as long as the chain lives. */
export interface ChainTerms {
  readonly chainId: string;
  /** Blocks from the present one to the last that the chain lets an envelope wait for. */
  readonly expirySpanMax: number;
}

/** What submitting asks of the exchange beside the submission itself. */
export interface ChainFacts {
  readonly terms: () => Promise<ChainTerms>;
  readonly height: () => Promise<number>;
  readonly nextSequence: (keyId: Hex) => Promise<number>;
}

export interface SubmitOptions extends AttemptOptions {
  /**
   * How many blocks after the present one the envelope may still be taken into; as many as the
   * chain allows where that is less.
   */
  readonly expiryBlocks: number;
}

export const defaultSubmit: SubmitOptions = {
  expiryBlocks: 2_000,
  roomAttempts: 8,
  roomPauseMs: 250,
};

/** Of one of many: the error is what `submit` would have thrown. */
export type SubmitOutcome =
  { readonly ok: true; readonly receipt: Receipt } | { readonly ok: false; readonly error: Error };

interface Unsent {
  readonly index: number;
  readonly operations: EnvelopeOperation[];
  readonly attempts: SigningAttempts;
}

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
   * All operations or none, under one signature. What a block had no room for is signed anew for a
   * later one, a few times. Throws ProblemError where the ledger refuses;
   * OperationalError OPERATION_UNKNOWN or OPERATION_MALFORMED before anything is signed, and
   * SUBMISSION_UNKNOWN where the envelope was sent and nobody could say what became of it.
   * @param journal keeps each envelope before it is sent; that of the receipt, and one of which
   *   nothing is known, are for the caller to drop
   */
  async submit(
    party: Party,
    operations: readonly NamedOperation[],
    journal?: EnvelopeJournal,
  ): Promise<Receipt> {
    const encoded = operations.map(envelopeOperation);
    const attempts = new SigningAttempts(this.#options);
    for (;;) {
      try {
        return await this.#signAndSend(party, encoded, journal);
      } catch (error) {
        const pauseMs = attempts.pauseAfter(error);
        if (pauseMs === null) throw attempts.last(error as Error);
        if (isDead(error)) this.#height = null;
        await pause(pauseMs);
      }
    }
  }

  /**
   * An envelope for each list of operations, many in one request: in order, and each by itself, so
   * that one that is refused holds up no other. What a block had no room for is signed anew after
   * the others. One outcome for each, in order. Throws OperationalError OPERATION_UNKNOWN or
   * OPERATION_MALFORMED before anything is signed. The journal is used as by `submit`.
   */
  async submitMany(
    party: Party,
    lists: readonly (readonly NamedOperation[])[],
    journal?: EnvelopeJournal,
  ): Promise<readonly SubmitOutcome[]> {
    const outcomes: SubmitOutcome[] = [];
    let open: Unsent[] = lists.map((operations, index) => ({
      index,
      operations: operations.map(envelopeOperation),
      attempts: new SigningAttempts(this.#options),
    }));
    let most = batchEnvelopesMax;
    while (open.length > 0) {
      const first = open.slice(0, most);
      const sending = this.#signAndSendMany(party, first, journal);
      const answered = await sending.catch((error: unknown) => {
        // What was answered before is not lost with what could not be sent.
        if (outcomes.length === 0) throw error;
        return open.map((item) => ({ item, answer: error as Error }));
      });
      open = open.slice(answered.length);
      let longestMs = 0;
      for (const { item, answer } of answered) {
        const pauseMs = item.attempts.pauseAfter(answer);
        longestMs = Math.max(longestMs, pauseMs ?? 0);
        if (pauseMs === null) outcomes[item.index] = outcomeOrError(item.attempts, answer);
        else open.push(item);
      }
      // As many at once as went into the last blocks, so that the next ones have room for them.
      const taken = answered.filter(({ answer }) => !isWithoutRoom(answer)).length;
      most = taken < answered.length ? Math.max(taken, 1) : Math.min(2 * most, batchEnvelopesMax);
      if (open.length > 0) await pause(longestMs);
    }
    return outcomes;
  }

  /**
   * What became of envelopes that were signed before, perhaps sent, and not answered: the same bytes
   * again, to their end. One outcome for each, in order; an error that is no ProblemError leaves open
   * what became of it.
   */
  async seeToEnd(
    envelopes: readonly { readonly bytes: Uint8Array }[],
  ): Promise<readonly SubmitOutcome[]> {
    const sent = envelopes.map(({ bytes }) => new SentEnvelope(bytes));
    for (const one of sent) one.uncertain = true;
    const first = sent.length === 1 ? [] : await sendBatch(this.#transport, sent);
    const answers = await this.#seeAllToEnd(sent, first);
    return answers.map((answer) =>
      answer instanceof Error ? { ok: false, error: answer } : { ok: true, receipt: answer },
    );
  }

  /** The first of those that are open, as many as may be on the way at once. */
  async #signAndSendMany(party: Party, open: readonly Unsent[], journal?: EnvelopeJournal) {
    const { chainId, expiryHeight } = await this.#signingFacts();
    const counter = this.#counterOf(party.signingKey.keyId);
    const numbers = await counter.takeUpTo(Math.min(open.length, batchEnvelopesMax));
    let signed: { item: Unsent; sequence: number; sent: SentEnvelope }[];
    try {
      signed = open.slice(0, numbers.length).map((item, at) => {
        const sequence = numbers[at] ?? 0;
        const content = { sequence, expiryHeight, operations: item.operations };
        const envelope = signEnvelope(chainId, party.signingKey, content);
        return { item, sequence, sent: new SentEnvelope(envelope) };
      });
      await journal?.keep(signed.map(({ sent }) => sent));
    } catch (error) {
      for (const number of numbers) counter.giveBack(number);
      throw error;
    }
    const all = signed.map(({ sent }) => sent);
    const answers = await this.#seeAllToEnd(all, await sendBatch(this.#transport, all));
    const answered = signed.map(({ item, sequence, sent }, at) => {
      const answer = answers[at] ?? new Error(`no answer for envelope ${sent.id}`);
      if (answer instanceof Error) settle(counter, sequence, answer);
      else {
        counter.use();
        this.#noteHeight(answer);
      }
      if (isDead(answer)) this.#height = null;
      return { item, sent, answer };
    });
    const ended = answered.filter(({ answer }) => answer instanceof ProblemError);
    await journal?.drop(ended.map(({ sent }) => sent.id));
    return answered;
  }

  /** The last answer for each, in order. @param first of a batch in which they were sent */
  #seeAllToEnd(
    sent: readonly SentEnvelope[],
    first: readonly (Receipt | Error)[],
  ): Promise<readonly (Receipt | Error)[]> {
    return Promise.all(
      sent.map((one, at) =>
        seeToEnd(this.#transport, one, first[at]).catch((error: unknown) => error as Error),
      ),
    );
  }

  async #signAndSend(
    party: Party,
    operations: EnvelopeOperation[],
    journal?: EnvelopeJournal,
  ): Promise<Receipt> {
    const { chainId, expiryHeight } = await this.#signingFacts();
    const counter = this.#counterOf(party.signingKey.keyId);
    const sequence = await counter.take();
    let sent: SentEnvelope;
    try {
      const content = { sequence, expiryHeight, operations };
      sent = new SentEnvelope(signEnvelope(chainId, party.signingKey, content));
      await journal?.keep([sent]);
    } catch (error) {
      counter.giveBack(sequence);
      throw error;
    }
    try {
      const receipt = await seeToEnd(this.#transport, sent);
      counter.use();
      this.#noteHeight(receipt);
      return receipt;
    } catch (error) {
      settle(counter, sequence, error);
      if (error instanceof ProblemError) await journal?.drop([sent.id]);
      throw error;
    }
  }

  /** What is in every envelope that is signed now. */
  async #signingFacts(): Promise<{ readonly chainId: string; readonly expiryHeight: number }> {
    const { chainId, expirySpanMax } = await this.#facts.terms();
    const height = await this.#recentHeight();
    return { chainId, expiryHeight: height + blocksAhead(this.#options, expirySpanMax) };
  }

  async #recentHeight(): Promise<number> {
    const now = Date.now();
    if (this.#height && now - this.#height.readAtMs < heightKeptMs) return this.#height.value;
    const value = await this.#facts.height();
    this.#height = { value, readAtMs: now };
    return value;
  }

  /** A receipt tells the height as well as asking does. */
  #noteHeight({ height }: Receipt): void {
    const value = Math.max(height, this.#height?.value ?? 0);
    this.#height = { value, readAtMs: Date.now() };
  }

  #counterOf(keyId: Hex): SequenceCounter {
    const known = this.#counters.get(keyId);
    if (known) return known;
    const made = new SequenceCounter(() => this.#facts.nextSequence(keyId));
    this.#counters.set(keyId, made);
    return made;
  }
}

/** A tenth less than the chain allows: a node that is some blocks behind the one asked takes it too. */
const blocksAhead = ({ expiryBlocks }: SubmitOptions, spanMax: number): number =>
  Math.min(expiryBlocks, spanMax - Math.floor(spanMax / 10));

const outcomeOrError = (attempts: SigningAttempts, answer: Receipt | Error): SubmitOutcome =>
  answer instanceof Error
    ? { ok: false, error: attempts.last(answer) }
    : { ok: true, receipt: answer };

function settle(counter: SequenceCounter, sequence: number, error: unknown): void {
  if (!(error instanceof ProblemError) || error.problem.receipt) counter.use();
  else if (error.resultName.startsWith('SEQUENCE_')) counter.distrust();
  else counter.giveBack(sequence);
}
