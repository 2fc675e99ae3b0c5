/**
 * What a buyer of a file gets: the file, and the secrets that let its machine check it against the
 * ledger. Layout: length of the opening as 4 bytes, big-endian ‖ opening ‖ file.
 */
import { concat } from '../base/bytes.ts';
import { CborError, decodeCbor, encodeCbor, type CborValue } from '../base/cbor.ts';
import { OperationalError } from '../base/operational-error.ts';

export interface DeliveryOpening {
  /** Of the fingerprint: 32 bytes. */
  readonly tableSalt: Uint8Array;
  /** Of the sample's commitment: 31 bytes as an integer. */
  readonly sampleSalt: bigint;
  /** Indices into the file's rows, in the order of the proved column. */
  readonly sampleRows: readonly number[];
}

export interface DeliveryPackage {
  readonly opening: DeliveryOpening;
  readonly file: Uint8Array;
}

const format = 'dxl-package/1';
const lengthBytes = 4;
const saltDigits = 62;

export function packDelivery({ opening, file }: DeliveryPackage): Uint8Array {
  const bytes = encodeCbor([
    format,
    opening.tableSalt,
    opening.sampleSalt.toString(16).padStart(saltDigits, '0'),
    opening.sampleRows.map((row) => BigInt(row)),
  ]);
  const length = new Uint8Array(lengthBytes);
  new DataView(length.buffer).setUint32(0, bytes.length);
  return concat(length, bytes, file);
}

/** Throws OperationalError DELIVERY_PACKAGE_INVALID: a ground for rejecting the delivery. */
export function unpackDelivery(bytes: Uint8Array): DeliveryPackage {
  if (bytes.length < lengthBytes) throw invalid('it is too short');
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  const end = lengthBytes + length;
  if (end > bytes.length) throw invalid('its opening is cut off');
  return { opening: readOpening(bytes.subarray(lengthBytes, end)), file: bytes.slice(end) };
}

function readOpening(bytes: Uint8Array): DeliveryOpening {
  let value: CborValue;
  try {
    value = decodeCbor(bytes);
  } catch (error) {
    if (error instanceof CborError) throw invalid(error.message);
    throw error;
  }
  const fields: readonly unknown[] = Array.isArray(value) ? value : [];
  const [version, tableSalt, sampleSalt, rows] = fields;
  if (version !== format || fields.length !== 4) throw invalid('its version is unknown');
  if (!(tableSalt instanceof Uint8Array) || tableSalt.length !== 32) throw invalid('no table salt');
  if (typeof sampleSalt !== 'string' || !/^[0-9a-f]{62}$/.test(sampleSalt)) {
    throw invalid('no sample salt');
  }
  if (!Array.isArray(rows) || !rows.every((row) => typeof row === 'bigint')) {
    throw invalid('no sample rows');
  }
  return { tableSalt, sampleSalt: BigInt(`0x${sampleSalt}`), sampleRows: rows.map(Number) };
}

const invalid = (problem: string): OperationalError =>
  new OperationalError(
    'DELIVERY_PACKAGE_INVALID',
    `The delivered package cannot be read: ${problem}. Reject the delivery.`,
  );
