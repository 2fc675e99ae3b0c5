/** Who seals the checkpoint's header, and whether they did (C03). */
import type { Hex } from '../../base/bytes.ts';
import { readHandOver, type HandOver } from '../../chain/light/hand-over.ts';
import type { LightBlock } from '../../chain/light/light-block.ts';
import { findSealFault, verifyStep } from '../../chain/light/verify.ts';
import type { Header } from '../../chain/machine/header.ts';
import type { Evidence, Sealing } from '../evidence.ts';
import type { VerifyOptions } from '../options.ts';
import { noSigner, signatureFaults } from '../../proof/checkpoint.ts';
import { verifySignature } from '../../proof/signature.ts';

export interface SealingFinding {
  readonly problems: readonly string[];
  readonly facts: readonly string[];
}

type ByValidators = Extract<Sealing, { by: 'validators' }>;

export function judgeSealing(
  evidence: Evidence,
  header: Header,
  genesisHash: Hex,
  options: VerifyOptions,
): SealingFinding {
  const { sealing } = evidence;
  return sealing.by === 'signer'
    ? judgeSigner(evidence, header, sealing.signature)
    : judgeValidators(evidence, header, genesisHash, sealing, options);
}

function judgeSigner(
  { genesis, headerBytes }: Evidence,
  header: Header,
  signature: Uint8Array,
): SealingFinding {
  return {
    problems: signatureFaults({ header, headerBytes, signature }, genesis),
    facts: [`sealed by block signer ${genesis.blockSigner}`],
  };
}

function judgeValidators(
  evidence: Evidence,
  header: Header,
  genesisHash: Hex,
  { lightBlocks, handOver: signed }: ByValidators,
  options: VerifyOptions,
): SealingFinding {
  const { genesis } = evidence;
  const { trustedValidatorsHash: trusted } = options;
  const problems: string[] = [];
  if (header.signer !== noSigner) problems.push('the header names a signer beside the validators');
  const handOver = signed ? readHandOver(signed, genesis.blockSigner, verifySignature) : null;
  if (signed && !handOver) problems.push('the hand-over is not signed by the block signer');
  if (handOver) problems.push(...handOverFaults(handOver, evidence, header, genesisHash));
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

function handOverFaults(
  handOver: HandOver,
  { genesis }: Evidence,
  header: Header,
  genesisHash: Hex,
): string[] {
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
  const votes = last?.commit.signatures.filter(({ flag }) => flag === 2).length ?? 0;
  const facts = [
    `sealed by ${votes} of ${last?.validators.length ?? 0} validators, set ${setHash}`,
  ];
  if (handOver) {
    facts.push(`handed over to them after height ${handOver.height}, app hash ${handOver.appHash}`);
  }
  return facts;
}
