/** A finalized block as CometBFT is told of it, as the store keeps it, and as submitters see it. */
import type {
  RequestFinalizeBlock,
  ResponseFinalizeBlock,
} from 'cosmjs-types/tendermint/abci/types';
import { BlockIDFlag } from 'cosmjs-types/tendermint/types/validator';
import { fromHex, toHex, type Hex } from '../../base/bytes.ts';
import type { Checkpoint, Receipt } from '../engine/engine.ts';
import type { CommittedBlock } from '../engine/ports.ts';
import { receiptsOf, wordsOf } from '../engine/receipts.ts';
import { encodeHeader, headerHash, noSigner, type Header } from '../machine/header.ts';
import type { FinalizedBlock } from '../machine/block.ts';
import type { Machine } from '../machine/machine.ts';
import { encodeSeal, type Seal } from './seal.ts';

export interface SealedBlock {
  readonly committed: CommittedBlock;
  readonly checkpoint: Checkpoint;
  readonly receipts: readonly Receipt[];
}

/** M-112: CometBFT's block time in whole milliseconds, rounded down: it does not run backwards either. */
export const blockTimeMs = (time: { seconds: bigint; nanos: number }): number =>
  Number(time.seconds) * 1_000 + Math.floor(time.nanos / 1_000_000);

export const sealOf = (request: RequestFinalizeBlock): Seal => ({
  blockHash: toHex(request.hash),
  timeSeconds: Number(request.time.seconds),
  timeNanos: request.time.nanos,
  nextValidatorsHash: toHex(request.nextValidatorsHash),
  proposerAddress: toHex(request.proposerAddress),
  lastCommitRound: request.decidedLastCommit.round,
  lastCommitVotes: request.decidedLastCommit.votes.filter(
    ({ blockIdFlag }) => blockIdFlag === BlockIDFlag.BLOCK_ID_FLAG_COMMIT,
  ).length,
});

export function sealBlock(
  machine: Pick<Machine, 'genesis' | 'genesisHash'>,
  block: FinalizedBlock,
  seal: Seal,
  before: Checkpoint | null,
): SealedBlock {
  const { results, leaves, changes: _, ...facts } = block;
  const header: Header = {
    version: 1,
    chainId: machine.genesis.chainId,
    genesisHash: machine.genesisHash,
    previousHash: before ? headerHash(before.headerBytes) : machine.genesisHash,
    signer: noSigner,
    ...facts,
  };
  const headerBytes = encodeHeader(header);
  const signature = encodeSeal(seal);
  const committed: CommittedBlock = {
    height: block.height,
    timeMs: block.timeMs,
    appHash: block.appHash,
    headerHash: headerHash(headerBytes),
    header: headerBytes,
    signature,
    logSize: block.logSize,
    envelopes: results.map(({ id, bytes, outcome, failedOperation, logIndex }, position) => ({
      ...{ id, position, bytes, failedOperation, logIndex },
      ...wordsOf(outcome),
    })),
    leaves,
  };
  const receipts = receiptsOf(block);
  return { committed, checkpoint: { header, headerBytes, signature }, receipts };
}

/** M-111: code and data are consensus (CometBFT hashes them into the next header); log and info are not. */
export const finalizeResponse = (block: FinalizedBlock): ResponseFinalizeBlock => ({
  events: [],
  txResults: block.results.map((result) => ({
    code: result.outcome.ok ? 0 : result.outcome.result.code,
    data: logIndexBytes(result.logIndex),
    log: result.outcome.ok ? '' : result.outcome.detail,
    info: result.outcome.ok ? '' : result.outcome.result.name,
    gasWanted: 0n,
    gasUsed: 0n,
    events: [receiptEvent(result.id, result.logIndex)],
    codespace: 'dxl',
  })),
  validatorUpdates: [],
  appHash: fromHex(block.appHash),
});

/** Log index of the envelope's receipt leaf, 8 bytes, big-endian. */
export function logIndexBytes(logIndex: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(logIndex));
  return bytes;
}

const receiptEvent = (id: Hex, logIndex: number) => ({
  type: 'dxl.receipt',
  attributes: [
    { key: 'envelope', value: id, index: true },
    { key: 'log_index', value: String(logIndex), index: false },
  ],
});
