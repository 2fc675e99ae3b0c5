/** What parties choose to show with a dossier, in the form that its file holds. */
import { fromHex, type Hex } from '../../base/bytes.ts';
import { encodeCbor } from '../../base/cbor.ts';
import { CodecError } from '../../base/codec-error.ts';
import { codecFault, faultText } from '../../base/field-fault.ts';
import { toCbor } from '../../base/codec.ts';
import { commitment } from '../../base/hash.ts';
import { OperationalError } from '../../base/operational-error.ts';
import { toBase64url } from '../../base/base64url.ts';
import { openingsSchema, type Openings } from '../../dossier/schema.ts';
import { methodOf } from '../../pricing/rerun.ts';
import { encodeJobSpec, type JobSpec } from '../../privacy/he/protocols/p2/job-spec.ts';

export type ValuationOpening = Openings['valuations'][number];
export type ComputationOpening = Openings['computations'][number];
export type ContentOpening = Openings['contents'][number];

export interface ValuationInputsShown {
  readonly valuationId: string;
  readonly method: string;
  readonly version: number;
  /** As the method's schema types them: amounts as bigint. */
  readonly inputs: unknown;
  /** The 32 bytes that the inputs were committed with. */
  readonly salt: Uint8Array;
}

/** Throws OperationalError OPENING_INVALID where the method or its inputs are not known. */
export function valuationOpening(shown: ValuationInputsShown): ValuationOpening {
  const { valuationId, method, version, inputs, salt } = shown;
  const known = methodOf(method, version);
  if (!known.ok) throw invalid(`${method}, version ${version}, is no method that is known`);
  const content = encodeCbor([method, BigInt(version), known.value.encode(inputs)]);
  return { valuationId, content: toBase64url(content), salt: toBase64url(salt) };
}

export interface ComputationShown {
  readonly jobId: string;
  readonly spec: JobSpec;
  readonly release: Uint8Array;
  /** The 32 bytes, hex, that the release was committed with. */
  readonly salt: Hex;
}

export const computationOpening = (shown: ComputationShown): ComputationOpening => ({
  jobId: shown.jobId,
  spec: toBase64url(encodeJobSpec(shown.spec)),
  release: toBase64url(shown.release),
  salt: toBase64url(fromHex(shown.salt)),
});

/** Evidence, a statement, a report: whatever stands on the ledger as `commitment(salt, content)`. */
export const contentOpening = (salt: Uint8Array, content: Uint8Array): ContentOpening => ({
  commitment: commitment(salt, content),
  content: toBase64url(content),
  salt: toBase64url(salt),
});

/** The openings of a file. Throws OperationalError OPENING_INVALID. */
export function readOpenings(json: unknown): Openings {
  try {
    toCbor(openingsSchema, json as Openings);
    return json as Openings;
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    throw invalid(faultText(codecFault(openingsSchema, json, error)));
  }
}

const invalid = (problem: string): OperationalError =>
  new OperationalError(
    'OPENING_INVALID',
    `The openings cannot be used: ${problem}. docs/dossier.md describes their fields.`,
  );
