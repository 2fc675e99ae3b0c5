/** Makes envelopes with real signatures: mostly fit, some refused by a rule, some not even whole. */
import { assert } from '../../src/base/assert.ts';
import type { Hex } from '../../src/base/bytes.ts';
import { toCbor } from '../../src/base/codec.ts';
import type { Operation } from '../../src/base/room.ts';
import { registry } from '../../src/chain/rooms.ts';
import { signEnvelope, type EnvelopeOperation } from '../../src/chain/tx/envelope.ts';
import type { SigningKey } from '../../src/chain/tx/signing-key.ts';
import { acts } from './acts/all.ts';
import { chainId, digestOf, keyOf, keyWithId } from './cast.ts';
import type { Random } from './random.ts';
import type { Act, Move, Scene } from './scene.ts';
import type { Row, View } from './view.ts';

interface KeyRow extends Row {
  readonly organisationId: string;
  readonly roles: readonly string[];
}

/** Where the chain stands, for sequence numbers and expiry. */
export interface Standing {
  readonly height: number;
  readonly timeMs: number;
  nextSequence(keyId: Hex): number;
}

export function operationNamed(name: string): Operation {
  const operation = registry.operationsByName.get(name);
  assert(operation, `operation ${name} is in the registry`);
  return operation;
}

export const encodeMove = ({ name, command }: Omit<Move, 'by'>): EnvelopeOperation => {
  const operation = operationNamed(name);
  return { number: operation.number, command: toCbor(operation.command, command) };
};

/** How far beyond the committed number a client goes before it begins again. */
const aheadMax = 12;

export class Generator {
  readonly #random: Random;
  readonly #view: View;
  readonly #sequences = new Map<Hex, number>();
  #serial = 0;

  constructor(random: Random, view: View) {
    this.#random = random;
    this.#view = view;
  }

  /** The next envelope, or null where nothing can be done. `wanted` is preferred where it fits. */
  next(
    standing: Standing,
    wanted: (act: Act) => number = ({ weight }) => weight,
  ): Uint8Array | null {
    if (this.#random.chance(0.05)) return this.#broken(standing);
    const loose = this.#random.chance(0.15);
    const scene = this.scene(standing.timeMs, loose);
    const move = this.#choose(scene, wanted);
    if (!move) return null;
    const key = this.#keyFor(move, loose);
    return key ? this.sign(standing, key, [encodeMove(move), ...this.#more(scene, move)]) : null;
  }

  scene(timeMs: number, loose: boolean): Scene {
    const freshId = (prefix: string): string => `${prefix}-${(this.#serial += 1)}`;
    return { view: this.#view, random: this.#random, timeMs, loose, freshId };
  }

  sign(
    standing: Standing,
    key: SigningKey,
    operations: readonly EnvelopeOperation[],
    changed: { readonly sequence?: number; readonly chainId?: string } = {},
  ): Uint8Array {
    return signEnvelope(changed.chainId ?? chainId, key, {
      sequence: changed.sequence ?? this.#takeSequence(standing, key.keyId),
      expiryHeight: standing.height + 5 + this.#random.below(60),
      operations,
    });
  }

  #takeSequence(standing: Standing, keyId: Hex): number {
    const committed = standing.nextSequence(keyId);
    const last = this.#sequences.get(keyId) ?? 0;
    const next = last + 1 > committed + aheadMax ? committed : Math.max(last + 1, committed);
    this.#sequences.set(keyId, next);
    return next;
  }

  #choose(scene: Scene, wanted: (act: Act) => number): Move | null {
    const possible: { move: Move; weight: number }[] = [];
    for (const act of acts) {
      const proposed = act.propose(scene);
      if (proposed) possible.push({ move: { ...proposed, name: act.name }, weight: wanted(act) });
    }
    const total = possible.reduce((sum, { weight }) => sum + weight, 0);
    let left = (this.#random.below(1_000_000) / 1_000_000) * total;
    for (const { move, weight } of possible) {
      left -= weight;
      if (left < 0) return move;
    }
    return possible.at(-1)?.move ?? null;
  }

  /** A second operation by the same organisation in one envelope: all of it is applied or nothing. */
  #more(scene: Scene, first: Move): EnvelopeOperation[] {
    if (!this.#random.chance(0.1)) return [];
    const second = this.#choose(scene, ({ weight }) => weight);
    return second?.by === first.by ? [encodeMove(second)] : [];
  }

  #keyFor({ by, name }: Move, loose: boolean): SigningKey | undefined {
    const { roles } = operationNamed(name);
    const keys = (this.#view.all('key') as KeyRow[]).filter(
      (key) =>
        key.organisationId === by &&
        (loose ||
          (key.state === 'ACTIVE' &&
            (roles.length === 0 || roles.some((role) => key.roles.includes(role))))),
    );
    const key = this.#random.pick(keys);
    return key ? keyWithId(key.id) : undefined;
  }

  /** What no honest client sends. */
  #broken(standing: Standing): Uint8Array {
    const random = this.#random;
    const key = keyOf(random.one(['buyer-1', 'seller-1', 'operator', 'nobody']));
    const proper = [
      encodeMove({
        name: 'pricing.confirm-valuation',
        command: { valuationId: 'valuation-none', resultFen: 1n },
      }),
    ];
    const sequence = standing.nextSequence(key.keyId);
    const whole = this.sign(standing, key, proper, { sequence });
    switch (random.below(7)) {
      case 0:
        return random.bytes(1 + random.below(300));
      case 1:
        return whole.subarray(0, random.below(whole.length));
      case 2: {
        const flipped = whole.slice();
        const at = random.below(flipped.length);
        flipped[at] = (flipped[at] ?? 0) ^ (1 << random.below(8));
        return flipped;
      }
      case 3:
        return this.sign(standing, key, proper, { sequence, chainId: 'dxl-other' });
      case 4:
        return this.sign(standing, key, proper, { sequence: sequence + 17 + random.below(100) });
      case 5:
        return this.sign(standing, key, [{ number: 9999, command: [digestOf('x')] }], { sequence });
      default:
        return this.sign(standing, key, [{ number: 600, command: ['trade', 1n, null] }], {
          sequence,
        });
    }
  }
}
