import { expect } from 'chai';
import { fromHex } from '../../src/base/bytes.ts';
import { signingKeyFromSeed, verifyEd25519 } from '../../src/chain/tx/signature.ts';
import { verifySignature } from '../../src/proof/signature.ts';
import { conditions, smallOrderPairs } from '../support/ed25519-edges.ts';

describe('proof: Ed25519 without native code (M-12)', () => {
  for (const { title, accepted, ...hex } of conditions) {
    it(`${accepted ? 'accepts' : 'refuses'}, as the chain does: ${title}`, () => {
      const vector = [
        fromHex(hex.publicKey),
        fromHex(hex.message),
        fromHex(hex.signature),
      ] as const;
      expect(verifySignature(...vector)).to.equal(accepted);
      expect(verifyEd25519(...vector)).to.equal(accepted);
    });
  }

  it('refuses, as the chain does, every pair of small-order A and R', () => {
    for (const { title, ...hex } of smallOrderPairs) {
      const answer = verifySignature(
        fromHex(hex.publicKey),
        fromHex(hex.message),
        fromHex(hex.signature),
      );
      expect(answer, title).to.equal(false);
    }
  });

  it('refuses parts of another length', () => {
    const key = signingKeyFromSeed(new Uint8Array(32));
    const message = Uint8Array.of(1);
    const [publicKey, signature] = [fromHex(key.publicKey), key.sign(message)];
    expect(verifySignature(publicKey, message, signature)).to.equal(true);
    expect(verifySignature(Uint8Array.of(...publicKey, 0), message, signature)).to.equal(false);
    expect(verifySignature(publicKey, message, Uint8Array.of(...signature, 0))).to.equal(false);
  });
});
