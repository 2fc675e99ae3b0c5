import { equalBytes, type Hex } from '../../base/bytes.ts';
import { OperationalError } from '../../base/operational-error.ts';
import type { SigningKey } from '../../chain/tx/signing-key.ts';
import { toBase64url } from '../../base/base64url.ts';
import { readEvidence, type Evidence } from '../../dossier/evidence.ts';
import { encodeDossier } from '../../dossier/format.ts';
import { sealedCheckpoint } from '../../dossier/checkpoint.ts';
import { newestState } from '../../dossier/newest.ts';
import { companionsOf, reachOf } from '../../dossier/reach.ts';
import { isShared } from '../../dossier/rules/events.ts';
import {
  dossierFormat,
  noOpenings,
  type DossierContent,
  type Openings,
} from '../../dossier/schema.ts';
import { sealDossier } from '../../dossier/seal.ts';
import { listingRecord } from '../../listing/state.ts';
import { proveInBatches } from './prove.ts';
import type { DossierSource, FoundEvent, Proved, ProvedState } from './source.ts';

export interface AssembleOptions {
  /** Trades of the dossier, in the order in which they are shown. */
  readonly trades: readonly string[];
  readonly openings?: Openings;
  /** The assembling party's key, which is registered on the chain. */
  readonly key: SigningKey;
  /** Leaves, and keys, that one request asks for; as many as an exchange takes where absent. */
  readonly batchMax?: number;
}

const batchMaxOfExchange = 1000;

/** How often what changed meanwhile is read anew. */
const attemptsMax = 8;

/**
 * The bytes of a dossier file of these trades: every record that they rest on, its events, the
 * envelopes behind them, whoever signed those, and proofs that nothing newer is known of them. It
 * judges nothing: verify what it returns. Throws OperationalError DOSSIER_TRADE_UNKNOWN,
 * DOSSIER_OVERTAKEN where the records kept changing, and what the source throws.
 */
export async function assembleDossier(
  source: DossierSource,
  options: AssembleOptions,
): Promise<Uint8Array> {
  const draft = new Draft(source, options, await source.genesis());
  return encodeDossier(sealDossier(await draft.finish(), options.key));
}

class Draft {
  readonly #source: DossierSource;
  readonly #options: AssembleOptions;
  readonly #genesis: Uint8Array;
  readonly #leaves = new Map<number, Uint8Array>();
  readonly #envelopes = new Map<Hex, Uint8Array>();
  readonly #asked = new Set<string>();
  /** Up to which the events of a record are to be known. */
  #height: number | undefined;

  constructor(source: DossierSource, options: AssembleOptions, genesis: Uint8Array) {
    this.#source = source;
    this.#options = options;
    this.#genesis = genesis;
  }

  /** Everything under one checkpoint, as of which no record is newer than it is shown. */
  async finish(): Promise<DossierContent> {
    for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
      await this.#follow();
      const evidence = this.#evidence();
      const newest = newestState(evidence);
      const proved = await this.#prove([...this.#leaves.keys()], [...newest.keys()].sort());
      if (proved && proved.state.every((shown) => isAsShown(shown, newest))) {
        return this.#contentUnder(proved, evidence);
      }
      if (!proved) continue;
      this.#height = proved.header.height;
      this.#asked.clear();
    }
    throw new OperationalError(
      'DOSSIER_OVERTAKEN',
      'The exchange changed records of the dossier as fast as they were read. Try again when ' +
        'fewer steps are being taken.',
    );
  }

  /** Round after round, until nothing names anything that is not here. */
  async #follow(): Promise<void> {
    for (;;) {
      const evidence = this.#evidence();
      const names = [...reachOf(evidence)]
        .flatMap((name) => [name, ...companionsOf(name)])
        .filter((name) => !this.#asked.has(name));
      if (names.length === 0) return;
      const wanted = new Set<number>();
      for (const name of names) {
        this.#asked.add(name);
        for (const index of await this.#leavesOf(evidence, name)) wanted.add(index);
      }
      await this.#fetch([...wanted].filter((index) => !this.#leaves.has(index)));
    }
  }

  async #contentUnder(proved: Proved, evidence: Evidence): Promise<DossierContent> {
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
      checkpoint: sealedCheckpoint(proved.checkpoint),
      leaves: proved.leaves.map(({ logIndex, leaf, proof }) => ({
        logIndex,
        leaf: toBase64url(leaf),
        proof: proof.map(toBase64url),
      })),
      verificationKeys,
      state: proved.state.map(({ key, proof }) => ({ key, proof: toBase64url(proof) })),
    };
  }

  #content(): DossierContent {
    return {
      format: dossierFormat,
      genesis: toBase64url(this.#genesis),
      checkpoint: { header: '', signatures: [], lightBlocks: [], handOver: [] },
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
    const found = await this.#source.eventsOf(kind, id, this.#height);
    if (kind === 'trade' && found.length === 0) {
      throw new OperationalError(
        'DOSSIER_TRADE_UNKNOWN',
        `The exchange knows no trade ${id}. List trades with: dxl list trades`,
      );
    }
    const own = isShared(kind, id) ? found.filter((event) => isOfHere(evidence, event)) : found;
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
    const proved = await this.#prove(indexes, []);
    for (const { logIndex, leaf } of proved?.leaves ?? []) this.#leaves.set(logIndex, leaf);
  }

  #prove(indexes: readonly number[], keys: readonly string[]): Promise<Proved | null> {
    const logIndexes = indexes.toSorted((left, right) => left - right);
    const { batchMax = batchMaxOfExchange } = this.#options;
    return proveInBatches(this.#source, { logIndexes, keys }, batchMax);
  }
}

const isAsShown = (
  { key, value }: ProvedState,
  newest: ReadonlyMap<string, Uint8Array | null>,
): boolean => {
  const shown = newest.get(key) ?? null;
  return shown === null || value === null ? shown === value : equalBytes(shown, value);
};

/** Whether an event of a record that many trades share is of a step that is here already. */
const isOfHere = ({ events }: Evidence, { envelopeId, height }: FoundEvent): boolean =>
  events.some(
    ({ leaf }) =>
      leaf.envelopeId === envelopeId &&
      leaf.height === height &&
      (envelopeId !== null || leaf.kind === 'posting'),
  );
