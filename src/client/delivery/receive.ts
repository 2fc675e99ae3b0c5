import type { Hex } from '../../base/bytes.ts';
import { getContent } from '../content.ts';
import type { GetFile } from '../content-file/get-file.ts';
import { openPartSource } from '../content-file/part-source.ts';
import { refuseExisting } from '../refuse-existing.ts';
import type { RequestSigner } from '../request-signature.ts';
import type { Transport } from '../transport.ts';
import { decryptDelivery } from './decrypt.ts';
import type { Decrypted } from './decrypt-parts.ts';

export interface ReceiveDelivery extends Pick<GetFile, 'target' | 'peers' | 'onProgress'> {
  readonly tradeId: string;
  /** As the trade's record on the ledger names it. */
  readonly delivery: { readonly ciphertextDigest: Hex; readonly wrappedKeyDigest: Hex };
}

/**
 * Fetches and opens a delivery, of any length and in constant memory; no ciphertext is kept. The file
 * appears when all of it is right; cut off, the same call goes on at that part. Throws ProblemError for
 * refusals, and OperationalError as decryptDelivery, or CONTENT_ALTERED, CONTENT_BROKEN_OFF.
 */
export async function receiveDelivery(
  transport: Transport,
  signer: RequestSigner,
  { tradeId, delivery, target, peers = [], onProgress }: ReceiveDelivery,
): Promise<Decrypted> {
  await refuseExisting(target);
  const { chainId, party } = signer;
  const { ciphertextDigest, wrappedKeyDigest } = delivery;
  const wrappedKey = await getContent(transport, signer, wrappedKeyDigest);
  const source = await openPartSource([transport, ...peers], signer, ciphertextDigest);
  return decryptDelivery(party, {
    ...{ chainId, tradeId, source, target, wrappedKey, ciphertextDigest, wrappedKeyDigest },
    ...(onProgress ? { onProgress } : {}),
  });
}
