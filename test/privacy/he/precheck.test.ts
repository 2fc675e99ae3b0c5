import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { withScope } from '../../../src/privacy/he/engine/scope.ts';
import { loadSeal } from '../../../src/privacy/he/engine/seal.ts';
import { chunkLeaf } from '../../../src/privacy/he/merkle.ts';
import {
  ciphertextBytes,
  precheckCiphertext,
  type CiphertextForm,
} from '../../../src/privacy/he/precheck.ts';
import { findPreset } from '../../../src/privacy/he/presets.ts';
import { openEvaluatorPool, openSellerPool } from '../../../src/privacy/he/worker/pool.ts';
import { nameOf, taken } from './sample-job.ts';

const preset = taken(findPreset('sum-4k'));

describe('byte pre-check of SEAL ciphertexts', () => {
  const seller = openSellerPool({ presetId: preset.id, size: 1 });
  const evaluator = openEvaluatorPool({ presetId: preset.id, size: 1 });
  let dir = '';
  let seeded: Uint8Array = new Uint8Array();
  let full: Uint8Array = new Uint8Array();
  let secretKey: Uint8Array = new Uint8Array();
  let publicKey: Uint8Array = new Uint8Array();

  const writeRecords = async (records: readonly Uint8Array[]): Promise<string> => {
    const file = join(dir, 'records.bin');
    await writeFile(file, Buffer.concat(records));
    return file;
  };

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'dxl-he-precheck-'));
    ({ secretKey, publicKey } = taken(await seller.run('makeKey', {})));
    const values = Int32Array.from({ length: 4096 }, (_, slot) => slot - 2048);
    const encrypted = taken(await seller.run('encrypt', { secretKey, values }));
    seeded = encrypted.records[0] ?? seeded;
    const file = await writeRecords([seeded]);
    const records = [{ file, offset: 0, index: 0, leaf: chunkLeaf(0, seeded) }];
    full = taken(await evaluator.run('sumRecords', { records })).partial;
  });

  after(async () => {
    seller.close();
    evaluator.close();
    await rm(dir, { recursive: true, force: true });
  });

  it('knows the lengths that SEAL writes', () => {
    expect(ciphertextBytes(preset, 'seeded')).to.equal(32_962).and.to.equal(seeded.length);
    expect(ciphertextBytes(preset, 'full')).to.equal(65_649).and.to.equal(full.length);
  });

  it('accepts both forms, each as itself only', () => {
    expect(nameOf(precheckCiphertext(preset, 'seeded', seeded))).to.equal('ok');
    expect(nameOf(precheckCiphertext(preset, 'full', full))).to.equal('ok');
    expect(nameOf(precheckCiphertext(preset, 'full', seeded))).to.equal('HE_CT_LENGTH');
    expect(nameOf(precheckCiphertext(preset, 'seeded', full))).to.equal('HE_CT_LENGTH');
  });

  it('cannot tell a seeded public key, which is an encryption of zero', () => {
    expect(nameOf(precheckCiphertext(preset, 'seeded', publicKey))).to.equal('ok');
  });

  it('names what is wrong with the bytes', () => {
    const changed = (source: Uint8Array, offset: number, bytes: readonly number[]): Uint8Array => {
      const copy = Uint8Array.from(source);
      copy.set(bytes, offset);
      return copy;
    };
    const prime = [1, 192, 255, 255, 255, 255, 255, 15];
    const belowPrime = [0, 192, 255, 255, 255, 255, 255, 15];
    const transparent = Uint8Array.from(full).fill(0, 113 + 8 * 4096);
    const rows: [string, CiphertextForm, Uint8Array, string][] = [
      ['nothing', 'seeded', new Uint8Array(), 'HE_CT_LENGTH'],
      ['one byte less', 'seeded', seeded.subarray(1), 'HE_CT_LENGTH'],
      ['one byte more', 'seeded', Uint8Array.from([...seeded, 0]), 'HE_CT_LENGTH'],
      ['a secret key', 'seeded', secretKey, 'HE_EVAL_KEYS_NOT_ACCEPTED'],
      ['other magic', 'seeded', changed(seeded, 0, [0]), 'HE_CT_HEADER'],
      ['another version', 'seeded', changed(seeded, 3, [3]), 'HE_CT_HEADER'],
      ['compression', 'seeded', changed(seeded, 5, [2]), 'HE_CT_HEADER'],
      ['another declared length', 'full', changed(full, 8, [0]), 'HE_CT_HEADER'],
      ['other parameters', 'full', changed(full, 16, [0]), 'HE_CT_HEADER'],
      ['coefficient form', 'full', changed(full, 48, [0]), 'HE_CT_HEADER'],
      ['three polynomials', 'full', changed(full, 49, [3]), 'HE_CT_HEADER'],
      ['a scale', 'full', changed(full, 73, [1]), 'HE_CKKS_RELEASE_FORBIDDEN'],
      ['a correction factor', 'full', changed(full, 81, [2]), 'HE_CT_HEADER'],
      ['another count of words', 'full', changed(full, 105, [1]), 'HE_CT_HEADER'],
      ['another generator', 'seeded', changed(seeded, 32_897, [2]), 'HE_CT_HEADER'],
      ['a residue of its prime', 'full', changed(full, 113, prime), 'HE_CT_RESIDUE'],
      ['a residue just below it', 'full', changed(full, 113, belowPrime), 'ok'],
      ['the last residue', 'full', changed(full, full.length - 1, [16]), 'HE_CT_RESIDUE'],
      ['a zero second polynomial', 'full', transparent, 'HE_CT_RESIDUE'],
    ];
    for (const [title, form, bytes, expected] of rows) {
      expect(nameOf(precheckCiphertext(preset, form, bytes)), title).to.equal(expected);
    }
  });

  it('refuses evaluation keys and approximate ciphertexts made with SEAL itself', async () => {
    const seal = await loadSeal();
    const none = seal.ComprModeType.none;
    withScope((own) => {
      const parameters = own(seal.EncryptionParameters(seal.SchemeType.ckks));
      parameters.setPolyModulusDegree(4096);
      parameters.setCoeffModulus(own(seal.CoeffModulus.Create(4096, Int32Array.from([40, 40]))));
      const context = own(seal.Context(parameters, true, seal.SecurityLevel.tc128));
      const generator = own(seal.KeyGenerator(context));
      const secret = own(generator.secretKey());
      const encoder = own(seal.CKKSEncoder(context));
      const plain = own(seal.PlainText());
      encoder.encode(Float64Array.of(1.5), 2 ** 30, plain);
      const encryptor = own(seal.Encryptor(context, own(generator.createPublicKey()), secret));
      const approximate = own(encryptor.encryptSymmetricSerializable(plain)).saveArray(none);
      const keys = [
        own(generator.createRelinKeysSerializable()).saveArray(none),
        own(generator.createRelinKeys()).saveArray(none),
        own(generator.createGaloisKeysSerializable(Int32Array.of(1))).saveArray(none),
        own(generator.createGaloisKeys(Int32Array.of(1, 2))).saveArray(none),
        secret.saveArray(none),
      ];
      for (const key of keys) {
        const name = nameOf(precheckCiphertext(preset, 'seeded', key));
        expect(name, `${key.length} bytes`).to.equal('HE_EVAL_KEYS_NOT_ACCEPTED');
      }
      expect(nameOf(precheckCiphertext(preset, 'seeded', approximate))).to.equal(
        'HE_CKKS_RELEASE_FORBIDDEN',
      );
    });
  });

  it('lets through 6,000 mutations only what is a ciphertext', async () => {
    const known = /^(ok|HE_CT_(LENGTH|HEADER|RESIDUE)|HE_EVAL_KEYS_.*|HE_CKKS_.*)$/;
    const processes = evaluator.processIds();
    const accepted: Record<CiphertextForm, Uint8Array[]> = { seeded: [], full: [] };
    const sequence = mutations(20_240_601);
    for (let round = 0; round < 6000; round += 1) {
      const form = round % 2 === 0 ? 'seeded' : 'full';
      const mutated = sequence(form === 'seeded' ? seeded : full);
      const name = nameOf(precheckCiphertext(preset, form, mutated));
      expect(name, `mutation ${round}`).to.match(known);
      if (name === 'ok') accepted[form].push(mutated);
      if (name !== 'ok' && round % 16 === 1) {
        const sum = await evaluator.run('sumPartials', { partials: [mutated] });
        expect(nameOf(sum), `mutation ${round}`).to.equal(name);
      }
    }
    expect(accepted.seeded.length).to.be.greaterThan(100);
    expect(accepted.full.length).to.be.greaterThan(100);
    const file = await writeRecords(accepted.seeded);
    const records = accepted.seeded.map((bytes, index) => {
      return { file, offset: index * seeded.length, index, leaf: chunkLeaf(index, bytes) };
    });
    expect(nameOf(await evaluator.run('sumRecords', { records }))).to.equal('ok');
    const partials = accepted.full.slice(0, 300);
    expect(nameOf(await evaluator.run('sumPartials', { partials }))).to.equal('ok');
    expect(evaluator.processIds()).to.deep.equal(processes);
  });

  it('leaves flipped bits to the digest, which refuses them', async () => {
    const flipped = Uint8Array.from(seeded);
    flipped[200] = (flipped[200] ?? 0) ^ 1;
    expect(nameOf(precheckCiphertext(preset, 'seeded', flipped))).to.equal('ok');
    const file = await writeRecords([flipped]);
    const records = [{ file, offset: 0, index: 0, leaf: chunkLeaf(0, seeded) }];
    expect(nameOf(await evaluator.run('sumRecords', { records }))).to.equal('HE_DIGEST_MISMATCH');
  });
});

/** Bit flips near and far, cut and grown ends, overwritten runs; the same for the same seed. */
function mutations(seed: number): (source: Uint8Array) => Uint8Array {
  let state = seed;
  const next = (limit: number): number => (state = (state * 48_271) % 2_147_483_647) % limit;
  return (source) => {
    const kind = next(6);
    if (kind === 0) return source.slice(0, next(source.length));
    if (kind === 1) return Uint8Array.from([...source, ...new Array<number>(1 + next(40)).fill(7)]);
    const copy = Uint8Array.from(source);
    const area = kind === 2 ? 113 : copy.length;
    if (kind === 3) {
      const start = next(copy.length);
      return copy.fill(next(256), start, start + 1 + next(64));
    }
    const offset = kind === 4 ? copy.length - 1 - next(81) : next(area);
    copy[offset] = (copy[offset] ?? 0) ^ (1 << next(8));
    return copy;
  };
}
