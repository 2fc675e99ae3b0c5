import { partyFromSeeds, randomSeed } from '../../../src/client/party.ts';

/** What a delivery of these tests is bound to. */
export const place = { chainId: 'dxl-test', tradeId: 'trade-1' };

export const newParty = () =>
  partyFromSeeds('buyer', { signing: randomSeed(), sealing: randomSeed() });

/** As a file is read, but for the length of the pieces. */
export async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
