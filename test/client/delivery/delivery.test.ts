/** `dxl-delivery/2`: parts that open by themselves, each only in its place. */
import { expect } from 'chai';
import fc from 'fast-check';
import { mkdtemp, open, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sha256Hex } from '../../../src/base/hash.ts';
import { OperationalError } from '../../../src/base/operational-error.ts';
import { digestOf } from '../../../src/client/content-file/describe.ts';
import { openFileSource, type PartSource } from '../../../src/client/content-file/part-source.ts';
import { decryptDelivery, type DecryptRequest } from '../../../src/client/delivery/decrypt.ts';
import { encryptDelivery, type Encrypted } from '../../../src/client/delivery/encrypt.ts';
import {
  chunkBytes,
  chunkOverheadBytes,
  headerBytes,
  partPlainBytes,
} from '../../../src/client/delivery/format.ts';
import { decodeKey, encodeKey, type PartsKey } from '../../../src/client/delivery/key.ts';
import { sealTo } from '../../../src/client/sealing.ts';
import { partBytes } from '../../../src/content/manifest.ts';
import { memorySource, nativeSha256 } from './memory-source.ts';
import { inPieces, newParty, place } from './sample.ts';

const buyer = newParty();
const sealedChunkBytes = chunkBytes + chunkOverheadBytes;

/** Of a period that fits neither chunks nor parts. */
function pattern(size: number): Uint8Array {
  const period = Uint8Array.from({ length: 65_537 }, (_, at) => (at * 31 + (at >> 8)) & 0xff);
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += period.length) {
    bytes.set(period.subarray(0, Math.min(period.length, size - at)), at);
  }
  return bytes;
}

interface Made {
  readonly made: Encrypted;
  readonly parts: readonly Uint8Array[];
  readonly plain: Uint8Array;
}

describe('delivery', function () {
  let folder: string;
  let count = 0;
  const fresh = (): string => path.join(folder, `file-${(count += 1)}`);

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'dxl-delivery-'));
  });
  after(() => rm(folder, { recursive: true }));

  async function encrypt(plain: Uint8Array, pieces = 10_000): Promise<Made> {
    const target = fresh();
    const source = inPieces(plain, pieces);
    const recipient = buyer.encryptionKey;
    const made = await encryptDelivery({ ...place, source, target, recipient });
    const whole = new Uint8Array(await readFile(target));
    await rm(target);
    const parts = made.content.parts.map((_part, index) =>
      whole.subarray(index * partBytes, (index + 1) * partBytes),
    );
    return { made, parts, plain };
  }

  const requestFor = ({ made, parts }: Pick<Made, 'made' | 'parts'>): DecryptRequest => ({
    ...place,
    source: memorySource(parts),
    target: fresh(),
    wrappedKey: made.wrappedKey,
    ciphertextDigest: made.content.digest,
    wrappedKeyDigest: made.wrappedKeyDigest,
  });

  const outcomeOf = (step: Promise<unknown>): Promise<string> =>
    step.then(
      () => 'no error',
      (error: unknown) => {
        if (error instanceof OperationalError) return error.code;
        throw error;
      },
    );

  /** The code of the refusal; sees that nothing was left behind. */
  async function refusalOf(request: DecryptRequest, party = buyer): Promise<string> {
    const before = await readdir(folder);
    const code = await outcomeOf(decryptDelivery(party, request));
    expect(await readdir(folder)).to.deep.equal(before);
    return code;
  }

  const keyOf = (made: Encrypted): PartsKey => {
    const key = decodeKey(place, buyer.openSealedBox(made.wrappedKey)!);
    if (key.format !== 2) throw new Error('it is of this release');
    return key;
  };

  /** As if seller and ledger named these very parts: what the format itself refuses. */
  function named(
    { made }: Pick<Made, 'made'>,
    parts: readonly Uint8Array[],
    other: Partial<PartsKey> = {},
  ): DecryptRequest {
    const source = memorySource(parts);
    const ciphertextDigest = digestOf(source.content);
    const overhead = parts.reduce((sum, part) => sum + overheadOf(part.length), 0);
    const plaintextBytes = Math.max(source.content.bytes - overhead, 0);
    const key = { ...keyOf(made), ciphertextDigest, plaintextBytes, ...other };
    const wrappedKey = sealTo(buyer.encryptionKey, encodeKey(place, key));
    const wrappedKeyDigest = sha256Hex(wrappedKey);
    return { ...place, source, target: fresh(), wrappedKey, ciphertextDigest, wrappedKeyDigest };
  }

  const overheadOf = (bytes: number): number =>
    headerBytes + Math.ceil((bytes - headerBytes) / sealedChunkBytes) * chunkOverheadBytes;

  describe('of one part', () => {
    for (const size of [0, 1, chunkBytes - 1, chunkBytes, chunkBytes + 1, 2 * chunkBytes]) {
      it(`carries ${size} bytes whole`, async () => {
        const delivery = await encrypt(pattern(size));
        const { made, parts, plain } = delivery;
        expect(made.content.digest).to.equal(sha256Hex(parts[0]!));
        expect(made.content.bytes).to.equal(parts[0]!.length);
        expect(made).to.include({ plaintextBytes: size, plaintextDigest: sha256Hex(plain) });
        const request = requestFor(delivery);
        const opened = await decryptDelivery(buyer, request);
        expect(opened).to.deep.equal({ plaintextBytes: size, plaintextDigest: sha256Hex(plain) });
        expect(new Uint8Array(await readFile(request.target))).to.deep.equal(plain);
        if (process.platform !== 'win32') {
          expect((await stat(request.target)).mode & 0o777).to.equal(0o600);
        }
      });
    }

    it('goes from disk to disk, and does not depend on how the bytes arrive', async () => {
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 1, max: 120 }), async (pieces) => {
          const { made, parts, plain } = await encrypt(pattern(100), pieces);
          const source = memorySource(parts, pieces);
          const request = { ...requestFor({ made, parts }), source };
          const opened = await decryptDelivery(buyer, request);
          expect(opened.plaintextDigest).to.equal(sha256Hex(plain));
        }),
        { numRuns: 20 },
      );
      const [plain, sealed, target] = [fresh(), fresh(), fresh()] as const;
      await writeFile(plain, pattern(70_000));
      const recipient = buyer.encryptionKey;
      const made = await encryptDelivery({ ...place, source: plain, target: sealed, recipient });
      const source = await openFileSource(sealed);
      const ciphertextDigest = made.content.digest;
      await decryptDelivery(buyer, { ...place, ...made, ciphertextDigest, source, target });
      expect(await readFile(target)).to.deep.equal(await readFile(plain));
    });

    it('never encrypts twice under one key', async () => {
      const [first, second] = [await encrypt(pattern(10)), await encrypt(pattern(10))];
      expect(keyOf(first.made).key).to.not.deep.equal(keyOf(second.made).key);
      expect(first.made.content.digest).to.not.equal(second.made.content.digest);
    });

    it('refuses bytes other than those that the ledger names', async () => {
      const delivery = await encrypt(pattern(100));
      const other = await encrypt(pattern(100));
      const wrong = sha256Hex(Uint8Array.of(1));
      const request = () => requestFor(delivery);
      for (const name of ['ciphertextDigest', 'wrappedKeyDigest']) {
        expect(await refusalOf({ ...request(), [name]: wrong }), name).to.equal('DELIVERY_DIGEST');
      }
      const { source } = requestFor(other);
      expect(await refusalOf({ ...request(), source })).to.equal('DELIVERY_DIGEST');
      const { wrappedKey, wrappedKeyDigest } = other.made;
      const mixed = { ...request(), wrappedKey, wrappedKeyDigest };
      expect(await refusalOf(mixed)).to.equal('DELIVERY_DIGEST');
    });

    it('refuses any bit changed', async () => {
      const { made, parts } = await encrypt(pattern(300));
      const sealed = parts[0]!;
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 0, max: sealed.length - 1 }),
          fc.integer({ min: 0, max: 7 }),
          async (index, bit) => {
            const changed = Uint8Array.from(sealed);
            changed[index] = (changed[index] ?? 0) ^ (1 << bit);
            const code = await refusalOf(named({ made }, [changed]));
            expect(code).to.match(/^DELIVERY_(ALTERED|FORMAT)$/);
          },
        ),
        { numRuns: 60 },
      );
    });

    it('refuses chunks in another order, doubled, left out, added or cut', async () => {
      const { made, parts } = await encrypt(pattern(3 * chunkBytes));
      const sealed = parts[0]!;
      const head = sealed.slice(0, headerBytes);
      const chunk = (index: number): Uint8Array =>
        sealed.slice(headerBytes + index * sealedChunkBytes).slice(0, sealedChunkBytes);
      for (const order of [[1, 0, 2], [0, 0, 1, 2], [0, 2], [0, 1, 2, 2], [2], [0, 1]]) {
        const moved = new Uint8Array(Buffer.concat([head, ...order.map(chunk)]));
        const code = await refusalOf(named({ made }, [moved]));
        expect(code, order.join()).to.equal('DELIVERY_ALTERED');
      }
      const added = new Uint8Array(Buffer.concat([sealed, new Uint8Array(chunkOverheadBytes)]));
      expect(await refusalOf(named({ made }, [added]))).to.equal('DELIVERY_ALTERED');
      for (const size of [1, 10, headerBytes, headerBytes + 5, sealed.length - 1]) {
        const code = await refusalOf(named({ made }, [sealed.slice(0, size)]));
        expect(code, String(size)).to.match(/^DELIVERY_(ALTERED|FORMAT)$/);
      }
    });

    it('refuses a key or a ciphertext of another trade or chain', async () => {
      const delivery = await encrypt(pattern(300));
      for (const other of [{ tradeId: 'trade-2' }, { chainId: 'dxl-other' }]) {
        const request = { ...requestFor(delivery), ...other };
        expect(await refusalOf(request)).to.equal('DELIVERY_OTHER_TRADE');
      }
      // A seller that wraps the old key for another trade is found out by the ciphertext.
      const other = { ...place, tradeId: 'trade-2' };
      const wrappedKey = sealTo(buyer.encryptionKey, encodeKey(other, keyOf(delivery.made)));
      const wrappedKeyDigest = sha256Hex(wrappedKey);
      const request = { ...requestFor(delivery), ...other, wrappedKey, wrappedKeyDigest };
      expect(await refusalOf(request)).to.equal('DELIVERY_ALTERED');
    });

    it('refuses a wrapped key that is not one, or that states what is not so', async () => {
      const delivery = await encrypt(pattern(30));
      const { made, parts } = delivery;
      const boxed = (content: Uint8Array): DecryptRequest => {
        const wrappedKey = sealTo(buyer.encryptionKey, content);
        return { ...requestFor(delivery), wrappedKey, wrappedKeyDigest: sha256Hex(wrappedKey) };
      };
      const { key } = keyOf(made);
      for (const content of [
        ...[Uint8Array.of(), Uint8Array.of(0x80), Uint8Array.of(1, 2, 3)],
        encodeKey(place, { ...keyOf(made), key: key.slice(1) }),
        // The key of this release in the form of the one before, and the other way round.
        encodeKey(place, { ...keyOf(made), format: 2 }).subarray(0, -1),
      ]) {
        expect(await refusalOf(boxed(content))).to.equal('DELIVERY_KEY_INVALID');
      }
      const single = encodeKey(place, { ...keyOf(made), format: 1 });
      expect(await refusalOf(boxed(single))).to.equal('DELIVERY_FORMAT');
      for (const plaintextBytes of [0, 29, 31, 2 ** 52]) {
        const code = await refusalOf(named(delivery, parts, { plaintextBytes }));
        expect(code, String(plaintextBytes)).to.equal('DELIVERY_ALTERED');
      }
      const plaintextDigest = sha256Hex(Uint8Array.of(1));
      const request = named(delivery, parts, { plaintextDigest });
      expect(await refusalOf(request)).to.equal('DELIVERY_ALTERED');
    });

    it('opens for the buyer only', async () => {
      const delivery = await encrypt(pattern(30));
      expect(await refusalOf(requestFor(delivery), newParty())).to.equal('SEAL_NOT_OPENED');
    });

    it('says of a file that cannot be read which it is, and leaves nothing behind', async () => {
      const source = `${fresh()}-absent`;
      expect(await outcomeOf(openFileSource(source))).to.equal('FILE_UNREADABLE');
      const taken = fresh();
      await writeFile(taken, 'precious');
      for (const [target, code] of [
        [fresh(), 'FILE_UNREADABLE'],
        [taken, 'FILE_EXISTS'],
      ] as const) {
        const request = { ...place, source, target, recipient: buyer.encryptionKey };
        expect(await outcomeOf(encryptDelivery(request))).to.equal(code);
      }
      expect((await readdir(folder)).filter((name) => name.endsWith('.partial'))).to.deep.equal([]);
      const request = { ...requestFor(await encrypt(pattern(30))), target: taken };
      expect(await refusalOf(request)).to.equal('FILE_EXISTS');
      expect(await readFile(taken, 'utf8')).to.equal('precious');
    });
  });

  describe('of several parts', () => {
    let delivery: Made;
    let other: Made;

    before(async () => {
      delivery = await encrypt(pattern(2 * partPlainBytes + 100_000), 2 ** 20);
      other = await encrypt(pattern(partPlainBytes + 10), 2 ** 20);
    });

    it('has parts of the size of content, and a manifest as its digest', () => {
      const { content } = delivery.made;
      expect(content.parts.map(({ bytes }) => bytes).slice(0, 2)).to.deep.equal([
        partBytes,
        partBytes,
      ]);
      expect(content.parts).to.deep.equal(memorySource(delivery.parts).content.parts);
      expect(content.digest).to.equal(digestOf(content));
    });

    it('is one part, full, where it just fills it', async () => {
      const full = await encrypt(pattern(partPlainBytes), 2 ** 20);
      expect(full.parts.map(({ length }) => length)).to.deep.equal([partBytes]);
      const { target, ...request } = requestFor(full);
      await decryptDelivery(buyer, { ...request, target });
      expect((await stat(target)).size).to.equal(partPlainBytes);
      await rm(target);
    });

    it('goes on at the part where it broke off, and checks what was there before', async () => {
      const request = requestFor(delivery);
      const asked: number[] = [];
      const breaking = (at: number): PartSource => ({
        ...request.source,
        read(index, take) {
          asked.push(index);
          if (index === at) return Promise.reject(new OperationalError('CONTENT_BROKEN_OFF', ''));
          return request.source.read(index, take);
        },
      });
      const run = (at: number) =>
        outcomeOf(decryptDelivery(buyer, { ...request, source: breaking(at) }));
      expect(await run(1)).to.equal('CONTENT_BROKEN_OFF');
      expect(await run(2)).to.equal('CONTENT_BROKEN_OFF');
      expect(asked.splice(0)).to.deep.equal([0, 1, 1, 2]);
      // The buyer's own disk is not trusted, either.
      const partial = path.join(folder, `.${path.basename(request.target)}.dxl-part`);
      const handle = await open(partial, 'r+');
      await handle.write(Uint8Array.of(0xff), 0, 1, 5).finally(() => handle.close());
      expect(await run(-1)).to.equal('FILE_ALTERED');
      expect(asked.splice(0)).to.deep.equal([2]);
      expect(await run(-1)).to.equal('no error');
      expect(asked).to.deep.equal([0, 1, 2]);
      const opened = new Uint8Array(await readFile(request.target));
      expect(nativeSha256(opened)).to.equal(nativeSha256(delivery.plain));
      await rm(request.target);
    });

    it('refuses parts in another order, doubled, left out, or of another delivery', async () => {
      const [first, second, last] = delivery.parts as [Uint8Array, Uint8Array, Uint8Array];
      for (const [name, parts] of [
        ['swapped', [second, first, last]],
        ['doubled', [first, first, last]],
        ['first left out', [second, last]],
        ['last left out', [first, second]],
        ['all but the first left out', [first]],
        ['one of another delivery', [first, other.parts[0]!, last]],
        ['the end of another delivery', [first, second, other.parts[1]!]],
        ['one more at the end', [first, second, second, last]],
      ] as const) {
        expect(await refusalOf(named(delivery, parts)), name).to.equal('DELIVERY_ALTERED');
      }
    });

    it('lets a last part be no other part, and no other part the last', async () => {
      // Both of full size, so that nothing but the chunk's place tells them apart.
      const full = await encrypt(pattern(2 * partPlainBytes), 2 ** 20);
      const [first, last] = full.parts as [Uint8Array, Uint8Array];
      expect([first.length, last.length]).to.deep.equal([partBytes, partBytes]);
      expect(await refusalOf(named(full, [first]))).to.equal('DELIVERY_ALTERED');
      expect(await refusalOf(named(full, [first, last, last]))).to.equal('DELIVERY_ALTERED');
      expect(await outcomeOf(decryptDelivery(buyer, named(full, [first, last])))).to.equal(
        'no error',
      );
    });
  });
});
