import { expect } from 'chai';
import { CachedState, StateMiss } from '../../src/chain/machine/cached-state.ts';
import type { FinalizedBlock } from '../../src/chain/machine/block.ts';
import { Machine } from '../../src/chain/machine/machine.ts';
import { exchangeParts } from '../../src/chain/rooms.ts';
import { agreedTermsOf, termsHash } from '../../src/trading/types.ts';
import { fileTerms } from '../trading/sample-product.ts';
import type { TradeRow } from './acts/trading.ts';
import { beginMs, chainId, digestOf, keyOf, simulationGenesis } from './cast.ts';
import { encodeMove, Generator } from './generator.ts';
import { prologue } from './prologue.ts';
import { Random } from './random.ts';
import { stubVerifier } from './real-proof.ts';
import { readLeaves, View } from './view.ts';

const parts = { ...exchangeParts, verifyProof: stubVerifier };

/** A chain whose state is in memory, and beside it one that loads every value that it needs. */
class Pair {
  readonly whole = new Machine(simulationGenesis, parts);
  readonly cached = new Machine(simulationGenesis, parts, new CachedState(0));
  readonly view = new View();
  readonly generator = new Generator(new Random(1, 'late settlement'), this.view);
  readonly #rows = new Map<string, Uint8Array | null>();
  timeMs = beginMs;

  constructor() {
    this.#store(this.whole.initChain().changes);
    this.cached.initChain();
    this.block(prologue(this.generator, true));
  }

  #store(changes: FinalizedBlock['changes']): void {
    for (const { key, value } of changes) this.#rows.set(key, value);
  }

  block(envelopes: readonly Uint8Array[]): FinalizedBlock {
    const height = this.whole.info().height + 1;
    const input = { height, timeMs: this.timeMs, envelopes };
    const block = this.whole.finalizeBlock(input);
    expect(this.#load(() => this.cached.finalizeBlock(input)).appHash).to.equal(block.appHash);
    this.#store(block.changes);
    this.whole.commit();
    this.cached.commit();
    this.view.apply(readLeaves(block.leaves).events);
    return block;
  }

  #load<Result>(step: () => Result): Result {
    for (;;) {
      try {
        return step();
      } catch (error) {
        if (!(error instanceof StateMiss)) throw error;
        const rows = error.keys.map((key) => ({ key, value: this.#rows.get(key) ?? null }));
        this.cached.loadState(this.whole.info().height, rows);
      }
    }
  }

  envelope(by: string, name: string, command: Record<string, unknown>): Uint8Array {
    const key = keyOf(by);
    const sequence = this.whole.nextSequence(key.keyId);
    const standing = { ...this.whole.info(), nextSequence: () => sequence };
    return this.generator.sign(standing, key, [encodeMove({ name, command })], { sequence });
  }

  /** One envelope in a block of its own, applied. */
  run(by: string, name: string, command: Record<string, unknown>): void {
    this.timeMs += 1_000;
    const [result] = this.block([this.envelope(by, name, command)]).results;
    const outcome = result?.outcome;
    expect(outcome?.ok === false ? outcome.detail : '', name).to.equal('');
  }

  /** A trade that the buyer has accepted: what is left is its settlement. */
  acceptedTrade(tradeId: string): void {
    const priceFen = 1_000_000n;
    const offer = { tradeId, priceFen, terms: fileTerms, bank: 'bank-1' };
    const listing = { listingId: 'listing-1', listingRevision: 1 };
    const reference = { referenceCommitment: digestOf('reference') };
    const delivery = {
      ciphertextDigest: digestOf('ciphertext'),
      ciphertextBytes: 1,
      wrappedKeyDigest: digestOf('key'),
      rowsRoot: digestOf('registration-0 rows'),
      contentCommitment: digestOf('registration-0 content'),
    };
    this.run('buyer-1', 'trading.request', { ...offer, ...listing, purpose: 'DELIVERY' });
    this.run('seller-1', 'trading.offer', { ...offer, turn: 1, valuationId: null });
    this.run('buyer-1', 'trading.accept-offer', { tradeId, turn: 2 });
    this.run('reviewer-1', 'trading.clear', { tradeId });
    const trade = this.view.get('trade', tradeId) as TradeRow;
    const signed = { tradeId, termsHash: termsHash(agreedTermsOf(chainId, trade)) };
    this.run('buyer-1', 'trading.sign', signed);
    this.run('seller-1', 'trading.sign', signed);
    this.run('buyer-1', 'trading.verify', signed);
    const { totalFen: amountFen } = trade;
    this.run('bank-1', 'trading.fund', { tradeId, amountFen, ...reference });
    this.run('seller-1', 'trading.start-delivery', { tradeId });
    this.run('seller-1', 'trading.deliver', { tradeId, ...delivery });
    const { ciphertextDigest: digest } = delivery;
    this.run('buyer-1', 'trading.accept-delivery', { tradeId, digest });
  }
}

/** The operator settles in the very block in which the deadline settles by itself. */
describe('an envelope for what a deadline of the same block has changed', () => {
  it('is judged alike by a machine that has to load what it reads', () => {
    const pair = new Pair();
    pair.acceptedTrade('trade-1');
    pair.run('operator', 'trading.settle', { tradeId: 'trade-1' });
    for (let round = 2; round < 6; round += 1) {
      const tradeId = `trade-${round}`;
      pair.acceptedTrade(tradeId);
      pair.timeMs += 600_001;
      const late = pair.envelope('operator', 'trading.settle', { tradeId });
      const [result] = pair.block([late]).results;
      expect(result?.outcome.ok === false && result.outcome.result.name).to.equal('TRADING_STATE');
    }
  });
});
