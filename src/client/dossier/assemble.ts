import type { Hex } from '../../base/bytes.ts';
import { OperationalError } from '../../base/operational-error.ts';
import type { SigningKey } from '../../chain/tx/signing-key.ts';
import { toBase64url } from '../../base/base64url.ts';
import { readEvidence, type Evidence } from '../../dossier/evidence.ts';
import { encodeDossier } from '../../dossier/format.ts';
import { reachOf } from '../../dossier/reach.ts';
import { sharedKinds } from '../../dossier/rules/events.ts';
import {
  dossierFormat,
  dossierFormatOfValidators,
  noOpenings,
  type DossierContent,
  type Openings,
} from '../../dossier/schema.ts';
import { sealDossier } from '../../dossier/seal.ts';
import { listingRecord } from '../../listing/state.ts';
import type { DossierSource, FoundEvent, ProvedLeaves } from './source.ts';

export interface AssembleOptions {
  /** Trades of the dossier, in the order in which they are shown. */
  readonly trades: readonly string[];
  readonly openings?: Openings;
  /** The assembling party's key, which is registered on the chain. */
  readonly key: SigningKey;
}

/** Leaves that one request asks for. */
const batchMax = 1000;

/**
 * The bytes of a dossier file of these trades: every record that they rest on, its events, the
 * envelopes behind them, and whoever signed those. It judges nothing: verify what it returns.
 * Throws OperationalError DOSSIER_TRADE_UNKNOWN, and what the source throws.
 */
export async function assembleDossier(
  source: DossierSource,
  options: AssembleOptions,
): Promise<Uint8Array> {
  const draft = new Draft(source, options, await source.genesis());
  await draft.follow();
  return encodeDossier(sealDossier(await draft.finish(), options.key));
}

class Draft {
  readonly #source: DossierSource;
  readonly #options: AssembleOptions;
  readonly #genesis: Uint8Array;
  readonly #leaves = new Map<number, Uint8Array>();
  readonly #envelopes = new Map<Hex, Uint8Array>();
  readonly #asked = new Set<string>();

  constructor(source: DossierSource, options: AssembleOptions, genesis: Uint8Array) {
    this.#source = source;
    this.#options = options;
    this.#genesis = genesis;
  }

  /** Round after round, until nothing names anything that is not here. */
  async follow(): Promise<void> {
    for (;;) {
      const evidence = this.#evidence();
      const names = [...reachOf(evidence)].filter((name) => !this.#asked.has(name));
      if (names.length === 0) return;
      const wanted = new Set<number>();
      for (const name of names) {
        this.#asked.add(name);
        for (const index of await this.#leavesOf(evidence, name)) wanted.add(index);
      }
      await this.#fetch([...wanted].filter((index) => !this.#leaves.has(index)));
    }
  }

  /** Everything under one checkpoint. */
  async finish(): Promise<DossierContent> {
    const indexes = [...this.#leaves.keys()].sort((left, right) => left - right);
    const { checkpoint, leaves } = await this.#prove(indexes);
    const evidence = this.#evidence();
    const circuits = new Set(
      evidence.events
        .filter(({ leaf }) => leaf.kind === listingRecord.name)
        .map(({ record }) => (record as { sample: { circuitId: string } }).sample.circuitId),
    );
    const verificationKeys: DossierContent['verificationKeys'] = [];
    for (const circuitId of circuits) {
      const key = await this.#source.verificationKey(circuitId);
      verificationKeys.push({ circuitId, key: { ...key, ic: [...key.ic] } });
    }
    return {
      ...this.#content(),
      format: 'signature' in checkpoint ? dossierFormat : dossierFormatOfValidators,
      checkpoint,
      leaves: leaves.map(({ logIndex, leaf, proof }) => ({
        logIndex,
        leaf: toBase64url(leaf),
        proof: proof.map(toBase64url),
      })),
      verificationKeys,
    };
  }

  #content(): DossierContent {
    return {
      format: dossierFormat,
      genesis: toBase64url(this.#genesis),
      checkpoint: { header: '', signature: '' },
      trades: [...this.#options.trades],
      leaves: [...this.#leaves]
        .sort(([left], [right]) => left - right)
        .map(([logIndex, leaf]) => ({ logIndex, leaf: toBase64url(leaf), proof: [] })),
      envelopes: [...this.#envelopes.values()].map(toBase64url),
      verificationKeys: [],
      openings: this.#options.openings ?? noOpenings,
    };
  }

  #evidence(): Evidence {
    const { publicKey } = this.#options.key;
    return readEvidence({ ...this.#content(), seal: { publicKey, signature: '' } });
  }

  async #leavesOf(evidence: Evidence, name: string): Promise<number[]> {
    const [kind = '', id = ''] = name.split('/');
    const found = await this.#source.eventsOf(kind, id);
    if (kind === 'trade' && found.length === 0) {
      throw new OperationalError(
        'DOSSIER_TRADE_UNKNOWN',
        `The exchange knows no trade ${id}. List trades with: dxl list trades`,
      );
    }
    const isShared = sharedKinds.includes(kind) && !id.startsWith('escrow-');
    const own = isShared ? found.filter((event) => isOfHere(evidence, event)) : found;
    const wanted: number[] = [];
    for (const { logIndex, envelopeId } of own) {
      wanted.push(logIndex);
      if (envelopeId === null || this.#envelopes.has(envelopeId)) continue;
      const transaction = await this.#source.transaction(envelopeId);
      this.#envelopes.set(envelopeId, transaction.envelope);
      wanted.push(...transaction.logIndexes);
    }
    return wanted;
  }

  async #fetch(indexes: readonly number[]): Promise<void> {
    if (indexes.length === 0) return;
    for (const { logIndex, leaf } of (await this.#prove(indexes)).leaves) {
      this.#leaves.set(logIndex, leaf);
    }
  }

  async #prove(indexes: readonly number[]): Promise<ProvedLeaves> {
    const first = await this.#source.proofs(indexes.slice(0, batchMax));
    const leaves = [...first.leaves];
    for (let start = batchMax; start < indexes.length; start += batchMax) {
      const next = await this.#source.proofs(indexes.slice(start, start + batchMax), first.logSize);
      leaves.push(...next.leaves);
    }
    return { ...first, leaves };
  }
}

/** Whether an event of a record that many trades share is of a step that is here already. */
const isOfHere = ({ events }: Evidence, { envelopeId, height }: FoundEvent): boolean =>
  events.some(
    ({ leaf }) =>
      leaf.envelopeId === envelopeId &&
      leaf.height === height &&
      (envelopeId !== null || leaf.kind === 'posting'),
  );
