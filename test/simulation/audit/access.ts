/** Who may sign what, told from the rules alone: keys, roles, signatures, sequence numbers, expiry. */
import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { concat, fromHex, toHex, utf8, type Hex } from '../../../src/base/bytes.ts';
import { decodeCbor, encodeCbor, type CborValue } from '../../../src/base/cbor.ts';
import { sha256Hex } from '../../../src/base/hash.ts';
import { chainId, simulationGenesis } from '../cast.ts';
import { mayPerform } from './duties.ts';
import type { View } from '../view.ts';
import { must } from './must.ts';

export interface Organisation {
  active: boolean;
  owner: string | null;
  roles: readonly string[];
}

/** A key that is registered when its publicity has passed. */
interface Recovery {
  readonly organisationId: string;
  readonly publicKey: Hex;
  readonly dueMs: number;
}

interface KeyState {
  readonly organisationId: string;
  readonly publicKey: Hex;
  readonly roles: readonly string[];
  active: boolean;
}

/** An envelope as its own bytes say, read without the machine's parser. */
export interface Reading {
  readonly id: Hex;
  readonly keyId: Hex;
  readonly sequence: number;
  readonly expiryHeight: number;
  readonly operations: readonly (readonly [number: number, command: CborValue])[];
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
}

const keyIdAt = 10;
const payloadAt = 43;
const signatureSize = 66;

/** Reads what was found whole; throws on anything else. */
export function readEnvelope(bytes: Uint8Array): Reading {
  const keyId = bytes.subarray(keyIdAt, payloadAt - 1);
  const payload = decodeCbor(bytes.subarray(payloadAt, bytes.length - signatureSize)) as Uint8Array;
  const [, sequence, expiryHeight, operations] = decodeCbor(payload) as unknown as [
    bigint,
    bigint,
    bigint,
    [bigint, CborValue][],
  ];
  return {
    id: sha256Hex(bytes),
    keyId: toHex(keyId),
    sequence: Number(sequence),
    expiryHeight: Number(expiryHeight),
    operations: operations.map(([number, command]) => [Number(number), command] as const),
    signed: encodeCbor([
      'Signature1',
      concat(fromHex('a20127045820'), keyId),
      utf8(`dxl/envelope/1:${chainId}`),
      payload,
    ]),
    signature: bytes.subarray(bytes.length - 64),
  };
}

const publicKeys = new Map<Hex, KeyObject>();

/** By another library than the machine's. */
function isSigned(publicKey: Hex, { signed, signature }: Reading): boolean {
  const x = Buffer.from(fromHex(publicKey)).toString('base64url');
  const key =
    publicKeys.get(publicKey) ??
    createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  publicKeys.set(publicKey, key);
  return verify(null, signed, key, signature);
}

const idOfKey = (publicKey: Hex): Hex => sha256Hex(concat(Uint8Array.of(1), fromHex(publicKey)));

export class AccessAuditor {
  readonly organisations = new Map<string, Organisation>();
  readonly #keys = new Map<Hex, KeyState>();
  readonly #used = new Map<Hex, Set<number>>();
  /** In publicity, by the id of the key. */
  readonly #recoveries = new Map<Hex, Recovery>();

  constructor() {
    const { organisationId, publicKey } = simulationGenesis.operator;
    const roles = ['ADMIN', 'OPERATOR'];
    this.organisations.set(organisationId, { active: true, owner: null, roles });
    this.#addKey(organisationId, publicKey, roles);
  }

  #addKey(organisationId: string, publicKey: Hex, roles: readonly string[]): void {
    const id = idOfKey(publicKey);
    must(!this.#keys.has(id), `key ${id} is registered once`);
    this.#keys.set(id, { organisationId, publicKey, roles, active: true });
  }

  /** What nobody has refused takes effect, but for a key that came otherwise. */
  passTime(timeMs: number): void {
    for (const [keyId, { organisationId, publicKey, dueMs }] of this.#recoveries) {
      if (dueMs > timeMs) continue;
      this.#recoveries.delete(keyId);
      const { roles } = this.#organisation(organisationId);
      if (!this.#keys.has(keyId)) this.#addKey(organisationId, publicKey, roles);
    }
  }

  #organisation(id: string): Organisation {
    const found = this.organisations.get(id);
    must(found, `${id} is admitted`);
    return found;
  }

  /** Keys of the log stand as they do here. */
  compare(view: View): void {
    for (const [keyId, { active, organisationId }] of this.#keys) {
      const row = view.get('key', keyId);
      const state = active ? 'ACTIVE' : 'REVOKED';
      must(row?.state === state, `key ${keyId} of ${organisationId} is ${state}`);
    }
    must(view.all('key').length === this.#keys.size, 'no other key is registered');
  }

  /** What of an envelope that was not refused at the door; returns the acting organisation. */
  admit(reading: Reading, height: number): string {
    const { keyId, expiryHeight } = reading;
    const key = this.#keys.get(keyId);
    must(key, `key ${keyId} is registered`);
    must(isSigned(key.publicKey, reading), `envelope ${reading.id} is signed`);
    const organisation = this.organisations.get(key.organisationId);
    must(key.active && organisation?.active, `${key.organisationId} may sign with ${keyId}`);
    const { expirySpanMax } = simulationGenesis.parameters;
    must(
      expiryHeight >= height && expiryHeight <= height + expirySpanMax,
      `envelope ${reading.id} expires at ${expiryHeight}, stands at ${height}`,
    );
    this.spend(reading);
    return key.organisationId;
  }

  /** The sequence of an envelope that stands in a block, applied or not. */
  spend({ keyId, sequence }: Pick<Reading, 'keyId' | 'sequence'>): void {
    const { sequenceWindow } = simulationGenesis.parameters;
    const used = this.#used.get(keyId) ?? new Set<number>();
    const highest = Math.max(0, ...used);
    must(!used.has(sequence), `sequence ${sequence} of ${keyId} is used once`);
    must(
      sequence >= 1 && Math.abs(sequence - highest) <= sequenceWindow,
      `sequence ${sequence} of ${keyId} lies in the window of ${highest}`,
    );
    this.#used.set(keyId, used.add(sequence));
  }

  /** An accepted operation: the key held a role for it, and identity operations take effect. */
  apply(name: string, keyId: Hex, command: Record<string, unknown>, timeMs: number): void {
    const key = this.#keys.get(keyId);
    must(key, `key ${keyId} is registered`);
    const own = this.#organisation(key.organisationId);
    const held = key.roles.filter((role) => own.roles.includes(role));
    must(mayPerform(name, held), `${name} by ${held.join()}`);
    const { organisationId } = command as { organisationId: string };
    const { publicKey, roles } = command as { publicKey: Hex; roles: readonly string[] };
    switch (name) {
      case 'identity.admit': {
        must(!this.organisations.has(organisationId), `${organisationId} is admitted once`);
        must(!roles.includes('OPERATOR'), `${organisationId} is no operator`);
        const { beneficialOwner } = command as { beneficialOwner: string | null };
        this.organisations.set(organisationId, { active: true, owner: beneficialOwner, roles });
        this.#addKey(organisationId, publicKey, roles);
        break;
      }
      case 'identity.add-key': {
        const held = this.organisations.get(key.organisationId)?.roles ?? [];
        must(
          roles.every((role) => held.includes(role)),
          'a new key holds its organisation’s roles',
        );
        this.#addKey(key.organisationId, publicKey, roles);
        break;
      }
      case 'identity.rotate-key':
        this.#addKey(key.organisationId, publicKey, key.roles);
        key.active = false;
        break;
      case 'identity.revoke-key':
        this.#revoke(key, (command as { keyId: Hex }).keyId);
        break;
      case 'identity.suspend':
      case 'identity.reinstate': {
        const organisation = this.organisations.get(organisationId);
        must(organisation && organisationId !== 'operator', `${organisationId} can be suspended`);
        organisation.active = name === 'identity.reinstate';
        break;
      }
      case 'identity.restate': {
        const { beneficialOwner } = command as { beneficialOwner: string | null };
        Object.assign(this.#organisation(organisationId), { owner: beneficialOwner, roles });
        break;
      }
      case 'identity.propose-recovery': {
        const { recoveryId } = command as { recoveryId: Hex };
        must(idOfKey(publicKey) === recoveryId, `recovery ${recoveryId} is of its key`);
        must(!this.#keys.has(recoveryId), `key ${recoveryId} is a new one`);
        const dueMs = timeMs + simulationGenesis.rules.periods.publicity.count;
        this.#recoveries.set(recoveryId, { organisationId, publicKey, dueMs });
        break;
      }
      case 'identity.refuse-recovery':
      case 'identity.withdraw-recovery':
        this.#endRecovery(
          name,
          own,
          key.organisationId,
          (command as { recoveryId: Hex }).recoveryId,
        );
        break;
    }
  }

  #endRecovery(name: string, by: Organisation, organisationId: string, id: Hex): void {
    const recovery = this.#recoveries.get(id);
    must(recovery, `recovery ${id} is in publicity`);
    const ownOrWatched =
      recovery.organisationId === organisationId || by.roles.includes('REGULATOR');
    must(name === 'identity.withdraw-recovery' || ownOrWatched, `${organisationId} refuses ${id}`);
    this.#recoveries.delete(id);
  }

  #revoke(by: KeyState, keyId: Hex): void {
    const revoked = this.#keys.get(keyId);
    must(revoked?.active && revoked !== by, `key ${keyId} can be revoked`);
    const own = revoked.organisationId === by.organisationId;
    must(own || by.roles.includes('OPERATOR'), `${by.organisationId} revokes an own key`);
    revoked.active = false;
  }

  isActive(organisationId: string): boolean {
    return this.organisations.get(organisationId)?.active === true;
  }

  /** The same organisation, or one of the same beneficial owner. */
  areRelated(left: string, right: string): boolean {
    const owner = this.organisations.get(left)?.owner ?? null;
    return left === right || (owner !== null && owner === this.organisations.get(right)?.owner);
  }
}
