/** Deliveries of earlier releases, `dxl-delivery/1`, open as ever. */
import { expect } from 'chai';
import fc from 'fast-check';
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sha256Hex } from '../../../src/base/hash.ts';
import { OperationalError } from '../../../src/base/operational-error.ts';
import { decryptDelivery, type DecryptRequest } from '../../../src/client/delivery/decrypt.ts';
import { openFileSource } from '../../../src/client/content-file/part-source.ts';
import { encodeKey } from '../../../src/client/delivery/key.ts';
import {
  chunkBytes,
  headerBytes,
  sealedChunkBytes,
} from '../../../src/client/delivery/single-format.ts';
import { sealTo } from '../../../src/client/sealing.ts';
import { encryptSingle, type EncryptedSingle } from './encrypt-single.ts';
import { memorySource } from './memory-source.ts';
import { inPieces, newParty, place } from './sample.ts';

const buyer = newParty();

const pattern = (size: number): Uint8Array =>
  Uint8Array.from({ length: size }, (_, index) => (index * 31 + (index >> 8)) & 0xff);

describe('delivery of an earlier release', () => {
  let folder: string;
  let count = 0;
  const fresh = (): string => path.join(folder, `file-${(count += 1)}`);

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'dxl-delivery-'));
  });
  after(() => rm(folder, { recursive: true }));

  async function encrypt(plain: Uint8Array, pieces = 10_000) {
    const target = fresh();
    const source = inPieces(plain, pieces);
    const made = await encryptSingle({
      ...place,
      source,
      target,
      recipient: buyer.encryptionKey,
    });
    return { made, ciphertext: new Uint8Array(await readFile(target)) };
  }

  const requestFor = (made: EncryptedSingle, ciphertext: Uint8Array): DecryptRequest => ({
    ...place,
    source: memorySource([ciphertext]),
    target: fresh(),
    wrappedKey: made.wrappedKey,
    ciphertextDigest: made.ciphertextDigest,
    wrappedKeyDigest: made.wrappedKeyDigest,
  });

  /** The code of the refusal; sees that nothing was left behind. */
  async function refusalOf(request: DecryptRequest, party = buyer): Promise<string> {
    const before = await readdir(folder);
    let code = 'no error';
    try {
      await decryptDelivery(party, request);
    } catch (error) {
      if (!(error instanceof OperationalError)) throw error;
      code = error.code;
    }
    expect(await readdir(folder)).to.deep.equal(before);
    return code;
  }

  /** As if the ledger named these very bytes: what the stream itself refuses. */
  const resealed = (made: EncryptedSingle, ciphertext: Uint8Array): DecryptRequest => {
    const opened = buyer.openSealedBox(made.wrappedKey)!;
    const text = Buffer.from(opened);
    const at = text.indexOf(Buffer.from(made.ciphertextDigest, 'hex'));
    Buffer.from(sha256Hex(ciphertext), 'hex').copy(text, at);
    const wrappedKey = sealTo(buyer.encryptionKey, text);
    return {
      ...requestFor(made, ciphertext),
      wrappedKey,
      wrappedKeyDigest: sha256Hex(wrappedKey),
      ciphertextDigest: sha256Hex(ciphertext),
    };
  };

  for (const size of [0, 1, chunkBytes - 1, chunkBytes, chunkBytes + 1, 2 * chunkBytes, 200_000]) {
    it(`carries ${size} bytes whole`, async () => {
      const plain = pattern(size);
      const { made, ciphertext } = await encrypt(plain);
      expect(made.ciphertextDigest).to.equal(sha256Hex(ciphertext));
      expect(made.ciphertextBytes).to.equal(ciphertext.length);
      expect(made.plaintextBytes).to.equal(size);
      const request = requestFor(made, ciphertext);
      const opened = await decryptDelivery(buyer, request);
      expect(opened).to.deep.equal({ plaintextBytes: size, plaintextDigest: sha256Hex(plain) });
      expect(new Uint8Array(await readFile(request.target))).to.deep.equal(plain);
      if (process.platform !== 'win32') {
        expect((await stat(request.target)).mode & 0o777).to.equal(0o600);
      }
    });
  }

  it('carries a file from disk to disk', async () => {
    const [plain, sealed, opened] = [fresh(), fresh(), fresh()] as const;
    await writeFile(plain, pattern(70_000));
    const recipient = buyer.encryptionKey;
    const made = await encryptSingle({ ...place, source: plain, target: sealed, recipient });
    const source = await openFileSource(sealed);
    await decryptDelivery(buyer, { ...place, ...made, source, target: opened });
    expect(await readFile(opened)).to.deep.equal(await readFile(plain));
  });

  it('does not depend on how the bytes arrive', async () => {
    const plain = pattern(100);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 120 }), async (pieces) => {
        const { made, ciphertext } = await encrypt(plain, pieces);
        const source = memorySource([ciphertext], pieces);
        const opened = await decryptDelivery(buyer, { ...requestFor(made, ciphertext), source });
        expect(opened.plaintextDigest).to.equal(sha256Hex(plain));
      }),
      { numRuns: 20 },
    );
  });

  it('never encrypts twice under one key', async () => {
    const [first, second] = [await encrypt(pattern(10)), await encrypt(pattern(10))];
    expect(first.made.ciphertextDigest).to.not.equal(second.made.ciphertextDigest);
  });

  it('refuses bytes other than those that the ledger names', async () => {
    const { made, ciphertext } = await encrypt(pattern(100));
    const other = await encrypt(pattern(100));
    const request = () => requestFor(made, ciphertext);
    const wrong = sha256Hex(Uint8Array.of(1));
    expect(await refusalOf({ ...request(), ciphertextDigest: wrong })).to.equal('DELIVERY_DIGEST');
    expect(await refusalOf({ ...request(), wrappedKeyDigest: wrong })).to.equal('DELIVERY_DIGEST');
    expect(await refusalOf(requestFor(made, other.ciphertext))).to.equal('DELIVERY_ALTERED');
  });

  it('refuses truncation at every border and elsewhere', async () => {
    const { made, ciphertext } = await encrypt(pattern(2 * chunkBytes + 100));
    const borders = [0, 10, headerBytes, headerBytes + 5, headerBytes + sealedChunkBytes];
    for (const size of [...borders, headerBytes + 2 * sealedChunkBytes, ciphertext.length - 1]) {
      const cut = ciphertext.slice(0, size);
      const code = await refusalOf(resealed(made, cut));
      expect(code, String(size)).to.match(/^DELIVERY_(TRUNCATED|ALTERED|FORMAT)$/);
      expect(await refusalOf(requestFor(made, cut)), String(size)).to.match(/^DELIVERY_/);
    }
    const atBorder = ciphertext.slice(0, headerBytes + sealedChunkBytes);
    expect(await refusalOf(resealed(made, atBorder))).to.equal('DELIVERY_TRUNCATED');
  });

  it('refuses chunks in another order, doubled, left out or added', async () => {
    const { made, ciphertext } = await encrypt(pattern(3 * chunkBytes));
    const head = ciphertext.slice(0, headerBytes);
    const chunk = (index: number): Uint8Array =>
      ciphertext.slice(
        headerBytes + index * sealedChunkBytes,
        headerBytes + (index + 1) * sealedChunkBytes,
      );
    for (const order of [[1, 0, 2], [0, 0, 1, 2], [0, 2], [0, 1, 2, 2], [2], [0, 1]]) {
      const moved = new Uint8Array(Buffer.concat([head, ...order.map(chunk)]));
      const code = await refusalOf(resealed(made, moved));
      expect(code, order.join()).to.match(/^DELIVERY_(ALTERED|TRUNCATED)$/);
    }
    const added = new Uint8Array(Buffer.concat([ciphertext, Uint8Array.of(0)]));
    expect(await refusalOf(resealed(made, added))).to.equal('DELIVERY_ALTERED');
  });

  it('refuses any bit changed', async () => {
    const { made, ciphertext } = await encrypt(pattern(300));
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: ciphertext.length - 1 }),
        fc.integer({ min: 0, max: 7 }),
        async (index, bit) => {
          const changed = Uint8Array.from(ciphertext);
          changed[index] = (changed[index] ?? 0) ^ (1 << bit);
          expect(await refusalOf(resealed(made, changed))).to.match(/^DELIVERY_(ALTERED|FORMAT)$/);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('refuses a key or a stream of another trade or chain', async () => {
    const { made, ciphertext } = await encrypt(pattern(300));
    for (const other of [{ tradeId: 'trade-2' }, { chainId: 'dxl-other' }]) {
      const request = { ...requestFor(made, ciphertext), ...other };
      expect(await refusalOf(request)).to.equal('DELIVERY_OTHER_TRADE');
    }
    // A seller that wraps the old stream's key for another trade is found out by the stream.
    const other = { ...place, tradeId: 'trade-2' };
    const box = Buffer.from(buyer.openSealedBox(made.wrappedKey)!);
    const key = box.subarray(box.indexOf('trade-1') + 7 + 2).subarray(0, 32);
    const { ciphertextDigest, plaintextBytes } = made;
    const wrappedKey = sealTo(
      buyer.encryptionKey,
      encodeKey(other, { format: 1, key, ciphertextDigest, plaintextBytes }),
    );
    const wrappedKeyDigest = sha256Hex(wrappedKey);
    const request = { ...requestFor(made, ciphertext), ...other, wrappedKey, wrappedKeyDigest };
    expect(await refusalOf(request)).to.equal('DELIVERY_ALTERED');
  });

  it('refuses a wrapped key that is not one', async () => {
    const { made, ciphertext } = await encrypt(pattern(30));
    for (const content of [Uint8Array.of(), Uint8Array.of(0x80), Uint8Array.of(1, 2, 3)]) {
      const wrappedKey = sealTo(buyer.encryptionKey, content);
      const wrappedKeyDigest = sha256Hex(wrappedKey);
      const request = { ...requestFor(made, ciphertext), wrappedKey, wrappedKeyDigest };
      expect(await refusalOf(request)).to.equal('DELIVERY_KEY_INVALID');
    }
  });

  it('opens for the buyer only', async () => {
    const { made, ciphertext } = await encrypt(pattern(30));
    expect(await refusalOf(requestFor(made, ciphertext), newParty())).to.equal('SEAL_NOT_OPENED');
  });

  it('overwrites nothing', async () => {
    const { made, ciphertext } = await encrypt(pattern(30));
    const target = fresh();
    await writeFile(target, 'precious');
    const request = { ...requestFor(made, ciphertext), target };
    expect(await refusalOf(request)).to.equal('FILE_EXISTS');
    expect(await readFile(target, 'utf8')).to.equal('precious');
  });
});
