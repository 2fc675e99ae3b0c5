import { concat, equalBytes, fromHex, toHex, utf8, type Hex } from '../../base/bytes.ts';
import { CborError, decodeCbor, encodeCbor, type CborValue } from '../../base/cbor.ts';
import { sha256Hex } from '../../base/hash.ts';
import { refuse, successWith, type Outcome } from '../../base/result.ts';
import { txResults } from './results.ts';
import type { SigningKey } from './signing-key.ts';

/** An operation as it travels: its number and its command as a positional array. */
export interface EnvelopeOperation {
  readonly number: number;
  readonly command: CborValue;
}

export interface Envelope {
  /** SHA-256 of the envelope's bytes. */
  readonly id: Hex;
  readonly bytes: Uint8Array;
  readonly keyId: Hex;
  readonly sequence: number;
  readonly expiryHeight: number;
  readonly operations: readonly EnvelopeOperation[];
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
}

export interface EnvelopeLimits {
  readonly envelopeBytesMax: number;
  readonly operationsMax: number;
}

const payloadVersion = 1n;

// COSE_Sign1_Tagged (RFC 9052): D2 84 ‖ 58 26 protected ‖ A0 ‖ payload ‖ 58 40 signature, with
// protected = A2 01 27 04 58 20 kid. All but the payload's length is fixed, so the wrapper is
// read and written here by its bytes and needs no general map decoder.
const wrapperHead = Uint8Array.of(0xd2, 0x84, 0x58, 0x26);
const protectedHead = Uint8Array.of(0xa2, 0x01, 0x27, 0x04, 0x58, 0x20);
const unprotected = Uint8Array.of(0xa0);
const keyIdStart = wrapperHead.length + protectedHead.length;
const payloadStart = keyIdStart + 32 + unprotected.length;
const signatureSize = 66;

const protectedHeader = (keyId: Uint8Array): Uint8Array => concat(protectedHead, keyId);

/** The bytes an Ed25519 signature of an envelope is over: RFC 9052 section 4.4 Sig_structure. */
export const signatureInput = (
  chainId: string,
  keyId: Uint8Array,
  payload: Uint8Array,
): Uint8Array =>
  encodeCbor(['Signature1', protectedHeader(keyId), utf8(`dxl/envelope/1:${chainId}`), payload]);

export interface EnvelopeContent {
  readonly sequence: number;
  /** The last height at which the envelope may stand in a block. */
  readonly expiryHeight: number;
  readonly operations: readonly EnvelopeOperation[];
}

export function signEnvelope(
  chainId: string,
  key: SigningKey,
  content: EnvelopeContent,
): Uint8Array {
  const payload = encodeCbor([
    payloadVersion,
    BigInt(content.sequence),
    BigInt(content.expiryHeight),
    content.operations.map(({ number, command }) => [BigInt(number), command]),
  ]);
  const keyId = fromHex(key.keyId);
  const signature = key.sign(signatureInput(chainId, keyId, payload));
  return concat(
    wrapperHead,
    protectedHeader(keyId),
    unprotected,
    encodeCbor(payload),
    encodeCbor(signature),
  );
}

/**
 * M-10 to M-14: reads an envelope strictly; the signature is not verified here.
 * @param id where the caller has hashed the bytes.
 */
export function parseEnvelope(
  bytes: Uint8Array,
  limits: EnvelopeLimits,
  id: Hex = sha256Hex(bytes),
): Outcome<Envelope> {
  if (bytes.length > limits.envelopeBytesMax) {
    return refuse(
      txResults.ENVELOPE_TOO_LARGE,
      `It has ${bytes.length} bytes; ${limits.envelopeBytesMax} (envelopeBytesMax) may be.`,
    );
  }
  const wrapper = readWrapper(bytes);
  if (!wrapper.ok) return wrapper;
  const content = readPayload(wrapper.value.payload, limits);
  if (!content.ok) return content;
  return successWith({ id, bytes, ...wrapper.value, ...content.value });
}

function readWrapper(
  bytes: Uint8Array,
): Outcome<{ keyId: Hex; payload: Uint8Array; signature: Uint8Array }> {
  const malformed = (detail: string) => refuse(txResults.ENVELOPE_MALFORMED, detail);
  if (bytes.length < payloadStart + 2 + signatureSize) {
    return malformed(`${bytes.length} bytes are too few for an envelope.`);
  }
  if (!equalBytes(bytes.subarray(0, wrapperHead.length), wrapperHead)) {
    return malformed('It does not begin as a tagged COSE_Sign1 with a 38-byte protected header.');
  }
  const header = bytes.subarray(wrapperHead.length, keyIdStart);
  if (!equalBytes(header, protectedHead) || bytes[payloadStart - 1] !== unprotected[0]) {
    return refuse(txResults.ENVELOPE_ALGORITHM, 'The headers are not {1: -8, 4: kid} and {}.');
  }
  const payloadItem = bytes.subarray(payloadStart, bytes.length - signatureSize);
  const signatureItem = bytes.subarray(bytes.length - signatureSize);
  try {
    const payload = decodeCbor(payloadItem);
    const signature = decodeCbor(signatureItem);
    if (!(payload instanceof Uint8Array)) return malformed('The payload is not a byte string.');
    if (!(signature instanceof Uint8Array) || signature.length !== 64) {
      return malformed('The signature is not a byte string of 64 bytes.');
    }
    return successWith({
      keyId: toHex(bytes.subarray(keyIdStart, keyIdStart + 32)),
      payload,
      signature,
    });
  } catch (error) {
    if (error instanceof CborError) return malformed(error.message);
    throw error;
  }
}

function readPayload(payload: Uint8Array, limits: EnvelopeLimits): Outcome<EnvelopeContent> {
  const malformed = (detail: string) => refuse(txResults.ENVELOPE_MALFORMED, detail);
  let value: CborValue;
  try {
    value = decodeCbor(payload);
  } catch (error) {
    if (error instanceof CborError) return malformed(`payload: ${error.message}`);
    throw error;
  }
  if (!isList(value) || value.length !== 4) {
    return malformed('The payload is not [version, sequence, expiryHeight, operations].');
  }
  const [version, sequence, expiryHeight, operations] = value;
  if (version !== payloadVersion) {
    return refuse(txResults.ENVELOPE_VERSION, 'The first item of the payload is not 1.');
  }
  if (!isHeight(sequence)) return malformed('/sequence is not a whole number below 2^53.');
  if (!isHeight(expiryHeight)) return malformed('/expiryHeight is not a whole number below 2^53.');
  if (operations === undefined || !isList(operations)) return malformed('/operations is no list.');
  if (operations.length === 0) return refuse(txResults.ENVELOPE_NO_OPERATION, '0 operations.');
  if (operations.length > limits.operationsMax) {
    return refuse(
      txResults.ENVELOPE_TOO_MANY_OPERATIONS,
      `${operations.length} operations; ${limits.operationsMax} (operationsMax) may be.`,
    );
  }
  const read: EnvelopeOperation[] = [];
  for (const [index, item] of operations.entries()) {
    const [number, command] = isList(item) && item.length === 2 ? item : [];
    if (!isHeight(number) || command === undefined) {
      return malformed(`/operations/${index} is not [number, command].`);
    }
    read.push({ number: Number(number), command });
  }
  return successWith({
    sequence: Number(sequence),
    expiryHeight: Number(expiryHeight),
    operations: read,
  });
}

const isList = (value: CborValue | undefined): value is readonly CborValue[] =>
  Array.isArray(value);

const isHeight = (value: CborValue | undefined): value is bigint =>
  typeof value === 'bigint' && value >= 0n && value <= BigInt(Number.MAX_SAFE_INTEGER);
