/** Parties of a scenario, with the secrets that nobody else may ever see. */
import sodium from 'sodium-native';
import {
  partyFromSeeds,
  randomSeed,
  type Party,
  type PartySeeds,
} from '../../../src/client/party.ts';
import type { Character } from '../../../src/demo/cast.ts';

export interface Cast {
  readonly parties: ReadonlyMap<string, Party>;
  readonly seeds: ReadonlyMap<string, PartySeeds>;
}

export function castOf(characters: readonly Character[]): Cast {
  const parties = new Map<string, Party>();
  const seeds = new Map<string, PartySeeds>();
  for (const { id } of characters) {
    const own = { signing: randomSeed(), sealing: randomSeed() };
    seeds.set(id, own);
    parties.set(id, partyFromSeeds(id, own));
  }
  return { parties, seeds };
}

/** The X25519 secret that opens what is sealed to a party. */
export function openingKey({ sealing }: PartySeeds): Uint8Array {
  const publicKey = Buffer.alloc(sodium.crypto_box_PUBLICKEYBYTES);
  const secretKey = Buffer.alloc(sodium.crypto_box_SECRETKEYBYTES);
  sodium.crypto_box_seed_keypair(publicKey, secretKey, Buffer.from(sealing));
  return new Uint8Array(secretKey);
}
