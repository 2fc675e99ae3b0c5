/** The key file: canonical JSON, so that one changed byte anywhere is seen. docs/cli.md shows it. */
import { fromHex, toHex, utf8, type Hex } from '../../base/bytes.ts';
import { encodeCbor } from '../../base/cbor.ts';
import { sha256Hex } from '../../base/hash.ts';
import { OperationalError } from '../../base/operational-error.ts';
import { isAcceptableCost, type PassphraseCost } from './cost.ts';

/** Of a key that was never rotated, and of one that keeps sealing keys from before its rotations. */
const keyFormats = { first: 'dxl-key/1', rotated: 'dxl-key/2' } as const;

/** A rotation a month for ten years; what a key file may hold. */
export const earlierKeysMax = 120;

/** What anybody may read of a key file; all of it is bound to the secret part. */
export interface PublicPart {
  readonly organisationId: string | null;
  readonly keyId: Hex;
  /** Ed25519. */
  readonly publicKey: Hex;
  /** X25519. */
  readonly encryptionKey: Hex;
  /** X25519, newest first: what was sealed to before, and is opened still. */
  readonly earlierEncryptionKeys: readonly Hex[];
  readonly cost: PassphraseCost;
  /** 16 bytes, of the key derivation. */
  readonly salt: Hex;
  /** 24 bytes, of the cipher. */
  readonly nonce: Hex;
}

export interface KeyFile extends PublicPart {
  /** XChaCha20-Poly1305 of signing seed ‖ sealing seed ‖ earlier sealing seeds: 32 bytes each, + 16. */
  readonly secret: Hex;
}

const formatOf = ({ earlierEncryptionKeys }: PublicPart) =>
  earlierEncryptionKeys.length === 0 ? keyFormats.first : keyFormats.rotated;

/** Bytes of the secrets before they are encrypted. */
export const secretBytes = (earlierKeys: number): number => 32 * (2 + earlierKeys);

/** The cipher's additional data: nobody puts another's public parts over a secret. */
export const additionalData = (part: PublicPart): Uint8Array =>
  encodeCbor([
    formatOf(part),
    part.organisationId,
    fromHex(part.keyId),
    fromHex(part.publicKey),
    fromHex(part.encryptionKey),
    ...(part.earlierEncryptionKeys.length === 0
      ? []
      : [part.earlierEncryptionKeys.map((key) => fromHex(key))]),
    BigInt(part.cost.operations),
    BigInt(part.cost.memoryBytes),
    fromHex(part.salt),
    fromHex(part.nonce),
  ]);

export function writeKeyFile(file: KeyFile): string {
  const { earlierEncryptionKeys } = file;
  const body = {
    format: formatOf(file),
    organisationId: file.organisationId,
    keyId: file.keyId,
    publicKey: file.publicKey,
    encryptionKey: file.encryptionKey,
    ...(earlierEncryptionKeys.length === 0 ? {} : { earlierEncryptionKeys }),
    derivation: { algorithm: 'argon2id13', ...costFields(file.cost), salt: file.salt },
    cipher: { algorithm: 'xchacha20poly1305-ietf', nonce: file.nonce, secret: file.secret },
  };
  const checksum = sha256Hex(utf8(JSON.stringify(body)));
  return `${JSON.stringify({ ...body, checksum }, null, 2)}\n`;
}

const costFields = ({ operations, memoryBytes }: PassphraseCost) => ({ operations, memoryBytes });

/**
 * Throws OperationalError KEY_FILE_VERSION for another format, KEY_FILE_CORRUPT where any byte is
 * not what writeKeyFile writes for these values.
 */
export function readKeyFile(text: string): KeyFile {
  const fields = parseJson(text);
  const format = fields['format'];
  const known = Object.values<unknown>(keyFormats);
  if (typeof format === 'string' && /^dxl-key\/[0-9]+$/.test(format) && !known.includes(format)) {
    throw new OperationalError(
      'KEY_FILE_VERSION',
      `The key file is of format ${format}; this program reads ${known.join(' and ')}. Use the ` +
        'program that wrote it, or a newer one.',
    );
  }
  const file = fileOf(fields);
  if (writeKeyFile(file) !== text) throw corrupt('its checksum or its layout is not right');
  return file;
}

function parseJson(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (isRecord(value)) return value;
  } catch {
    // Answered below: the parser's own words quote the file.
  }
  throw corrupt('it is not a JSON object');
}

function fileOf(fields: Record<string, unknown>): KeyFile {
  const derivation = recordAt(fields, 'derivation');
  const cipher = recordAt(fields, 'cipher');
  const organisationId = fields['organisationId'];
  if (organisationId !== null && typeof organisationId !== 'string') {
    throw corrupt('organisationId is neither text nor null');
  }
  const cost = {
    operations: Number(derivation['operations']),
    memoryBytes: Number(derivation['memoryBytes']),
  };
  if (!isAcceptableCost(cost)) throw corrupt('its derivation asks for an unacceptable cost');
  const earlierEncryptionKeys = earlierKeysOf(fields);
  return {
    organisationId,
    keyId: hexAt(fields, 'keyId', 32),
    publicKey: hexAt(fields, 'publicKey', 32),
    encryptionKey: hexAt(fields, 'encryptionKey', 32),
    earlierEncryptionKeys,
    cost,
    salt: hexAt(derivation, 'salt', 16),
    nonce: hexAt(cipher, 'nonce', 24),
    secret: hexAt(cipher, 'secret', secretBytes(earlierEncryptionKeys.length) + 16),
  };
}

function earlierKeysOf(fields: Record<string, unknown>): readonly Hex[] {
  const keys = fields['earlierEncryptionKeys'] ?? [];
  if (!Array.isArray(keys) || keys.length > earlierKeysMax) {
    throw corrupt(`earlierEncryptionKeys is not a list of ${earlierKeysMax} or fewer`);
  }
  return keys.map((key: unknown, at) => hexOf(key, `earlier key ${at + 1}`, 32));
}

function recordAt(fields: Record<string, unknown>, name: string): Record<string, unknown> {
  const value = fields[name];
  if (!isRecord(value)) throw corrupt(`${name} is missing`);
  return value;
}

const hexAt = (fields: Record<string, unknown>, name: string, size: number): Hex =>
  hexOf(fields[name], name, size);

function hexOf(value: unknown, name: string, size: number): Hex {
  if (typeof value === 'string' && value.length === 2 * size && /^[0-9a-f]*$/.test(value)) {
    return toHex(fromHex(value));
  }
  throw corrupt(`${name} is not ${size} bytes in hex`);
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const corrupt = (problem: string): OperationalError =>
  new OperationalError(
    'KEY_FILE_CORRUPT',
    `The key file was altered or damaged: ${problem}. Restore it from its backup.`,
  );
