/** What a generator of envelopes sees: the committed records, the time, and dice. */
import { cast } from './cast.ts';
import type { Random } from './random.ts';
import type { Row, View } from './view.ts';

export interface Move {
  /** Organisation that acts. */
  readonly by: string;
  readonly name: string;
  readonly command: Record<string, unknown>;
}

export interface Scene {
  readonly view: View;
  readonly random: Random;
  readonly timeMs: number;
  /** Takes records in any state and actors of any kind: most of what comes out is refused. */
  readonly loose: boolean;
  /** A name that no other record of this run has. */
  freshId(prefix: string): string;
}

/** A record of the kind that `fits`; any of them in a loose scene. */
export function find<Found extends Row>(
  { view, random, loose }: Scene,
  kind: string,
  fits: (row: Found) => boolean,
): Found | undefined {
  const rows = view.all(kind) as Found[];
  return random.pick(loose ? rows : rows.filter(fits));
}

/** The proper actor, or now and then somebody else in a loose scene. */
export function actor({ random, loose }: Scene, proper: string): string {
  if (!loose || random.chance(0.6)) return proper;
  return random.pick(cast)?.id ?? proper;
}

/** Whether the chain has decided on machine version 2: before, nobody asks for what came with it. */
export const isRaised = ({ view }: Scene): boolean => view.all('machine-version').length > 0;

export const anyOf = ({ random }: Scene, prefix: string): string =>
  random.pick(cast.filter(({ id }) => id.startsWith(prefix)))?.id ?? 'operator';

/** One operation of the registry, and how it comes to be used. */
export interface Act {
  readonly name: string;
  /** How often, against the others that are possible. */
  readonly weight: number;
  propose(scene: Scene): Omit<Move, 'name'> | null;
}

export const act = (name: string, weight: number, propose: Act['propose']): Act => ({
  name,
  weight,
  propose,
});
