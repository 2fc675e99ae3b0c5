/** C02 to C04: genesis, checkpoint, and every leaf under it. */
import { fromHex } from '../../base/bytes.ts';
import { leafHash, verifyInclusion } from '../../base/merkle.ts';
import { momentText } from '../../base/moment-text.ts';
import { ageFaults, appHashFaults, genesisFaults, genesisHashOf } from '../../proof/checkpoint.ts';
import type { Evidence, LoggedLeaf } from '../evidence.ts';
import type { VerifyOptions } from '../options.ts';
import type { Finding } from '../../proof/report.ts';
import { judgeSealing } from '../../proof/sealing.ts';

export function judgeGenesis(evidence: Evidence, options: VerifyOptions): Finding {
  const { genesis, genesisBytes, header, problems } = evidence;
  const hash = genesisHashOf(genesisBytes);
  const { trustedGenesisHash } = options;
  const found = [
    ...(header ? [] : problems.checkpoint),
    ...(trustedGenesisHash === undefined || trustedGenesisHash === hash
      ? []
      : [`the genesis hash is ${hash}, not the trusted ${trustedGenesisHash}`]),
    ...(header ? genesisFaults(header, genesis, hash) : []),
  ];
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
  const genesisHash = genesisHashOf(evidence.genesisBytes);
  const sealing = judgeSealing({ ...evidence, header, genesisHash }, options.trustedValidatorsHash);
  found.push(...sealing.problems);
  found.push(...appHashFaults(header), ...ageFaults(header, genesis));
  return {
    problems: found,
    facts: [
      `height ${header.height}, block time ${momentText(header.timeMs, genesis.rules.calendar.offsetMinutes)}`,
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
  const timesMs = new Map<number, number>();
  for (const entry of entries) {
    const name = `leaf ${entry.logIndex}`;
    if (entry.height < height) found.push(`${name} has a lower height than one before it`);
    height = entry.height;
    if (entry.timeMs === null) continue;
    if (entry.timeMs < timeMs) found.push(`${name} goes back in time`);
    timeMs = entry.timeMs;
    const blockMs = timesMs.get(height) ?? timeMs;
    if (blockMs !== timeMs) found.push(`${name} has another time than its block`);
    timesMs.set(height, blockMs);
  }
  if (header && (height > header.height || timeMs > header.timeMs)) {
    found.push('a leaf is younger than the checkpoint');
  }
  return found;
}
