/** How a key says that its holder wants it registered. */
import { toHex, type Hex } from '../base/bytes.ts';
import { possessionClaim } from '../identity/possession.ts';
import type { Party } from './party.ts';

export interface ClaimedKey {
  readonly publicKey: Hex;
  /** By the key itself, of this organisation on this chain. */
  readonly possession: Hex;
}

export function claimKey(
  { signingKey }: Pick<Party, 'signingKey'>,
  chainId: string,
  organisationId: string,
): ClaimedKey {
  const { publicKey } = signingKey;
  const claim = possessionClaim(chainId, organisationId, publicKey);
  return { publicKey, possession: toHex(signingKey.sign(claim)) };
}
