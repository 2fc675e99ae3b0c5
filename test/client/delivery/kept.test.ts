/** Deliveries as they were made once: whatever is changed here must open them for ever. */
import { expect } from 'chai';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fromHex, utf8 } from '../../../src/base/bytes.ts';
import { sha256, sha256Hex } from '../../../src/base/hash.ts';
import { decryptDelivery } from '../../../src/client/delivery/decrypt.ts';
import { partyFromSeeds } from '../../../src/client/party.ts';
import { memorySource } from './memory-source.ts';

interface Kept {
  readonly format: string;
  readonly ciphertext: string;
  readonly wrappedKey: string;
}

const kept = JSON.parse(
  await readFile(new URL('kept-deliveries.json', import.meta.url), 'utf8'),
) as Kept[];

describe('deliveries that were kept', () => {
  const buyer = partyFromSeeds('buyer', {
    signing: sha256(utf8('kept buyer')),
    sealing: sha256(utf8('kept buyer seal')),
  });
  let folder = '';
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'dxl-kept-'));
  });
  after(() => rm(folder, { recursive: true }));

  for (const { format, ...hex } of kept) {
    it(`open: ${format}`, async () => {
      const [ciphertext, wrappedKey] = [fromHex(hex.ciphertext), fromHex(hex.wrappedKey)];
      const target = path.join(folder, path.basename(format));
      await decryptDelivery(buyer, {
        ...{ chainId: 'dxl-kept', tradeId: 'kept-trade', target, wrappedKey },
        source: memorySource([ciphertext]),
        ciphertextDigest: sha256Hex(ciphertext),
        wrappedKeyDigest: sha256Hex(wrappedKey),
      });
      expect(await readFile(target, 'utf8')).to.equal('species,height_ft\nkestrel,200\n');
    });
  }
});
