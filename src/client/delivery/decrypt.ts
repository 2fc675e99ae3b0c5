import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { Hex } from '../../base/bytes.ts';
import { sha256Hex } from '../../base/hash.ts';
import { saveParts, type Progressed } from '../content-file/get-file.ts';
import type { PartSource } from '../content-file/part-source.ts';
import type { Party } from '../party.ts';
import { refuseExisting } from '../refuse-existing.ts';
import { openSealed } from '../sealing.ts';
import { decryptParts, type Decrypted } from './decrypt-parts.ts';
import { decryptSingle } from './decrypt-single.ts';
import { decodeKey, type DeliveryPlace, type SingleKey } from './key.ts';
import { refused } from './refused.ts';

export interface DecryptRequest extends DeliveryPlace {
  /** The ciphertext. */
  readonly source: PartSource;
  /** Where the plaintext goes: a file that is not there yet. */
  readonly target: string;
  readonly wrappedKey: Uint8Array;
  /** Both digests as the trade's record on the ledger has them, not as they came with the bytes. */
  readonly ciphertextDigest: Hex;
  readonly wrappedKeyDigest: Hex;
  /** Told how much of the ciphertext has come. */
  readonly onProgress?: (done: Progressed) => void;
}

/**
 * Opens a delivery of any format, in constant memory. The target appears only when everything was
 * checked: both digests, the trade, each part and chunk in its place, the end. Where the source breaks
 * off, the same call goes on at that part. Throws OperationalError: SEAL_NOT_OPENED, DELIVERY_* (grounds
 * to reject the delivery, after which nothing is left), FILE_EXISTS, FILE_UNWRITABLE, FILE_ALTERED, or
 * what the source throws.
 */
export async function decryptDelivery(party: Party, request: DecryptRequest): Promise<Decrypted> {
  const { target, wrappedKey, wrappedKeyDigest, ciphertextDigest } = request;
  await refuseExisting(target);
  if (sha256Hex(wrappedKey) !== wrappedKeyDigest) {
    throw refused('DELIVERY_DIGEST', 'the wrapped key is not the one that the ledger names');
  }
  const opened = decodeKey(request, openSealed(party, wrappedKey));
  try {
    if (opened.ciphertextDigest !== ciphertextDigest) {
      throw refused('DELIVERY_DIGEST', 'the key is of another ciphertext than the ledger names');
    }
    return await (opened.format === 2
      ? decryptParts(request, opened)
      : decryptSaved(request, opened));
  } finally {
    opened.key.fill(0);
  }
}

/** The format of earlier releases opens as one stream only: the ciphertext is fetched whole first. */
async function decryptSaved(request: DecryptRequest, key: SingleKey): Promise<Decrypted> {
  const { source, target, ciphertextDigest, onProgress } = request;
  const name = `.${path.basename(target)}.dxl-sealed`;
  const sealed = path.join(path.dirname(target), name);
  await rm(sealed, { force: true });
  const progress = onProgress ? { onProgress } : {};
  await saveParts(source, { digest: ciphertextDigest, target: sealed, ...progress });
  try {
    return await decryptSingle({ ...request, source: sealed }, key);
  } finally {
    await rm(sealed, { force: true });
  }
}
