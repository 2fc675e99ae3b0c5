/** The block signer's statement that a set of validators seals the chain from the next height on. */
import type { Hex } from '../base/bytes.ts';
import { OperationalError } from '../base/operational-error.ts';
import { signHandOver, type SignedHandOver } from '../chain/light/hand-over.ts';
import { inSetOrder, validatorSetHash } from '../chain/light/hashes.ts';
import type { Validator } from '../chain/light/light-block.ts';
import { genesisHash, type Genesis } from '../chain/machine/genesis.ts';
import { Machine } from '../chain/machine/machine.ts';
import { exchangeParts } from '../chain/rooms.ts';
import type { SigningKey } from '../chain/tx/signing-key.ts';
import { refuse } from '../base/result.ts';
import { zkResults } from '../privacy/zk/results.ts';

/** Where a ledger stands: what the hand-over is bound to. */
export interface HandOverPoint {
  readonly height: number;
  readonly appHash: Hex;
}

/** Throws OperationalError HAND_OVER_SIGNER where `signer` is not the one that genesis names. */
export function makeHandOver(
  genesis: Genesis,
  signer: SigningKey,
  { height, appHash }: HandOverPoint,
  validators: readonly Validator[],
): SignedHandOver {
  if (signer.publicKey !== genesis.blockSigner) {
    throw new OperationalError(
      'HAND_OVER_SIGNER',
      `Genesis names block signer ${genesis.blockSigner}; this key is ${signer.publicKey}. Only ` +
        'the block signer of genesis can hand the chain over to validators.',
    );
  }
  const validatorsHash = validatorSetHash(inSetOrder(validators));
  const facts = { chainId: genesis.chainId, genesisHash: genesisHash(genesis) };
  return signHandOver({ version: 1, ...facts, height, appHash, validatorsHash }, signer);
}

/** Where a chain begins: height 0 with what genesis writes. */
export function beginningOf(genesis: Genesis): HandOverPoint {
  const verifyProof = () => refuse(zkResults.ZK_CIRCUIT_UNKNOWN, 'No block is executed here.');
  const { appHash } = new Machine(genesis, { ...exchangeParts, verifyProof }).initChain();
  return { height: 0, appHash };
}
