import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { fromHex, toHex } from '../../../src/base/bytes.ts';
import { decodeCbor } from '../../../src/base/cbor.ts';
import { keyIdOf } from '../../../src/base/key-id.ts';
import {
  parseEnvelope,
  signatureInput,
  signEnvelope,
  type Envelope,
} from '../../../src/chain/tx/envelope.ts';
import { signingKeyFromSeed, verifyEd25519 } from '../../../src/chain/tx/signature.ts';

interface Vectors {
  readonly chainId: string;
  readonly seed: string;
  readonly publicKey: string;
  readonly keyId: string;
  readonly valid: {
    readonly title: string;
    readonly sequence: string;
    readonly expiryHeight: string;
    readonly operations: number;
    readonly payload: string;
    readonly envelope: string;
  }[];
  readonly refused: { readonly title: string; readonly code: string; readonly envelope: string }[];
}

const file = new URL('../../vectors/cose-sign1.json', import.meta.url);
const vectors = JSON.parse(readFileSync(file, 'utf8')) as Vectors;
const limits = { envelopeBytesMax: 65_536, operationsMax: 64 };

describe('chain/tx: envelopes of an independent COSE implementation (M-10, M-11)', () => {
  const key = signingKeyFromSeed(fromHex(vectors.seed));

  function judge(envelope: string): string {
    const parsed = parseEnvelope(fromHex(envelope), limits);
    if (!parsed.ok) return parsed.result.name;
    const { keyId, payload, signature } = parsed.value;
    if (keyId !== key.keyId) return 'KEY_UNKNOWN';
    const message = signatureInput(vectors.chainId, fromHex(keyId), payload);
    return verifyEd25519(fromHex(key.publicKey), message, signature) ? 'OK' : 'SIGNATURE_INVALID';
  }

  it('derives the same public key and key id from the seed', () => {
    expect(key.publicKey).to.equal(vectors.publicKey);
    expect(key.keyId).to.equal(vectors.keyId);
    expect(keyIdOf(vectors.publicKey)).to.equal(vectors.keyId);
  });

  for (const vector of vectors.valid) {
    it(`makes the same bytes and reads them: ${vector.title}`, () => {
      expect(judge(vector.envelope)).to.equal('OK');
      const parsed = parseEnvelope(fromHex(vector.envelope), limits) as { value: Envelope };
      const { sequence, expiryHeight, operations, payload } = parsed.value;
      expect(String(sequence)).to.equal(vector.sequence);
      expect(String(expiryHeight)).to.equal(vector.expiryHeight);
      expect(operations).to.have.length(vector.operations);
      expect(toHex(payload)).to.equal(vector.payload);
      const content = {
        sequence,
        expiryHeight,
        operations: operations.map(({ number, commandBytes }) => ({
          number,
          command: decodeCbor(commandBytes),
        })),
      };
      expect(toHex(signEnvelope(vectors.chainId, key, content))).to.equal(vector.envelope);
    });
  }

  for (const { title, code, envelope } of vectors.refused) {
    it(`refuses with ${code}: ${title}`, () => {
      expect(judge(envelope)).to.equal(code);
    });
  }
});
