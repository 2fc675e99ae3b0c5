/** C02 to C04: genesis, checkpoint, and every leaf under it. */
import { fromHex, type Hex } from '../../base/bytes.ts';
import { taggedHashHex } from '../../base/hash.ts';
import { leafHash, verifyInclusion } from '../../base/merkle.ts';
import { parametersHash } from '../../chain/machine/genesis.ts';
import { appHash } from '../../chain/machine/header.ts';
import type { Evidence, LoggedLeaf } from '../evidence.ts';
import type { VerifyOptions } from '../options.ts';
import type { Finding } from '../report.ts';
import { judgeSealing } from './sealing.ts';

export const genesisHashOf = ({ genesisBytes }: Evidence): Hex =>
  taggedHashHex('dxl/genesis/1', genesisBytes);

export function judgeGenesis(evidence: Evidence, options: VerifyOptions): Finding {
  const { genesis, header, problems } = evidence;
  const hash = genesisHashOf(evidence);
  const found: string[] = header ? [] : [...problems.checkpoint];
  const { trustedGenesisHash } = options;
  if (trustedGenesisHash !== undefined && trustedGenesisHash !== hash) {
    found.push(`the genesis hash is ${hash}, not the trusted ${trustedGenesisHash}`);
  }
  if (header && header.genesisHash !== hash) found.push('the header names another genesis hash');
  if (header && header.chainId !== genesis.chainId) found.push('the header names another chain');
  if (header && header.parametersHash !== parametersHash(genesis)) {
    found.push('the header names other parameters than genesis');
  }
  return { problems: found, facts: [`chain ${genesis.chainId}`, `genesis hash ${hash}`] };
}

export function judgeCheckpoint(evidence: Evidence, options: VerifyOptions): Finding {
  const { genesis, header, problems } = evidence;
  if (!header) return { problems: problems.checkpoint };
  const found = [...problems.checkpoint];
  const { trustedBlockSigner } = options;
  if (trustedBlockSigner !== undefined && trustedBlockSigner !== genesis.blockSigner) {
    found.push(`genesis names block signer ${genesis.blockSigner}, not the trusted one`);
  }
  const sealing = judgeSealing(evidence, header, genesisHashOf(evidence), options);
  found.push(...sealing.problems);
  if (appHash(header) !== header.appHash) found.push('the app hash does not follow from its parts');
  if (header.timeMs < genesis.timeMs) found.push('the block is older than genesis');
  return {
    problems: found,
    facts: [
      `height ${header.height}, block time ${header.timeMs} ms`,
      `log of ${header.logSize} leaves, root ${header.logRoot}`,
      ...sealing.facts,
    ],
  };
}

export function judgeLeaves(evidence: Evidence): Finding {
  const { header, leaves, problems } = evidence;
  const found = [...problems.leaves];
  if (!header) return { problems: [...found, 'no checkpoint to prove inclusion under'] };
  const root = fromHex(header.logRoot);
  for (const { logIndex, bytes, proof } of leaves) {
    if (!verifyInclusion(leafHash(bytes), logIndex, header.logSize, proof, root)) {
      found.push(`leaf ${logIndex} is not in the log under the checkpoint`);
    }
  }
  found.push(...findDisorder(leaves), ...findTimeFaults(evidence));
  return { problems: found, facts: [`${leaves.length} leaves`] };
}

const findDisorder = (leaves: readonly LoggedLeaf[]): string[] =>
  leaves.flatMap(({ logIndex }, position) => {
    const before = leaves[position - 1];
    return before && before.logIndex >= logIndex ? [`leaf ${logIndex} is out of order`] : [];
  });

/** Heights and times follow the log; one height has one time. */
function findTimeFaults({ events, receipts, header, genesis }: Evidence): string[] {
  const found: string[] = [];
  const entries = [
    ...[...receipts.values()].map(({ logIndex, leaf }) => ({
      logIndex,
      height: leaf.height,
      timeMs: null,
    })),
    ...events.map(({ logIndex, leaf }) => ({ logIndex, height: leaf.height, timeMs: leaf.timeMs })),
  ].sort((left, right) => left.logIndex - right.logIndex);
  let height = 0;
  let timeMs = genesis.timeMs;
  for (const entry of entries) {
    const name = `leaf ${entry.logIndex}`;
    if (entry.height < height) found.push(`${name} has a lower height than one before it`);
    if (entry.timeMs !== null && entry.timeMs < timeMs) found.push(`${name} goes back in time`);
    height = entry.height;
    timeMs = entry.timeMs ?? timeMs;
  }
  if (header && (height > header.height || timeMs > header.timeMs)) {
    found.push('a leaf is younger than the checkpoint');
  }
  return found;
}
