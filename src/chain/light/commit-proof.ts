import type { SignedHandOver } from './hand-over.ts';
import type { LightBlock } from './light-block.ts';

/** What a light client needs to believe a header that validators sealed. */
export interface CommitProof {
  /** The last is of the height after the header's: it holds the header's app hash. */
  readonly lightBlocks: readonly LightBlock[];
  readonly handOver: SignedHandOver | null;
}
