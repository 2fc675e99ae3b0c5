import type { Coverage } from '../data/profile/profile.ts';
import type { Encoding } from '../data/text/encoding.ts';

export interface InspectFlags {
  readonly quasiIdentifier?: readonly string[];
  readonly encoding?: Encoding;
  readonly coverage?: Coverage;
  readonly description?: string;
  readonly writeDescription?: string;
  readonly writeOpening?: string;
}

export interface CheckFlags {
  readonly against: string;
  readonly opening?: string;
  readonly description?: string;
  readonly encoding?: Encoding;
}
