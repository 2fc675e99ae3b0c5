/** Bytes of a proof file and back; nothing but its form is judged here. */
import { fromBase64url } from '../base/base64url.ts';
import { utf8, type Hex } from '../base/bytes.ts';
import { canonicalJson, parseCanonicalJson } from '../base/canonical-json.ts';
import { toCbor } from '../base/codec.ts';
import { sha256Hex } from '../base/hash.ts';
import type { TSchema } from '../base/schema.ts';
import {
  proofBytesMax,
  proofFileSchemas,
  proofFormat,
  type ProofContent,
  type ProofFile,
  type ProofFormat,
} from './schema.ts';

/** Why bytes are no proof file. */
export class ProofFormatError extends Error {
  override readonly name = 'ProofFormatError';
}

/** The fields in the order of their names, so that `JSON.stringify` gives the file's text. */
export function withChecksum(content: ProofContent): ProofFile {
  const file = { ...content, checksum: checksumOf(content) };
  return JSON.parse(canonicalJson(file)) as ProofFile;
}

/** Throws CodecError where a field does not fit. */
export function encodeProofFile(file: ProofFile): Uint8Array {
  toCbor(schemaOf(file), file);
  return utf8(canonicalJson(file));
}

const checksumOf = (content: ProofContent): Hex => sha256Hex(utf8(canonicalJson(content)));

/**
 * Reads a file strictly: canonical JSON, exactly the fields of the
 * schema, each in its bounds. Throws ProofFormatError, and nothing else, whatever the bytes are.
 */
export function parseProofFile(bytes: Uint8Array): ProofFile {
  if (bytes.length > proofBytesMax) throw new ProofFormatError(`it has ${bytes.length} bytes`);
  const file = attempt(() => {
    const value = parseCanonicalJson(bytes) as ProofFile;
    toCbor(schemaOf(value), value);
    return value;
  });
  const { checksum, ...content } = file;
  if (checksumOf(content) === checksum) return file;
  throw new ProofFormatError('its checksum is not that of its content: the file was changed');
}

/** Of the format that the file names; an unknown one is refused by the first. */
function schemaOf(file: unknown): TSchema {
  const { format } = (file ?? {}) as { readonly format?: unknown };
  const known = typeof format === 'string' && Object.hasOwn(proofFileSchemas, format);
  return proofFileSchemas[known ? (format as ProofFormat) : proofFormat];
}

function attempt<Value>(read: () => Value): Value {
  try {
    return read();
  } catch (cause) {
    throw new ProofFormatError((cause as Error).message, { cause });
  }
}

/** Bytes of a field that the schema has admitted. Throws ProofFormatError on stray bits. */
export function bytesOf(text: string): Uint8Array {
  const bytes = fromBase64url(text);
  if (!bytes) throw new ProofFormatError('a field is not base64url in its one form');
  return bytes;
}
