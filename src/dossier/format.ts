/** Bytes of a dossier file and back; nothing but its form is judged here. */
import { utf8 } from '../base/bytes.ts';
import { toCbor } from '../base/codec.ts';
import type { TSchema } from '../base/schema.ts';
import { refuse, successWith, type Outcome } from '../base/result.ts';
import { CanonicalJsonError, canonicalJson, parseCanonicalJson } from '../base/canonical-json.ts';
import { dossierResults } from './results.ts';
import {
  dossierBytesMax,
  dossierContentSchemas,
  dossierFormat,
  dossierSchemas,
  type Dossier,
  type DossierContent,
  type DossierFormat,
} from './schema.ts';

/** Throws CodecError where a field does not fit. */
export function encodeDossier(dossier: Dossier): Uint8Array {
  toCbor(schemaOf(dossierSchemas, dossier), dossier);
  return utf8(canonicalJson(dossier));
}

/** What the seal is over: the canonical JSON of every field but the seal. */
export function encodeContent(content: DossierContent): Uint8Array {
  toCbor(schemaOf(dossierContentSchemas, content), content);
  return utf8(canonicalJson(content));
}

/**
 * Reads a file strictly: canonical, exactly the fields of the schema, each in its bounds.
 * Refuses with DOSSIER_TOO_LARGE, DOSSIER_NOT_CANONICAL or DOSSIER_FORMAT; never throws.
 */
export function parseDossier(bytes: Uint8Array): Outcome<Dossier> {
  if (bytes.length > dossierBytesMax) {
    return refuse(dossierResults.DOSSIER_TOO_LARGE, `It has ${bytes.length} bytes.`);
  }
  try {
    const dossier = parseCanonicalJson(bytes) as Dossier;
    toCbor(schemaOf(dossierSchemas, dossier), dossier);
    return successWith(dossier);
  } catch (error) {
    const { DOSSIER_NOT_CANONICAL, DOSSIER_FORMAT } = dossierResults;
    const result = error instanceof CanonicalJsonError ? DOSSIER_NOT_CANONICAL : DOSSIER_FORMAT;
    return refuse(result, (error as Error).message);
  }
}

/** Of the format that the file names; an unknown one is refused by the first. */
function schemaOf(schemas: Readonly<Record<DossierFormat, TSchema>>, content: unknown): TSchema {
  const { format } = (content ?? {}) as { readonly format?: unknown };
  const known = typeof format === 'string' && Object.hasOwn(schemas, format);
  return schemas[known ? (format as DossierFormat) : dossierFormat];
}
