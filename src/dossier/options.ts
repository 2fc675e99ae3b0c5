import type { Hex } from '../base/bytes.ts';

export interface VerifyOptions {
  /** Genesis hash that the caller knows from elsewhere; without it any chain is taken for granted. */
  readonly trustedGenesisHash?: Hex | undefined;
  /** Ed25519 public key that signs blocks, known from elsewhere. */
  readonly trustedBlockSigner?: Hex | undefined;
  /** Hash of the CometBFT validator set that seals the chain, known from elsewhere. */
  readonly trustedValidatorsHash?: Hex | undefined;
}
