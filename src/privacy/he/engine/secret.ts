import { refuse, successWith, type Outcome } from '../../../base/result.ts';
import { noiseMarginBits } from '../noise.ts';
import { heResults } from '../results.ts';
import type { HeContext } from './context.ts';
import { withScope } from './scope.ts';

export interface KeyPair {
  readonly secretKey: Uint8Array;
  /** Seeded; nothing encrypts with it: its digest identifies the key on the ledger. */
  readonly publicKey: Uint8Array;
}

export function makeKeyPair({ seal, context }: HeContext): KeyPair {
  return withScope((own) => {
    const generator = own(seal.KeyGenerator(context));
    const none = seal.ComprModeType.none;
    return {
      secretKey: own(generator.secretKey()).saveArray(none),
      publicKey: own(generator.createPublicKeySerializable()).saveArray(none),
    };
  });
}

/**
 * Encrypts chunks of `polyDegree` values with the secret key, which halves their size: the second
 * polynomial is a seed.
 * @param values chunk after chunk; range-checked by the caller, since wrap-around is silent.
 */
export function encryptChunks(
  he: HeContext,
  secretKey: Uint8Array,
  values: Int32Array,
  onChunk: () => void,
): Uint8Array[] {
  const { seal, context, preset } = he;
  return withScope((own) => {
    const key = own(seal.SecretKey());
    key.loadArray(context, secretKey);
    const publicKey = own(own(seal.KeyGenerator(context, key)).createPublicKey());
    const encryptor = own(seal.Encryptor(context, publicKey, key));
    const encoder = own(seal.BatchEncoder(context));
    const plain = own(seal.PlainText());
    const records: Uint8Array[] = [];
    for (let start = 0; start < values.length; start += preset.polyDegree) {
      encoder.encode(values.subarray(start, start + preset.polyDegree), plain);
      const record = withScope((ownChunk) =>
        ownChunk(encryptor.encryptSymmetricSerializable(plain)).saveArray(seal.ComprModeType.none),
      );
      records.push(record);
      onChunk();
    }
    return records;
  });
}

/**
 * Slots of one full ciphertext, signed. Refuses with HE_NOISE_MARGIN where the noise is outside the
 * static bound, which it is with overwhelming probability under any other key; the measured budget
 * itself stays here.
 * @param ciphertext has passed `precheckCiphertext`.
 */
export function decryptSlots(
  he: HeContext,
  secretKey: Uint8Array,
  ciphertext: Uint8Array,
): Outcome<BigInt64Array> {
  const { seal, context } = he;
  return withScope((own) => {
    const key = own(seal.SecretKey());
    key.loadArray(context, secretKey);
    const decryptor = own(seal.Decryptor(context, key));
    const encrypted = own(seal.CipherText());
    encrypted.loadArray(context, ciphertext);
    if (decryptor.invariantNoiseBudget(encrypted) < noiseMarginBits) {
      return refuse(heResults.HE_NOISE_MARGIN, 'outside the bound of an honest evaluation');
    }
    const plain = own(seal.PlainText());
    decryptor.decrypt(encrypted, plain);
    const slots = own(seal.BatchEncoder(context)).decodeBigInt(plain, true);
    return successWith(BigInt64Array.from(slots as BigInt64Array));
  });
}
