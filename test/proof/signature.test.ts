import { expect } from 'chai';
import { fromHex } from '../../src/base/bytes.ts';
import { verifyEd25519 } from '../../src/chain/tx/signature.ts';
import { verifySignature } from '../../src/proof/signature.ts';
import { edges } from '../support/ed25519-edges.ts';

describe('proof: Ed25519 without native code (M-12)', () => {
  for (const { title, accepted, ...hex } of edges) {
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

  it('refuses parts of another length', () => {
    const { publicKey, signature } = edges[0]!;
    const message = new Uint8Array();
    expect(verifySignature(fromHex(`${publicKey}00`), message, fromHex(signature))).to.equal(false);
    expect(verifySignature(fromHex(publicKey), message, fromHex(`${signature}00`))).to.equal(false);
  });
});
