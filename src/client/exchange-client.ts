/** One exchange as a party's program sees it: everything through the public API. */
import { utf8, type Hex } from '../base/bytes.ts';
import { fromJson } from '../base/codec.ts';
import { isIdentifier } from '../base/identifier.ts';
import { OperationalError } from '../base/operational-error.ts';
import type { RecordKind } from '../base/room.ts';
import type { Static, TObject } from '../base/schema.ts';
import type { ProofFile } from '../proof/schema.ts';
import type { NamedOperation } from './commands.ts';
import { getFile, type GetFile } from './content-file/get-file.ts';
import { putFile, type PutFile } from './content-file/put-file.ts';
import { getContent, putContent, saveContent } from './content.ts';
import type { Decrypted } from './delivery/decrypt-parts.ts';
import { receiveDelivery, type ReceiveDelivery } from './delivery/receive.ts';
import { sendDelivery, type SendDelivery, type SentDelivery } from './delivery/send.ts';
import type { EnvelopeJournal } from './journal/envelope-journal.ts';
import type { Party } from './party.ts';
import { isRefusal } from './problem-error.ts';
import type { RequestSigner } from './request-signature.ts';
import {
  defaultSubmit,
  Submitter,
  type ChainTerms,
  type SubmitOptions,
  type SubmitOutcome,
} from './submitter.ts';
import { Transport, type TransportOptions } from './transport.ts';
import type {
  CheckpointView,
  EventView,
  GenesisView,
  PageView,
  Receipt,
  RecordJson,
  RecordView,
  SequenceView,
  StatusView,
  TransactionView,
  VerificationKeyView,
  WantedProofs,
} from './views.ts';
import { watchEvents, type EventFilter, type WatchOptions } from './watch.ts';

export type { Receipt } from './views.ts';

export interface ClientOptions {
  /** Refuses every other chain; absent: the first answer's chain is held on to. */
  readonly chainId?: string | undefined;
  readonly transport?: Partial<TransportOptions>;
  readonly submit?: Partial<SubmitOptions>;
}

export interface HeightOptions {
  /** Of the receipt of a write: the answer shows at least that write. */
  readonly minHeight?: number | undefined;
}

export interface ListOptions extends HeightOptions {
  readonly state?: string | undefined;
  readonly search?: string | undefined;
  /** Fields of the record and the text of what each must be. */
  readonly where?: Readonly<Record<string, string>>;
  readonly limit?: number | undefined;
  /** `next` of the page before. */
  readonly after?: string | undefined;
}

export interface EventsOptions extends EventFilter, HeightOptions {
  /** Log index of the last event seen. */
  readonly after?: number | undefined;
  readonly limit?: number | undefined;
}

/** What names a chain also names folders of a party's machine. */
const isChainId = (chainId: unknown): boolean =>
  typeof chainId === 'string' && isIdentifier(chainId);

const isSpan = (blocks: unknown): blocks is number =>
  Number.isSafeInteger(blocks) && Number(blocks) > 0;

/** Cheap to make; nothing is sent before the first call. Safe for many calls at once. */
export class ExchangeClient {
  readonly #transport: Transport;
  readonly #submitter: Submitter;
  #terms: Promise<ChainTerms> | null = null;
  #pinned: string | null = null;
  readonly #expectedChainId: string | null;

  constructor(url: string, options: ClientOptions = {}) {
    this.#transport = new Transport(url, options.transport);
    this.#expectedChainId = options.chainId ?? null;
    const facts = {
      terms: () => this.#chainTerms(),
      height: async () => (await this.status()).height,
      nextSequence: (keyId: Hex) => this.nextSequence(keyId),
    };
    this.#submitter = new Submitter(this.#transport, facts, {
      ...defaultSubmit,
      ...options.submit,
    });
  }

  get url(): string {
    return this.#transport.url;
  }

  /** What every signature is bound to; read once. Throws OperationalError OTHER_CHAIN. */
  async chainId(): Promise<string> {
    return (await this.#chainTerms()).chainId;
  }

  /** See Submitter.submit. */
  submit(
    party: Party,
    operations: readonly NamedOperation[],
    journal?: EnvelopeJournal,
  ): Promise<Receipt> {
    return this.#submitter.submit(party, operations, journal);
  }

  /** See Submitter.submitMany. */
  submitMany(
    party: Party,
    lists: readonly (readonly NamedOperation[])[],
    journal?: EnvelopeJournal,
  ): Promise<readonly SubmitOutcome[]> {
    return this.#submitter.submitMany(party, lists, journal);
  }

  /** See Submitter.seeToEnd. */
  seeToEnd(
    envelopes: readonly { readonly bytes: Uint8Array }[],
  ): Promise<readonly SubmitOutcome[]> {
    return this.#submitter.seeToEnd(envelopes);
  }

  /** A record as JSON. Throws ProblemError NOT_FOUND. */
  async get(collection: string, id: string, options: HeightOptions = {}): Promise<RecordView> {
    const { minHeight } = options;
    const path = `/v1/${encodeURIComponent(collection)}/${encodeURIComponent(id)}`;
    return (await this.#json(path, { minHeight })) as RecordView;
  }

  /** A record as its schema types it: amounts as bigint. Throws ProblemError NOT_FOUND. */
  async read<Schema extends TObject>(
    kind: RecordKind<Schema>,
    id: string,
    options: HeightOptions = {},
  ): Promise<Static<Schema>> {
    const { data } = await this.get(kind.collection, id, options);
    return fromJson(kind.schema, data);
  }

  /** As `read`; null where the exchange has no such record. */
  find<Schema extends TObject>(
    kind: RecordKind<Schema>,
    id: string,
  ): Promise<Static<Schema> | null> {
    return this.read(kind, id).catch((error: unknown) => {
      if (isRefusal(error, 'NOT_FOUND')) return null;
      throw error;
    });
  }

  async list(collection: string, options: ListOptions = {}): Promise<PageView<RecordJson>> {
    const { where = {}, ...query } = options;
    const filters = Object.entries(where).map(([name, value]) => [`where[${name}]`, value]);
    const path = `/v1/${encodeURIComponent(collection)}`;
    const all = { ...query, ...Object.fromEntries(filters) } as Record<string, string>;
    return (await this.#json(path, all)) as PageView<RecordJson>;
  }

  /** Page after page until the last. */
  async *listAll(collection: string, options: ListOptions = {}): AsyncGenerator<RecordJson> {
    for (let after = options.after; ;) {
      const page = await this.list(collection, { ...options, after });
      yield* page.data;
      if (page.next === null) return;
      after = page.next;
    }
  }

  async events(options: EventsOptions = {}): Promise<PageView<EventView, number>> {
    return (await this.#json('/v1/events', { ...options })) as PageView<EventView, number>;
  }

  /** From now on, or after an event: see watchEvents. */
  async *watch(
    options: Omit<WatchOptions, 'after'> & { readonly after?: number } = {},
  ): AsyncGenerator<EventView> {
    const after = options.after ?? (await this.status()).projection.logIndex - 1;
    yield* watchEvents(this.#transport, { ...options, after });
  }

  /** Throws ProblemError NOT_FOUND where no block holds it. */
  async transaction(id: Hex): Promise<TransactionView> {
    return (await this.#json(`/v1/transactions/${id}`)) as TransactionView;
  }

  /**
   * A proof file of leaves, state keys and earlier log sizes under one checkpoint: that of `logSize`
   * (then without keys), or the newest. Nothing of it is verified yet: see `verifyProof`.
   */
  async prove(wanted: WantedProofs): Promise<ProofFile> {
    const file = await this.#transport.json({
      method: 'POST',
      path: '/v1/proofs',
      headers: () => ({ 'content-type': 'application/json' }),
      body: utf8(JSON.stringify(wanted)),
    });
    return file as ProofFile;
  }

  /** A proof file of a transaction's receipt and events. Throws ProblemError NOT_FOUND. */
  async proveTransaction(id: Hex): Promise<ProofFile> {
    return (await this.#json(`/v1/proofs/transactions/${id}`)) as ProofFile;
  }

  async checkpoint(): Promise<CheckpointView> {
    return (await this.#json('/v1/checkpoint')) as CheckpointView;
  }

  /** The key that genesis pins for a circuit. Throws ProblemError NOT_FOUND. */
  async verificationKey(circuitId: string): Promise<VerificationKeyView> {
    const path = `/v1/circuits/${encodeURIComponent(circuitId)}/verification-key`;
    return (await this.#json(path)) as VerificationKeyView;
  }

  async genesis(): Promise<GenesisView> {
    return (await this.#json('/v1/genesis')) as GenesisView;
  }

  async status(): Promise<StatusView> {
    const status = (await this.#json('/v1/status')) as StatusView;
    this.#checkChain(status.chainId);
    return status;
  }

  /** The number that the key signs next, as the chain has it. */
  async nextSequence(keyId: Hex): Promise<number> {
    const facts = (await this.#json(`/v1/keys/${keyId}/sequence`)) as SequenceView;
    this.#checkChain(facts.chainId);
    return facts.nextSequence;
  }

  /** @param about the record that needs it: `trade/id` */
  async putBlob(
    party: Party,
    content: Uint8Array | { readonly file: string },
    about?: string,
  ): Promise<Hex> {
    return putContent(this.#transport, await this.#signer(party), content, about);
  }

  async getBlob(party: Party, digest: Hex): Promise<Uint8Array> {
    return getContent(this.#transport, await this.#signer(party), digest);
  }

  async saveBlob(party: Party, digest: Hex, target: string): Promise<void> {
    return saveContent(this.#transport, await this.#signer(party), digest, target);
  }

  /** See putFile: of any length, gone on with where it was cut off. */
  async putFile(party: Party, options: PutFile): Promise<Hex> {
    return putFile(this.#transport, await this.#signer(party), options);
  }

  /** See getFile. @param peers addresses of other nodes of the chain, for parts that this one lacks */
  async getFile(
    party: Party,
    options: Omit<GetFile, 'peers'>,
    peers: readonly string[] = [],
  ): Promise<void> {
    return getFile(this.#transport, await this.#signer(party), {
      ...options,
      peers: transportsOf(peers),
    });
  }

  /** See sendDelivery. */
  async sendDelivery(party: Party, request: SendDelivery): Promise<SentDelivery> {
    return sendDelivery(this.#transport, await this.#signer(party), request);
  }

  /** See receiveDelivery. @param peers as of getFile */
  async receiveDelivery(
    party: Party,
    request: Omit<ReceiveDelivery, 'peers'>,
    peers: readonly string[] = [],
  ): Promise<Decrypted> {
    return receiveDelivery(this.#transport, await this.#signer(party), {
      ...request,
      peers: transportsOf(peers),
    });
  }

  async #signer(party: Party): Promise<RequestSigner> {
    return { party, chainId: await this.chainId() };
  }

  #json(path: string, query: Record<string, string | number | undefined> = {}): Promise<unknown> {
    return this.#transport.json({ method: 'GET', path, query });
  }

  /** Of the genesis document, which never changes; read once. */
  #chainTerms(): Promise<ChainTerms> {
    this.#terms ??= this.#readTerms().catch((error: unknown) => {
      this.#terms = null;
      throw error;
    });
    return this.#terms;
  }

  async #readTerms(): Promise<ChainTerms> {
    const { genesis } = await this.genesis();
    if (!isChainId(genesis.chainId)) throw this.#otherChain('no chain');
    if (this.#expectedChainId !== null && genesis.chainId !== this.#expectedChainId) {
      throw this.#otherChain(genesis.chainId, this.#expectedChainId);
    }
    this.#pinned = genesis.chainId;
    const { expirySpanMax } = genesis.parameters ?? {};
    if (!isSpan(expirySpanMax)) {
      throw new OperationalError(
        'EXCHANGE_ANSWER',
        `${this.url} tells genesis without parameters.expirySpanMax, a number of blocks such as 100000. ` +
          'Check the address; nothing was signed.',
      );
    }
    return { chainId: genesis.chainId, expirySpanMax };
  }

  #checkChain(chainId: string): void {
    const expected = this.#expectedChainId ?? this.#pinned;
    if (expected !== null && chainId !== expected) throw this.#otherChain(chainId, expected);
  }

  #otherChain(found: string, expected = 'an exchange'): OperationalError {
    return new OperationalError(
      'OTHER_CHAIN',
      `${this.url} runs ${found}, not ${expected}. Check the address; nothing was signed for it.`,
    );
  }
}

const transportsOf = (urls: readonly string[]): Transport[] =>
  urls.map((url) => new Transport(url));
