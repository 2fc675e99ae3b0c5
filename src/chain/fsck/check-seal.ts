import type { Hex } from '../../base/bytes.ts';
import { decodeSeal, type Seal } from '../abci/seal.ts';
import type { Findings } from './report.ts';

interface Validators {
  count: number;
  /** The first ones, so that a damaged ledger does not fill the memory. */
  readonly heights: number[];
}

const heightsMax = 100;

/**
 * Seals of blocks that CometBFT decided. The ledger does not hold the validators' signatures, so
 * this shows that a seal is well made and fits the header and the other seals; that two thirds
 * signed is shown by CometBFT's own commits (docs/comet.md).
 */
export class SealCheck {
  /** Blocks that the block signer signed, and that CometBFT decided. */
  signed = 0;
  sealed = 0;
  readonly #findings: Findings;
  readonly #validators = new Map<Hex, Validators>();
  #before: Pick<Seal, 'timeSeconds' | 'timeNanos'> | null = null;

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  /** @param timeMs of the header, or of the row where the header cannot be read. */
  see(height: number, bytes: Uint8Array, timeMs: number): void {
    this.sealed += 1;
    const seal = this.#read(height, bytes);
    if (!seal) return;
    if (seal.timeSeconds * 1_000 + Math.floor(seal.timeNanos / 1_000_000) !== timeMs) {
      this.#add(height, `has another time than the header, ${timeMs}`);
    }
    if (this.#before && isBefore(seal, this.#before)) {
      this.#add(height, 'has an earlier time than the seal before');
    }
    this.#before = seal;
    const validators = this.#validators.get(seal.nextValidatorsHash) ?? { count: 0, heights: [] };
    this.#validators.set(seal.nextValidatorsHash, validators);
    validators.count += 1;
    if (validators.heights.length < heightsMax) validators.heights.push(height);
  }

  /** The application changes no validators: all seals name one set. */
  finish(): void {
    let most = 0;
    for (const { count } of this.#validators.values()) most = Math.max(most, count);
    const usual = [...this.#validators.values()].filter(({ count }) => count === most);
    for (const { count, heights } of this.#validators.values()) {
      if (count === most && usual.length === 1) continue;
      for (const height of heights)
        this.#add(height, 'names another set of validators than others');
    }
  }

  #read(height: number, bytes: Uint8Array): Seal | null {
    try {
      return decodeSeal(bytes);
    } catch {
      this.#add(height, 'begins as a seal of CometBFT and is none');
      return null;
    }
  }

  #add(height: number, problem: string): void {
    this.#findings.add('block', height, 'signature', problem);
  }
}

const isBefore = (
  one: Pick<Seal, 'timeSeconds' | 'timeNanos'>,
  other: Pick<Seal, 'timeSeconds' | 'timeNanos'>,
): boolean =>
  one.timeSeconds < other.timeSeconds ||
  (one.timeSeconds === other.timeSeconds && one.timeNanos < other.timeNanos);
