/** The kept chain of every operation as steps of parties whose keys are at hand. */
import { fromCbor } from '../../src/base/codec.ts';
import type { Hex } from '../../src/base/bytes.ts';
import { keyIdOf } from '../../src/base/key-id.ts';
import { registry } from '../../src/chain/rooms.ts';
import type { SigningKey } from '../../src/chain/tx/signing-key.ts';
import type { NamedOperation } from '../../src/client/commands.ts';
import type { Party } from '../../src/client/party.ts';
import { readEnvelope, type Reading } from '../simulation/audit/access.ts';
import { cast, keyOf, possessionOf } from '../simulation/cast.ts';
import { readGolden } from '../simulation/golden.ts';

/** What was applied on the kept chain of every operation, as its parties would submit it. */
export interface Step {
  readonly timeMs: number;
  readonly party: Party;
  readonly operations: readonly NamedOperation[];
  /** True where it has an operation that no step before it had. */
  readonly isFirst: boolean;
}

/** In order; every operation of the registry is in them. */
export async function readSteps(): Promise<Step[]> {
  const golden = await readGolden();
  const seen = new Set<number>();
  const keys = new KeyRing();
  return golden.blocks.flatMap(({ timeMs, envelopes, resultCodes }) =>
    envelopes.flatMap((bytes, position) => {
      if (resultCodes[position] !== 0) return [];
      const reading = readEnvelope(bytes);
      const isFirst = reading.operations.some(([number]) => !seen.has(number));
      for (const [number] of reading.operations) seen.add(number);
      const { key, organisationId } = keys.of(reading.keyId);
      const operations = reading.operations.map((one) =>
        keys.exchanged(named(one), organisationId),
      );
      return [{ timeMs, party: partyOf(key), operations, isFirst }];
    }),
  );
}

/** Keys that the kept chain took in on the way, of which others are made here to sign with. */
class KeyRing {
  readonly #keys = new Map<Hex, { readonly key: SigningKey; readonly organisationId: string }>();

  constructor() {
    for (const id of ['operator', ...cast.map((one) => one.id)]) {
      this.#keys.set(keyOf(id).keyId, { key: keyOf(id), organisationId: id });
    }
  }

  of(keyId: Hex) {
    const known = this.#keys.get(keyId);
    if (!known) throw new Error(`no key ${keyId}`);
    return known;
  }

  /** The operation with the keys in it exchanged for those that are made here. */
  exchanged({ name, command }: NamedOperation, signer: string): NamedOperation {
    const fields = command as Readonly<Record<string, unknown>>;
    const { publicKey, keyId, recoveryId, organisationId = signer } = fields;
    if (typeof keyId === 'string' && name === 'identity.revoke-key') {
      return { name, command: { ...fields, keyId: this.of(keyId).key.keyId } };
    }
    if (typeof publicKey !== 'string') {
      if (typeof recoveryId !== 'string') return { name, command };
      return { name, command: { ...fields, recoveryId: this.of(recoveryId).key.keyId } };
    }
    const old = keyIdOf(publicKey);
    const owner = String(organisationId);
    const known = this.#keys.get(old);
    const key = known?.key ?? keyOf(`in place of ${old}`);
    this.#keys.set(old, { key, organisationId: owner });
    const possession = possessionOf(key, owner);
    const renamed = recoveryId === undefined ? {} : { recoveryId: key.keyId };
    return { name, command: { ...fields, ...renamed, publicKey: key.publicKey, possession } };
  }
}

export function named([number, command]: Reading['operations'][number]): NamedOperation {
  const operation = registry.operations.get(number);
  if (!operation) throw new Error(`no operation ${number}`);
  return { name: operation.name, command: fromCbor(operation.command, command) };
}

export const partyOf = (signingKey: SigningKey): Party => ({
  ...{ organisationId: null, signingKey, encryptionKey: '22'.repeat(32) },
  earlierEncryptionKeys: [],
  openSealedBox: () => null,
});
