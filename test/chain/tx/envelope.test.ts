import { expect } from 'chai';
import fc from 'fast-check';
import { concat, fromHex, toHex, utf8 } from '../../../src/base/bytes.ts';
import { decodeCbor, encodeCbor, type CborValue } from '../../../src/base/cbor.ts';
import { sha256Hex } from '../../../src/base/hash.ts';
import type { Outcome } from '../../../src/base/result.ts';
import {
  parseEnvelope,
  signatureInput,
  signEnvelope,
  type Envelope,
  type EnvelopeOperation,
} from '../../../src/chain/tx/envelope.ts';
import { verifyEd25519 } from '../../../src/chain/tx/signature.ts';
import type { SigningKey } from '../../../src/chain/tx/signing-key.ts';
import { put } from '../probe-room.ts';
import { keyOf, operationOf } from '../test-chain.ts';

const limits = { envelopeBytesMax: 4_096, operationsMax: 4 };
const key = keyOf('envelope');
const note = operationOf(put, { id: 'probe-1', note: 'x' });

const nameOf = (outcome: Outcome<unknown>): string => (outcome.ok ? 'OK' : outcome.result.name);

/** What the machine does first: the form, then the signature under the key that it knows. */
function judge(bytes: Uint8Array, chainId = 'dxl-test'): string {
  const parsed = parseEnvelope(bytes, limits);
  if (!parsed.ok) return parsed.result.name;
  const { keyId, payload, signature } = parsed.value;
  if (keyId !== key.keyId) return 'KEY_UNKNOWN';
  const message = signatureInput(chainId, fromHex(keyId), payload);
  return verifyEd25519(fromHex(key.publicKey), message, signature) ? 'OK' : 'SIGNATURE_INVALID';
}

/** An envelope with any payload at all, well signed. */
function signPayload(payload: CborValue | Uint8Array, signer: SigningKey = key): Uint8Array {
  const bytes = payload instanceof Uint8Array ? payload : encodeCbor(payload);
  const keyId = fromHex(signer.keyId);
  const head = concat(fromHex('d2845826a201270458 20'.replace(' ', '')), keyId, fromHex('a0'));
  const signature = signer.sign(signatureInput('dxl-test', keyId, bytes));
  return concat(head, encodeCbor(bytes), encodeCbor(signature));
}

const cborValue: fc.Arbitrary<CborValue> = fc.letrec<{ value: CborValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.string({ unit: 'grapheme' }),
    fc.uint8Array({ maxLength: 40 }),
    fc.array(tie('value'), { maxLength: 4 }),
  ),
})).value;

describe('chain/tx: envelope (M-10 to M-15)', () => {
  it('comes back as it was signed, whatever it carries', () => {
    const number = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
    const operation = fc.record<EnvelopeOperation>({ number, command: cborValue });
    const content = fc.record({
      sequence: number,
      expiryHeight: number,
      operations: fc.array(operation, { minLength: 1, maxLength: 4 }),
    });
    fc.assert(
      fc.property(content, (sent) => {
        const bytes = signEnvelope('dxl-test', key, sent);
        fc.pre(bytes.length <= limits.envelopeBytesMax);
        const parsed = parseEnvelope(bytes, limits);
        expect(nameOf(parsed)).to.equal('OK');
        const envelope = (parsed as { value: Envelope }).value;
        const { sequence, expiryHeight, operations } = envelope;
        expect({ sequence, expiryHeight }).to.deep.include({
          sequence: sent.sequence,
          expiryHeight: sent.expiryHeight,
        });
        expect(
          operations.map(({ number, commandBytes }) => ({
            number,
            command: decodeCbor(commandBytes),
          })),
        ).to.deep.equal(sent.operations);
        expect(envelope.id).to.equal(sha256Hex(bytes));
        expect(envelope.keyId).to.equal(key.keyId);
        expect(judge(bytes)).to.equal('OK');
      }),
    );
  });

  it('is refused with any one byte changed, wherever and however', () => {
    const bytes = signEnvelope('dxl-test', key, {
      sequence: 7,
      expiryHeight: 500,
      operations: [note, note],
    });
    expect(judge(bytes)).to.equal('OK');
    for (let at = 0; at < bytes.length; at += 1) {
      for (const mask of [0x01, 0x80, 0xff]) {
        const changed = bytes.slice();
        changed[at] = changed[at]! ^ mask;
        expect(judge(changed), `byte ${at} ^ ${mask}`).to.not.equal('OK');
      }
    }
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        const changed = bytes.slice();
        changed[at] = changed[at]! ^ mask;
        expect(judge(changed)).to.not.equal('OK');
      }),
    );
  });

  it('is refused with bytes cut off, added or doubled', () => {
    const bytes = signEnvelope('dxl-test', key, {
      sequence: 1,
      expiryHeight: 9,
      operations: [note],
    });
    for (let length = 0; length < bytes.length; length += 1) {
      expect(judge(bytes.subarray(0, length))).to.equal('ENVELOPE_MALFORMED');
    }
    expect(judge(concat(bytes, Uint8Array.of(0)))).to.not.equal('OK');
    expect(judge(concat(Uint8Array.of(0xd2), bytes))).to.not.equal('OK');
    expect(judge(concat(bytes, bytes))).to.not.equal('OK');
  });

  it('never throws on bytes that nobody signed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(parseEnvelope(bytes, limits).ok).to.equal(false);
        expect(['OK', 'ENVELOPE_MALFORMED', 'ENVELOPE_VERSION']).to.include(
          judge(signPayload(bytes)),
        );
      }),
    );
  });

  it('is valid on its own chain only', () => {
    const bytes = signEnvelope('dxl-other', key, {
      sequence: 1,
      expiryHeight: 9,
      operations: [note],
    });
    expect(judge(bytes, 'dxl-other')).to.equal('OK');
    expect(judge(bytes, 'dxl-test')).to.equal('SIGNATURE_INVALID');
    expect(judge(bytes, 'dxl-othe')).to.equal('SIGNATURE_INVALID');
  });

  it('is valid for its own key only', () => {
    const other = keyOf('another');
    const bytes = signEnvelope('dxl-test', other, {
      sequence: 1,
      expiryHeight: 9,
      operations: [note],
    });
    expect(judge(bytes)).to.equal('KEY_UNKNOWN');
    const claimed = bytes.slice();
    claimed.set(fromHex(key.keyId), 10);
    expect(judge(claimed)).to.equal('SIGNATURE_INVALID');
  });

  const op: CborValue = [900n, ['probe-1', 'x']];
  const deep = (levels: number): CborValue =>
    Array.from({ length: levels }).reduce<CborValue>((inner) => [inner], []);
  const largest = 2n ** 53n - 1n;
  const payloads: [string, CborValue | Uint8Array, string][] = [
    ['the least numbers', [1n, 0n, 0n, [op]], 'OK'],
    ['the largest numbers', [1n, largest, largest, [op]], 'OK'],
    ['as many operations as may be', [1n, 1n, 9n, [op, op, op, op]], 'OK'],
    ['one operation more', [1n, 1n, 9n, [op, op, op, op, op]], 'ENVELOPE_TOO_MANY_OPERATIONS'],
    ['no operation', [1n, 1n, 9n, []], 'ENVELOPE_NO_OPERATION'],
    ['another version', [2n, 1n, 9n, [op]], 'ENVELOPE_VERSION'],
    ['version as text', ['1', 1n, 9n, [op]], 'ENVELOPE_VERSION'],
    ['three items', [1n, 1n, [op]], 'ENVELOPE_MALFORMED'],
    ['five items', [1n, 1n, 9n, [op], null], 'ENVELOPE_MALFORMED'],
    ['no list', 1n, 'ENVELOPE_MALFORMED'],
    ['a sequence of 2^53', [1n, largest + 1n, 9n, [op]], 'ENVELOPE_MALFORMED'],
    ['a negative sequence', [1n, -1n, 9n, [op]], 'ENVELOPE_MALFORMED'],
    ['an expiry of 2^53', [1n, 1n, largest + 1n, [op]], 'ENVELOPE_MALFORMED'],
    ['a sequence as text', [1n, '1', 9n, [op]], 'ENVELOPE_MALFORMED'],
    ['operations that are no list', [1n, 1n, 9n, null], 'ENVELOPE_MALFORMED'],
    ['an operation without a command', [1n, 1n, 9n, [[900n]]], 'ENVELOPE_MALFORMED'],
    ['an operation of three items', [1n, 1n, 9n, [[900n, [], null]]], 'ENVELOPE_MALFORMED'],
    ['an operation by name', [1n, 1n, 9n, [['probe.put', []]]], 'ENVELOPE_MALFORMED'],
    ['a command 12 lists deep', [1n, 1n, 9n, [[900n, deep(12)]]], 'OK'],
    ['a command 40 lists deep', [1n, 1n, 9n, [[900n, deep(40)]]], 'ENVELOPE_MALFORMED'],
    ['4,000 open lists', new Uint8Array(3_900).fill(0x81), 'ENVELOPE_MALFORMED'],
    ['a list said to hold 2^32 items', fromHex('9affffffff'), 'ENVELOPE_MALFORMED'],
    ['text said to hold 2^63 bytes', fromHex('7b7fffffffffffffff'), 'ENVELOPE_MALFORMED'],
    ['nothing', new Uint8Array(), 'ENVELOPE_MALFORMED'],
    ['undefined', fromHex('840101 09 8182190384f7'.replaceAll(' ', '')), 'ENVELOPE_MALFORMED'],
    ['a half float', fromHex('84010109818219038481f93c00'), 'ENVELOPE_MALFORMED'],
    ['a big integer tag', fromHex('84010109818219038481c24101'), 'ENVELOPE_MALFORMED'],
  ];
  for (const [title, payload, code] of payloads) {
    it(`payload with ${title}: ${code}`, () => {
      expect(judge(signPayload(payload))).to.equal(code);
    });
  }

  it('has as many bytes as may be and not one more', () => {
    const sized = (length: number): Uint8Array =>
      signEnvelope('dxl-test', key, {
        sequence: 1,
        expiryHeight: 9,
        operations: [{ number: 900, command: utf8('.'.repeat(length)) }],
      });
    const room = limits.envelopeBytesMax - sized(1_000).length;
    expect(sized(1_000 + room).length).to.equal(limits.envelopeBytesMax);
    expect(judge(sized(1_000 + room))).to.equal('OK');
    expect(judge(sized(1_001 + room))).to.equal('ENVELOPE_TOO_LARGE');
  });

  const headers: [string, string, string][] = [
    ['without tag 18', '845826a2012704 5820', 'ENVELOPE_MALFORMED'],
    ['with tag 17', 'd1845826a2012704 5820', 'ENVELOPE_MALFORMED'],
    ['with five items', 'd2855826a2012704 5820', 'ENVELOPE_MALFORMED'],
    ['with ES256', 'd2845826a2012604 5820', 'ENVELOPE_ALGORITHM'],
    ['with another label for the key', 'd2845826a2012705 5820', 'ENVELOPE_ALGORITHM'],
    ['with a key id in text', 'd2845826a2012704 7820', 'ENVELOPE_ALGORITHM'],
    ['with a longer key id', 'd2845827a2012704 5821', 'ENVELOPE_MALFORMED'],
  ];
  for (const [title, head, code] of headers) {
    it(`${title}: ${code}`, () => {
      const good = signPayload([1n, 1n, 9n, [op]]);
      const changed = concat(fromHex(head.replace(' ', '')), good.subarray(10));
      expect(judge(changed)).to.equal(code);
    });
  }

  it('keeps its form: an envelope known byte for byte', () => {
    const bytes = signEnvelope('dxl-test', keyOf('golden'), {
      sequence: 1,
      expiryHeight: 100,
      operations: [note],
    });
    const { keyId } = keyOf('golden');
    const payload = `840101186481821903848267${toHex(utf8('probe-1'))}6178`;
    expect(toHex(bytes.subarray(0, -64))).to.equal(
      `d2845826a20127045820${keyId}a055${payload}5840`,
    );
  });
});
