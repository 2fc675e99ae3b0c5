/** A block of the embedded engine as its store keeps it, signed, and as submitters see it. */
import { encodeHeader, headerHash, headerSignatureInput, type Header } from '../machine/header.ts';
import type { FinalizedBlock } from '../machine/block.ts';
import type { Machine } from '../machine/machine.ts';
import type { SigningKey } from '../tx/signing-key.ts';
import type { Checkpoint, Receipt } from './engine.ts';
import type { CommittedBlock } from './ports.ts';

export interface BlockSigning {
  readonly machine: Pick<Machine, 'genesis' | 'genesisHash'>;
  readonly blockSigner: SigningKey;
}

/** @param before of the block before; null where there is none */
export function signBlock(
  { machine, blockSigner }: BlockSigning,
  block: FinalizedBlock,
  receipts: readonly Receipt[],
  before: Checkpoint | null,
): { committed: CommittedBlock; checkpoint: Checkpoint } {
  const previous = before ? headerHash(before.headerBytes) : null;
  const header: Header = {
    version: 1,
    chainId: machine.genesis.chainId,
    genesisHash: machine.genesisHash,
    height: block.height,
    timeMs: block.timeMs,
    previousHash: previous ?? machine.genesisHash,
    envelopesRoot: block.envelopesRoot,
    logRoot: block.logRoot,
    logSize: block.logSize,
    stateRoot: block.stateRoot,
    zkRoot: block.zkRoot,
    parametersHash: block.parametersHash,
    appHash: block.appHash,
    signer: blockSigner.publicKey,
  };
  const headerBytes = encodeHeader(header);
  const signature = blockSigner.sign(headerSignatureInput(headerBytes));
  const committed: CommittedBlock = {
    height: block.height,
    timeMs: block.timeMs,
    appHash: block.appHash,
    headerHash: headerHash(headerBytes),
    header: headerBytes,
    signature,
    logSize: block.logSize,
    envelopes: block.results.map(({ id, bytes, failedOperation, logIndex }, position) => ({
      id,
      position,
      bytes,
      resultCode: receipts[position]?.resultCode ?? 0,
      failedOperation,
      detail: receipts[position]?.detail ?? '',
      logIndex,
    })),
    leaves: block.leaves,
  };
  return { committed, checkpoint: { header, headerBytes, signature } };
}
