import { concat, equalBytes, fromHex, toHex, utf8, type Hex } from '../../base/bytes.ts';
import { CborReader } from '../../base/cbor-reader.ts';
import { CborError, encodeCbor, type CborValue } from '../../base/cbor.ts';
import { sha256Hex } from '../../base/hash.ts';
import { refuse, successWith, type Outcome } from '../../base/result.ts';
import { txResults } from './results.ts';
import type { SigningKey } from './signing-key.ts';

/** An operation to be signed: its number and its command as a positional array. */
export interface EnvelopeOperation {
  readonly number: number;
  readonly command: CborValue;
}

/** An operation as it travels. */
export interface SentOperation {
  readonly number: number;
  /** The command's canonical CBOR. */
  readonly commandBytes: Uint8Array;
}

export interface Envelope {
  /** SHA-256 of the envelope's bytes. */
  readonly id: Hex;
  readonly bytes: Uint8Array;
  readonly keyId: Hex;
  readonly sequence: number;
  readonly expiryHeight: number;
  readonly operations: readonly SentOperation[];
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
}

export interface EnvelopeLimits {
  readonly envelopeBytesMax: number;
  readonly operationsMax: number;
}

const payloadVersion = 1;

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

/**
 * As `signatureInput`, of envelopes that were read: the parts that vary stand in their bytes as they
 * are signed.
 */
export function sentSignatureInput(chainId: string): (envelope: Uint8Array) => Uint8Array {
  const head = concat(Uint8Array.of(0x84), encodeCbor('Signature1'));
  const aad = encodeCbor(utf8(`dxl/envelope/1:${chainId}`));
  return (envelope) =>
    concat(
      head,
      envelope.subarray(wrapperHead.length - 2, keyIdStart + 32),
      aad,
      envelope.subarray(payloadStart, envelope.length - signatureSize),
    );
}

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
    BigInt(payloadVersion),
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
  const { keyId, payload, signature } = wrapper.value;
  const { sequence, expiryHeight, operations } = content.value;
  return successWith({
    id,
    bytes,
    keyId,
    sequence,
    expiryHeight,
    operations,
    payload,
    signature,
  });
}

const malformed = (detail: string) => refuse(txResults.ENVELOPE_MALFORMED, detail);

function readWrapper(
  bytes: Uint8Array,
): Outcome<{ keyId: Hex; payload: Uint8Array; signature: Uint8Array }> {
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
    const payload = bytesIn(payloadItem);
    const signature = bytesIn(signatureItem);
    if (!payload) return malformed('The payload is not a byte string.');
    if (signature?.length !== 64) {
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

/** What a whole byte string holds; null where the item is of another kind. */
function bytesIn(item: Uint8Array): Uint8Array | null {
  const reader = new CborReader(item);
  const isBytes = reader.kind() === 'bytes';
  const bytes = isBytes ? reader.bytes() : reader.skip();
  reader.end();
  return bytes ?? null;
}

type Content = Pick<Envelope, 'sequence' | 'expiryHeight' | 'operations'>;

/** All of it is found canonical before any of it is looked at. */
function readPayload(payload: Uint8Array, limits: EnvelopeLimits): Outcome<Content> {
  try {
    const whole = new CborReader(payload);
    whole.skip();
    whole.end();
  } catch (error) {
    if (error instanceof CborError) return malformed(`payload: ${error.message}`);
    throw error;
  }
  const reader = new CborReader(payload);
  if (reader.kind() !== 'array' || reader.array() !== 4) {
    return malformed('The payload is not [version, sequence, expiryHeight, operations].');
  }
  if (wholeNumber(reader) !== payloadVersion) {
    return refuse(txResults.ENVELOPE_VERSION, 'The first item of the payload is not 1.');
  }
  const sequence = wholeNumber(reader);
  if (sequence === null) return malformed('/sequence is not a whole number below 2^53.');
  const expiryHeight = wholeNumber(reader);
  if (expiryHeight === null) return malformed('/expiryHeight is not a whole number below 2^53.');
  if (reader.kind() !== 'array') return malformed('/operations is no list.');
  const count = reader.array();
  if (count === 0) return refuse(txResults.ENVELOPE_NO_OPERATION, '0 operations.');
  if (count > limits.operationsMax) {
    return refuse(
      txResults.ENVELOPE_TOO_MANY_OPERATIONS,
      `${count} operations; ${limits.operationsMax} (operationsMax) may be.`,
    );
  }
  const operations: SentOperation[] = [];
  for (let index = 0; index < count; index += 1) {
    const operation = readOperation(reader, payload);
    if (!operation) return malformed(`/operations/${index} is not [number, command].`);
    operations.push(operation);
  }
  return successWith({ sequence, expiryHeight, operations });
}

function readOperation(reader: CborReader, payload: Uint8Array): SentOperation | null {
  if (reader.kind() !== 'array' || reader.array() !== 2) return null;
  const number = wholeNumber(reader);
  if (number === null) return null;
  const from = reader.at;
  reader.skip();
  return { number, commandBytes: payload.subarray(from, reader.at) };
}

/** Null where the next item is no whole number below 2^53. */
function wholeNumber(reader: CborReader): number | null {
  if (reader.kind() !== 'integer') return null;
  const value = reader.number();
  return Number.isSafeInteger(value) && value >= 0 ? value : null;
}
