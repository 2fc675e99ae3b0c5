/** Who seals a block header, and whether they did: P03 of proof files, C03 of dossiers. */
import type { Hex } from '../base/bytes.ts';
import type { CommitProof } from '../chain/light/commit-proof.ts';
import { readHandOver, type HandOver } from '../chain/light/hand-over.ts';
import { decodeLightBlock, voteFlags, type LightBlock } from '../chain/light/light-block.ts';
import { findSealFault, verifyStep } from '../chain/light/verify.ts';
import type { Genesis } from '../chain/machine/genesis.ts';
import { noSigner, type Header } from '../chain/machine/header.ts';
import { signatureFaults, type HeaderRead } from './checkpoint.ts';
import type { CommittedCheckpoint } from './checkpoint-schema.ts';
import { bytesOf } from './file.ts';
import { verifySignature } from './signature.ts';

/** What says that the header is the chain's: the block signer's signature, or the validators'. */
export type Sealing =
  | { readonly by: 'signer'; readonly signature: Uint8Array }
  | ({ readonly by: 'validators' } & CommitProof);

/** What was sealed, with the genesis that says by whom. */
export interface Sealed extends HeaderRead {
  readonly genesis: Genesis;
  readonly genesisHash: Hex;
  readonly sealing: Sealing;
}

export interface SealingFinding {
  readonly problems: readonly string[];
  readonly facts: readonly string[];
}

type ByValidators = Extract<Sealing, { by: 'validators' }>;

/** Throws CborError, CodecError or ProofFormatError. */
export function readSealing(
  checkpoint: { readonly signature: string } | CommittedCheckpoint,
): Sealing {
  if ('signature' in checkpoint) return { by: 'signer', signature: bytesOf(checkpoint.signature) };
  const [handOver] = checkpoint.handOver;
  return {
    by: 'validators',
    lightBlocks: checkpoint.lightBlocks.map((text) => decodeLightBlock(bytesOf(text))),
    handOver: handOver
      ? { statement: bytesOf(handOver.statement), signature: bytesOf(handOver.signature) }
      : null,
  };
}

/** @param trustedSetHash hash of the validator set, known from elsewhere */
export const judgeSealing = (sealed: Sealed, trustedSetHash: Hex | undefined): SealingFinding =>
  sealed.sealing.by === 'signer'
    ? judgeSigner(sealed, sealed.sealing.signature)
    : judgeValidators(sealed, sealed.sealing, trustedSetHash);

function judgeSigner({ genesis, ...read }: Sealed, signature: Uint8Array): SealingFinding {
  return {
    problems: signatureFaults({ ...read, signature }, genesis),
    facts: [`sealed by block signer ${genesis.blockSigner}`],
  };
}

function judgeValidators(
  sealed: Sealed,
  { lightBlocks, handOver: signed }: ByValidators,
  trusted: Hex | undefined,
): SealingFinding {
  const { genesis, header } = sealed;
  const problems: string[] = [];
  if (header.signer !== noSigner) problems.push('the header names a signer beside the validators');
  const handOver = signed ? readHandOver(signed, genesis.blockSigner, verifySignature) : null;
  if (signed && !handOver) problems.push('the hand-over is not signed by the block signer');
  if (handOver) problems.push(...handOverFaults(handOver, sealed));
  const setHash = trusted ?? handOver?.validatorsHash;
  if (setHash === undefined) {
    const how = 'no hand-over names the validators: their hash must be known from elsewhere';
    return { problems: [...problems, how], facts: [] };
  }
  if (handOver && handOver.validatorsHash !== setHash) {
    problems.push('the hand-over is to other validators than the trusted ones');
  }
  const fault = pathFault(lightBlocks, genesis.chainId, setHash) ?? linkFault(lightBlocks, header);
  if (fault !== null) problems.push(fault);
  return { problems, facts: factsOf(lightBlocks, handOver, setHash) };
}

function handOverFaults(handOver: HandOver, { genesis, genesisHash, header }: Sealed): string[] {
  const problems: string[] = [];
  if (handOver.chainId !== genesis.chainId || handOver.genesisHash !== genesisHash) {
    problems.push('the hand-over is of another chain');
  }
  if (handOver.height >= header.height) {
    problems.push(`the validators seal from height ${handOver.height + 1} on`);
  }
  return problems;
}

/** Each block is believed because of the one before, the first because of the trusted set. */
function pathFault(blocks: readonly LightBlock[], chainId: string, setHash: Hex): string | null {
  for (const [at, block] of blocks.entries()) {
    const before = blocks[at - 1];
    if (!before) {
      const fault = findSealFault(block, chainId, setHash);
      if (fault !== null) return `CometBFT block ${block.header.height}: ${fault}`;
      continue;
    }
    const step = verifyStep({ header: before.header, nextValidators: before.validators }, block);
    if (step.verdict !== 'SUCCESS') return `CometBFT block ${block.header.height}: ${step.reason}`;
  }
  return null;
}

/** CometBFT's header of the next height holds the app hash of this one. */
function linkFault(blocks: readonly LightBlock[], header: Header): string | null {
  const last = blocks.at(-1)?.header;
  if (!last) return 'there is no CometBFT block';
  if (last.height !== header.height + 1) {
    return `the last CometBFT block has height ${last.height}, not ${header.height + 1}`;
  }
  if (last.appHash !== header.appHash) return 'the validators committed to another app hash';
  // The time is not under the app hash: the next block's, which is, bounds it.
  const isLater = last.timeSeconds * 1_000 + 1_000 < header.timeMs;
  return isLater ? 'the header is younger than the block after it' : null;
}

function factsOf(
  blocks: readonly LightBlock[],
  handOver: HandOver | null,
  setHash: Hex,
): readonly string[] {
  const last = blocks.at(-1);
  const votes = last?.commit.signatures.filter(({ flag }) => flag === voteFlags.commit).length ?? 0;
  const facts = [
    `sealed by ${votes} of ${last?.validators.length ?? 0} validators, set ${setHash}`,
  ];
  if (handOver) {
    facts.push(`handed over to them after height ${handOver.height}, app hash ${handOver.appHash}`);
  }
  return facts;
}

/** What weakens a seal that holds, by what of the validators the caller knows from elsewhere. */
export function sealingWarnings({ by }: Sealing, trustedSetHash: Hex | undefined): string[] {
  if (by === 'validators' && trustedSetHash === undefined) {
    return [
      'The validators are known from the block signer’s hand-over alone: it could have named ' +
        'others to somebody else. Compare their hash with one that the organisations publish.',
    ];
  }
  if (by === 'signer' && trustedSetHash !== undefined) {
    return [
      'The block signer sealed this checkpoint, not the validators: it is worth something only ' +
        'where the chain had not been handed over to them at its height.',
    ];
  }
  return [];
}
