import type { ValidatorUpdate } from 'cosmjs-types/tendermint/abci/types';
import { toHex, type Hex } from '../../base/bytes.ts';
import { readHandOver, type SignedHandOver } from '../light/hand-over.ts';
import { inSetOrder, validatorSetHash } from '../light/hashes.ts';
import { noSigner } from '../machine/header.ts';
import type { Machine } from '../machine/machine.ts';
import { verifyEd25519 } from '../tx/signature.ts';

/**
 * Whether these validators may seal what follows: with the block signer's hand-over, or, on a chain
 * that begins here, because nobody sealed anything before. What is wrong; null where nothing is.
 */
export function findHandOverFault(
  signed: SignedHandOver | null,
  { genesis, genesisHash }: Pick<Machine, 'genesis' | 'genesisHash'>,
  head: { readonly height: number; readonly appHash: Hex },
  validators: readonly ValidatorUpdate[],
): string | null {
  if (!signed) {
    return head.height === 0
      ? null
      : `a ledger with history up to height ${head.height} needs the block signer's hand-over`;
  }
  if (genesis.blockSigner === noSigner) return 'a hand-over, but genesis names no block signer';
  const handOver = readHandOver(signed, genesis.blockSigner, verifyEd25519);
  if (!handOver) return 'the hand-over is not signed by the block signer of genesis';
  if (handOver.chainId !== genesis.chainId || handOver.genesisHash !== genesisHash) {
    return 'the hand-over is of another chain';
  }
  if (handOver.height !== head.height || handOver.appHash !== head.appHash) {
    return (
      `the hand-over is at height ${handOver.height}, app hash ${handOver.appHash}; ` +
      `the ledger is at ${head.height}, ${head.appHash}`
    );
  }
  const found = validatorSetHash(
    inSetOrder(
      validators.map(({ pubKey, power }) => ({
        publicKey: toHex(pubKey.ed25519 ?? new Uint8Array()),
        power: Number(power),
      })),
    ),
  );
  return handOver.validatorsHash === found ? null : 'the hand-over is to other validators';
}
