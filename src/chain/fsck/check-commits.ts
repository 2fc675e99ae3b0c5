/**
 * Seals against the commits of CometBFT: that more than two thirds of the validators signed the
 * header that a seal names, and that this header is about the ledger's own block.
 */
import { createHash } from 'node:crypto';
import type { Hex } from '../../base/bytes.ts';
import { OperationalError } from '../../base/operational-error.ts';
import { decodeSeal, isSeal, type Seal } from '../abci/seal.ts';
import type { CometRpc } from '../engine/comet-rpc.ts';
import { fetchLightBlock } from '../engine/light-blocks.ts';
import type { BlockRow, EnvelopeRow, LogReader } from '../engine/ports.ts';
import { lightHeaderHash } from '../light/hashes.ts';
import { voteFlags, type LightBlock } from '../light/light-block.ts';
import { findFault } from '../light/verify.ts';
import { merkleRoot } from './recompute.ts';
import type { Findings } from './report.ts';
import { Rows } from './rows.ts';

export interface CommitCheckOptions {
  readonly reader: Pick<LogReader, 'blocks' | 'envelopes'>;
  readonly rpc: CometRpc;
  readonly chainId: string;
  readonly findings: Findings;
  readonly onProgress?: (height: number) => void;
}

export interface CommitReport {
  /** Blocks whose commit was checked, each signature in it. */
  readonly commits: number;
  /** Of the first set of validators: to be compared with CometBFT's genesis. */
  readonly validatorsHash: Hex | null;
}

/** Asks CometBFT block by block, some milliseconds each. Throws OperationalError COMET_DOWN. */
export async function checkCommits(options: CommitCheckOptions): Promise<CommitReport> {
  const { reader, rpc, findings, chainId, onProgress } = options;
  const envelopes = new Rows(reader.envelopes());
  let below: Below | null = null;
  let validatorsHash: Hex | null = null;
  let commits = 0;
  for await (const row of reader.blocks()) {
    const own: EnvelopeRow[] = await envelopes.takeWhile(({ height }) => height <= row.height);
    let light: LightBlock | null = null;
    const seal = sealOf(row);
    if (seal) {
      const add = (problem: string): void =>
        findings.add('block', row.height, 'signature', problem);
      light = await fetchLightBlock(rpc, row.height).catch((error: unknown) => {
        if (error instanceof OperationalError) throw error;
        add(`CometBFT has no block of this height (${(error as Error).message})`);
        return null;
      });
      if (light) {
        commits += 1;
        validatorsHash ??= light.header.validatorsHash;
        for (const problem of faultsOf({ seal, light, own, below }, chainId)) {
          if (problem !== null) add(problem);
        }
      }
    }
    below = { row, light };
    onProgress?.(row.height);
  }
  return { commits, validatorsHash };
}

interface Below {
  readonly row: BlockRow;
  readonly light: LightBlock | null;
}

interface Judged {
  readonly seal: Seal;
  readonly light: LightBlock;
  readonly own: readonly EnvelopeRow[];
  readonly below: Below | null;
}

/** What CometBFT answers has no schema: what does not read is as wrong as what does not fit. */
function faultsOf({ seal, light, own, below }: Judged, chainId: string): Fault[] {
  try {
    return [
      findFault(light, chainId),
      ...sealFaults(seal, light),
      ...placeFaults(light, own, below?.row ?? null),
      ...(below?.light ? commitFaults(seal, light, below.light) : []),
    ];
  } catch (error) {
    return [`is of an answer of CometBFT that does not read (${(error as Error).message})`];
  }
}

/** What cannot be read is named by `SealCheck`. */
function sealOf({ signature }: BlockRow): Seal | null {
  if (!isSeal(signature)) return null;
  try {
    return decodeSeal(signature);
  } catch {
    return null;
  }
}

type Fault = string | null;

const unless = (same: boolean, problem: string): Fault => (same ? null : problem);

const sealFaults = (seal: Seal, { header }: LightBlock): Fault[] => [
  unless(seal.blockHash === lightHeaderHash(header), 'names another header than CometBFT has'),
  unless(
    seal.timeSeconds === header.timeSeconds && seal.timeNanos === header.timeNanos,
    'has another time than the header of CometBFT',
  ),
  unless(seal.nextValidatorsHash === header.nextValidatorsHash, 'names other next validators'),
  unless(seal.proposerAddress === header.proposerAddress, 'names another proposer'),
];

const placeFaults = (
  { header }: LightBlock,
  envelopes: readonly EnvelopeRow[],
  below: BlockRow | null,
): Fault[] => [
  unless(
    header.dataHash === merkleRoot(envelopes.map(({ bytes }) => idOf(bytes))),
    'is of a header of CometBFT that holds other envelopes',
  ),
  unless(
    below === null || header.appHash === below.appHash,
    'is of a header of CometBFT that follows another app hash',
  ),
];

const idOf = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();

const commitFaults = (
  seal: Seal,
  { header }: LightBlock,
  { header: before, commit }: LightBlock,
): Fault[] => [
  unless(header.validatorsHash === before.nextValidatorsHash, 'is by validators out of turn'),
  unless(seal.lastCommitRound === commit.round, 'names another round of the block before'),
  unless(
    seal.lastCommitVotes ===
      commit.signatures.filter(({ flag }) => flag === voteFlags.commit).length,
    'names another number of votes for the block before',
  ),
];
