import { fromHex, type Hex } from '../base/bytes.ts';
import { encodeCbor } from '../base/cbor.ts';
import { taggedHash } from '../base/hash.ts';

/**
 * What a new key signs to show that its holder wants it registered for this organisation on this
 * chain: so nobody registers another's public key, and no claim serves twice.
 */
export const possessionClaim = (
  chainId: string,
  organisationId: string,
  publicKey: Hex,
): Uint8Array =>
  taggedHash('dxl/key-possession/1', encodeCbor([chainId, organisationId, fromHex(publicKey)]));
