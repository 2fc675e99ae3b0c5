/** A chain that four validators seal, and proof files of its newest block, true and forged. */
import type { HandOver } from '../../src/chain/light/hand-over.ts';
import type { LightBlock } from '../../src/chain/light/light-block.ts';
import { encodeHeader, type Header } from '../../src/chain/machine/header.ts';
import { noSigner } from '../../src/chain/machine/header.ts';
import { committedCheckpoint } from '../../src/proof/checkpoint-schema.ts';
import { proofFormatOfValidators, type ProofContent } from '../../src/proof/schema.ts';
import type { ProofOptions } from '../../src/proof/verify.ts';
import { handOverToFour, lightBlockOver, type BlockWish } from '../chain/light/make-block.ts';
import { keyOf, MadeChain, organisation } from './made-chain.ts';

export const at = (number: number): string => `organisation/org-${number}`;

export interface Forgery {
  readonly header?: Partial<Header>;
  /** Of CometBFT's block, the header's app hash and height taken for granted. */
  readonly block?: BlockWish;
  readonly change?: (block: LightBlock) => LightBlock;
  readonly handOver?: Partial<HandOver> | null;
  readonly handOverSigner?: string;
  readonly options?: ProofOptions;
}

/** Six blocks that no block signer sealed. */
export const chain = new MadeChain('dxl-network');
const bySet = (header: Header): Header => ({ ...header, signer: noSigner });
for (let height = 1; height <= 6; height += 1) {
  chain.block(2, [[at(height), organisation(`org-${height}`)]], bySet);
}
export const { header } = chain.newest;
export const wanted = { logIndexes: [0, 11], keys: [at(1), at(99)], earlier: [2] };

/** A proof file of its newest block with the commit of the four validators of make-block.ts. */
export function contentOf(forgery: Forgery = {}): ProofContent {
  const { header: changes = {}, block: wish = {}, change, handOver = {} } = forgery;
  const made = lightBlockOver(header, wish);
  const own = { chainId: header.chainId, genesisHash: chain.genesisHash };
  const signer = keyOf(forgery.handOverSigner ?? 'signer of dxl-network');
  return {
    ...chain.content(wanted),
    format: proofFormatOfValidators,
    checkpoint: committedCheckpoint(encodeHeader({ ...header, ...changes }), {
      lightBlocks: [change ? change(made) : made],
      handOver: handOver === null ? null : handOverToFour(own, handOver, signer),
    }),
  };
}
