import { EntitySchema, IsNull, LessThanOrEqual, type DataSource } from 'typeorm';
import { OperationalError } from '../base/operational-error.ts';
import type { Hex } from '../base/bytes.ts';
import { digestBytes, epochMs } from './columns.ts';

interface IdempotentRequest {
  scope: string;
  key: string;
  inputHash: Buffer;
  leaseUntilMs: number;
  expiresAtMs: number;
  status: number | null;
  contentType: string | null;
  body: Buffer | null;
}

export const IdempotentRequestEntity = new EntitySchema<IdempotentRequest>({
  name: 'IdempotentRequest',
  tableName: 'idempotent_request',
  columns: {
    scope: { type: 'text', primary: true },
    key: { type: 'text', primary: true },
    inputHash: { name: 'input_hash', type: 'bytea' },
    leaseUntilMs: { name: 'lease_until_ms', type: 'int8', transformer: epochMs },
    expiresAtMs: { name: 'expires_at_ms', type: 'int8', transformer: epochMs },
    status: { type: 'int4', nullable: true },
    contentType: { name: 'content_type', type: 'text', nullable: true },
    body: { type: 'bytea', nullable: true },
  },
});

export interface StoredResponse {
  readonly status: number;
  readonly contentType: string;
  readonly body: Uint8Array;
}

/** Whose request it is (account and route) and the key they chose. */
export interface RequestKey {
  readonly scope: string;
  readonly key: string;
}

export interface RequestBeginning extends RequestKey {
  /** SHA-256 of method, path and raw body. */
  readonly inputHash: Hex;
  readonly nowMs: number;
  /** For how long the answer is kept. */
  readonly keepMs: number;
  /** How long serving may take; after that another attempt may take over. */
  readonly leaseMs: number;
}

export type RequestStanding =
  /** Serve it, then call `complete` or `abandon`. */
  | { readonly kind: 'fresh' }
  | { readonly kind: 'replay'; readonly response: StoredResponse }
  /** The same key came with another input. */
  | { readonly kind: 'conflict' }
  | { readonly kind: 'in-progress' };

export interface IdempotencyStore {
  begin(beginning: RequestBeginning): Promise<RequestStanding>;
  /** Keeps the answer. Throws OperationalError STORE_REQUEST_LOST where the key was not begun. */
  complete(request: RequestKey, response: StoredResponse): Promise<void>;
  /** Frees the key of a request that failed without effect. */
  abandon(request: RequestKey): Promise<void>;
  /**
   * Frees every key that is still being served; returns how many. For the one node of a database,
   * before it listens: a node that was killed has left them, and nobody serves them any more.
   */
  release(): Promise<number>;
  /** Forgets what has expired; returns how many. */
  sweep(nowMs: number): Promise<number>;
}

/** Takes the key where it is new, expired, or left unanswered past its lease by the same input. */
const takeKey = `
  INSERT INTO idempotent_request AS held (scope, key, input_hash, lease_until_ms, expires_at_ms)
  VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (scope, key) DO UPDATE
    SET input_hash = excluded.input_hash, lease_until_ms = excluded.lease_until_ms,
        expires_at_ms = excluded.expires_at_ms, status = NULL, content_type = NULL, body = NULL
    WHERE held.expires_at_ms <= $6
       OR (held.status IS NULL AND held.lease_until_ms <= $6
           AND held.input_hash = excluded.input_hash)
  RETURNING 1`;

export function createIdempotencyStore(dataSource: DataSource): IdempotencyStore {
  const requests = dataSource.getRepository(IdempotentRequestEntity);
  return {
    async begin({ scope, key, inputHash, nowMs, keepMs, leaseMs }) {
      const input = digestBytes(inputHash, 'inputHash');
      const values = [scope, key, input, nowMs + leaseMs, nowMs + keepMs, nowMs];
      const taken = await dataSource.query<unknown[]>(takeKey, values);
      if (taken.length === 1) return { kind: 'fresh' };
      const held = await requests.findOneBy({ scope, key });
      // Abandoned or swept between the two statements: the client's next try will find it free.
      if (held === null) return { kind: 'in-progress' };
      if (!held.inputHash.equals(input)) return { kind: 'conflict' };
      return standingOf(held);
    },
    async complete({ scope, key }, { status, contentType, body }) {
      const answer = { status, contentType, body: Buffer.from(body) };
      const { affected } = await requests.update({ scope, key }, answer);
      if (affected !== 1) {
        throw new OperationalError(
          'STORE_REQUEST_LOST',
          `The idempotency key of ${scope} is no longer held; its answer was not kept.`,
        );
      }
    },
    async abandon({ scope, key }) {
      await dataSource.query(
        'DELETE FROM idempotent_request WHERE scope = $1 AND key = $2 AND status IS NULL',
        [scope, key],
      );
    },
    async release() {
      const released = await requests.delete({ status: IsNull() });
      return released.affected ?? 0;
    },
    async sweep(nowMs) {
      const swept = await requests.delete({ expiresAtMs: LessThanOrEqual(nowMs) });
      return swept.affected ?? 0;
    },
  };
}

function standingOf({ status, contentType, body }: IdempotentRequest): RequestStanding {
  if (status === null || contentType === null || body === null) return { kind: 'in-progress' };
  return { kind: 'replay', response: { status, contentType, body } };
}
