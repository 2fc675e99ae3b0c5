import { ed25519 } from '@noble/curves/ed25519.js';
import { expect } from 'chai';
import fc from 'fast-check';
import { fromHex, toHex } from '../../../src/base/bytes.ts';
import {
  isSoundPublicKey,
  signingKeyFromSeed,
  verifyEd25519,
} from '../../../src/chain/tx/signature.ts';
import { conditions, smallOrderEncodings, smallOrderPairs } from '../../support/ed25519-edges.ts';

/** RFC 8032, 7.1: tests 1 to 3. */
const rfc8032 = [
  [
    '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    '',
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  ],
  [
    '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    '72',
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  ],
  [
    'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
    'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    'af82',
    '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  ],
] as const;

/** No point has the abscissa of the first; the second is above the field's prime. */
const notPoints = [`02${'00'.repeat(31)}`, 'ff'.repeat(32)];

/** Throws on some bad encodings where it might say no. */
function noble(publicKey: string, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    return ed25519.verify(signature, message, fromHex(publicKey), { zip215: false });
  } catch {
    return false;
  }
}

describe('chain/tx: Ed25519 (M-12)', () => {
  for (const [at, [seed, publicKey, message, signature]] of rfc8032.entries()) {
    it(`signs and verifies RFC 8032 test ${at + 1}`, () => {
      const key = signingKeyFromSeed(fromHex(seed));
      expect(key.publicKey).to.equal(publicKey);
      expect(toHex(key.sign(fromHex(message)))).to.equal(signature);
      expect(verifyEd25519(fromHex(publicKey), fromHex(message), fromHex(signature))).to.equal(
        true,
      );
    });
  }

  for (const { title, publicKey, message, signature, accepted } of conditions) {
    it(`${accepted ? 'accepts' : 'refuses'}, for ever: ${title}`, () => {
      const answer = verifyEd25519(fromHex(publicKey), fromHex(message), fromHex(signature));
      expect(answer).to.equal(accepted);
    });
  }

  it('refuses every pair of small-order A and R', () => {
    expect(smallOrderPairs).to.have.length(196);
    for (const { title, publicKey, message, signature } of smallOrderPairs) {
      const answer = verifyEd25519(fromHex(publicKey), fromHex(message), fromHex(signature));
      expect(answer, title).to.equal(false);
    }
  });

  it('refuses a good signature whose A or R is of small order, off the curve or not canonical', () => {
    const [, publicKey, message, signature] = rfc8032[1];
    for (const encoding of [...smallOrderEncodings, ...notPoints]) {
      const otherKey = [encoding, message, signature];
      const otherCommitment = [publicKey, message, encoding + signature.slice(64)];
      for (const [key = '', sent = '', signed = ''] of [otherKey, otherCommitment]) {
        expect(verifyEd25519(fromHex(key), fromHex(sent), fromHex(signed)), encoding).to.equal(
          false,
        );
      }
    }
  });

  it('registers no key of small or mixed order, off the curve or not canonical', () => {
    const sound = (publicKey: string): boolean => isSoundPublicKey(fromHex(publicKey));
    for (const [, publicKey] of rfc8032) expect(sound(publicKey)).to.equal(true);
    for (const encoding of [...smallOrderEncodings, ...notPoints]) {
      expect(sound(encoding), encoding).to.equal(false);
    }
    const mixed = conditions.filter(({ title }) => title.startsWith('mixed order A'));
    expect(mixed).to.have.length(4);
    for (const { title, publicKey } of mixed) expect(sound(publicKey), title).to.equal(false);
    expect(isSoundPublicKey(new Uint8Array(31))).to.equal(false);
  });

  it('agrees with the cross-check library on honest and on damaged signatures', () => {
    const seed = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const damage = fc.option(fc.tuple(fc.constantFrom('key', 'message', 'signature'), fc.nat()));
    fc.assert(
      fc.property(
        seed,
        fc.uint8Array({ minLength: 1, maxLength: 80 }),
        damage,
        (of, sent, flip) => {
          const key = signingKeyFromSeed(of);
          const parts = {
            key: fromHex(key.publicKey),
            message: sent.slice(),
            signature: key.sign(sent),
          };
          if (flip) {
            const bytes = parts[flip[0]];
            const bit = flip[1] % (bytes.length * 8);
            bytes[bit >> 3] = bytes[bit >> 3]! ^ (1 << (bit & 7));
          }
          const answer = verifyEd25519(parts.key, parts.message, parts.signature);
          const other = noble(toHex(parts.key), parts.message, parts.signature);
          expect(answer).to.equal(other);
          expect(answer).to.equal(flip === null);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('refuses keys and signatures of another length', () => {
    const key = signingKeyFromSeed(new Uint8Array(32));
    const signature = key.sign(Uint8Array.of(1));
    const publicKey = fromHex(key.publicKey);
    expect(verifyEd25519(publicKey, Uint8Array.of(1), signature)).to.equal(true);
    expect(verifyEd25519(publicKey, Uint8Array.of(1), signature.subarray(1))).to.equal(false);
    expect(verifyEd25519(publicKey.subarray(1), Uint8Array.of(1), signature)).to.equal(false);
    expect(verifyEd25519(new Uint8Array(33), Uint8Array.of(1), signature)).to.equal(false);
  });
});
