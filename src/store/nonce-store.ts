import { EntitySchema, LessThanOrEqual, type DataSource } from 'typeorm';
import { epochMs } from './columns.ts';

interface UsedNonce {
  keyId: string;
  nonce: string;
  expiresAtMs: number;
}

export const UsedNonceEntity = new EntitySchema<UsedNonce>({
  name: 'UsedNonce',
  tableName: 'used_nonce',
  columns: {
    keyId: { name: 'key_id', type: 'text', primary: true },
    nonce: { type: 'text', primary: true },
    expiresAtMs: { name: 'expires_at_ms', type: 'int8', transformer: epochMs },
  },
});

export interface NonceUse {
  readonly keyId: string;
  /** At most 256 characters, or it is refused as used. */
  readonly nonce: string;
  /** When the signature itself expires: until then the nonce must be remembered. */
  readonly expiresAtMs: number;
}

export interface NonceStore {
  /**
   * True once for each key and nonce, also among simultaneous callers. The caller has checked
   * already that the signature is not expired.
   */
  use(nonce: NonceUse): Promise<boolean>;
  /** Forgets what has expired; returns how many. */
  sweep(nowMs: number): Promise<number>;
}

const nonceCharactersMax = 256;

export function createNonceStore(dataSource: DataSource): NonceStore {
  const nonces = dataSource.getRepository(UsedNonceEntity);
  return {
    async use({ keyId, nonce, expiresAtMs }) {
      if (nonce.length === 0 || nonce.length > nonceCharactersMax) return false;
      if (nonce.includes('\0') || keyId.includes('\0')) return false;
      const inserted = await nonces
        .createQueryBuilder()
        .insert()
        .values({ keyId, nonce, expiresAtMs })
        .orIgnore()
        .returning('nonce')
        .execute();
      return (inserted.raw as unknown[]).length === 1;
    },
    async sweep(nowMs) {
      const swept = await nonces.delete({ expiresAtMs: LessThanOrEqual(nowMs) });
      return swept.affected ?? 0;
    },
  };
}
