import type { Sha256 } from '../../base/hash.ts';
import type { DeadlineWatch, Ledger } from '../../base/room.ts';
import type { KeyDirectory } from './admission.ts';
import type { Genesis } from './genesis.ts';
import type { ProofVerifier } from './ledger.ts';
import type { VersionReader } from './machine-versions.ts';
import type { Registry } from './registry.ts';
import type { RulesReader } from './rules-in-force.ts';

/** What the composition root gives the machine beside genesis. */
export interface MachineParts {
  readonly registry: Registry;
  readonly resolveKey: KeyDirectory;
  /** Writes the organisation and key that genesis names. */
  readonly begin: (ledger: Ledger, genesis: Genesis) => void;
  readonly verifyProof: ProofVerifier;
  /** Finds the versions that the chain has decided on among its state rows. */
  readonly readVersion: VersionReader;
  /** Likewise the rule packs. */
  readonly readRules: RulesReader;
  /** Keeps deadlines from taking effect before their time is known (M-138). */
  readonly watch: DeadlineWatch;
  /** The highest version to execute; all that the program knows unless given. */
  readonly machineVersionMax?: number;
  /** The quickest one that the driver has; the portable one unless given. */
  readonly sha256?: Sha256;
  /** Of envelopes that were read, for a second look at them; 8 MiB and as much again unless given. */
  readonly envelopeBytesKept?: number;
}
