import { utf8 } from '../../../base/bytes.ts';
import { encodeCbor } from '../../../base/cbor.ts';
import { taggedHash } from '../../../base/hash.ts';
import { refuse, success, successWith, type Outcome } from '../../../base/result.ts';
import { zkResults } from '../results.ts';
import { integerFromBytes, integerFromDigest } from '../verifier/field.ts';

/**
 * The statement of circuits/k-anonymity.circom: "every quasi-identifier in this committed column
 * occurs in at least k rows". It speaks of committed data; that the commitment is the data, the
 * buyer sees by recomputing it from the delivered rows and the salt.
 */
export interface KAnonymityParameters {
  readonly rows: number;
  readonly k: number;
}

/** In the circuit's order. */
export interface KAnonymityPublics {
  readonly commitment: bigint;
  readonly binding: bigint;
}

export const kAnonymityPublics = (publics: KAnonymityPublics): bigint[] => [
  publics.commitment,
  publics.binding,
];

/** What a proof is bound to, so that it is worth nothing anywhere else. */
export interface ListingBinding {
  readonly chainId: string;
  readonly circuitId: string;
  readonly listingId: string;
  /** Listing revision, from 1. */
  readonly revision: bigint;
  readonly sellerOrgId: string;
}

/** First 31 bytes of H('dxl/zk-binding/1', CBOR [chain, circuit, listing, revision, seller]). */
export const listingBinding = (binding: ListingBinding): bigint =>
  integerFromDigest(
    taggedHash(
      'dxl/zk-binding/1',
      encodeCbor([
        binding.chainId,
        binding.circuitId,
        binding.listingId,
        binding.revision,
        binding.sellerOrgId,
      ]),
    ),
  );

/**
 * One row's element: first 31 bytes of H('dxl/zk-quasi-identifier/1', CBOR array of the texts), as
 * a big-endian integer. Anybody who holds the row recomputes it.
 * @param quasiIdentifier the row's values in the columns the policy names, in the policy's order,
 *   generalised as the policy says
 */
export const quasiIdentifierElement = (quasiIdentifier: readonly string[]): bigint =>
  integerFromDigest(taggedHash('dxl/zk-quasi-identifier/1', encodeCbor(quasiIdentifier)));

/** Tag of the commitment, the same number as in the circuit. */
export const kAnonymityTag = integerFromBytes(utf8('dxl/zk-k-anonymity/1'));

/** Elements and salts are below this: 31 bytes. */
const packedLimit = 1n << 248n;

/**
 * The inputs of the circuit's wide hash (poseidon.ts computes it): [rows, k, salt, column...].
 * @param salt 31 random bytes as an integer, secret until delivery
 */
export const commitmentMessage = (
  parameters: KAnonymityParameters,
  salt: bigint,
  column: readonly bigint[],
): bigint[] => [BigInt(parameters.rows), BigInt(parameters.k), salt, ...column];

export interface KAnonymityInputs {
  readonly binding: bigint;
  readonly salt: bigint;
  readonly column: readonly bigint[];
}

/**
 * The circuit's inputs, or why no proof can be made. It is stricter than the circuit, which also
 * accepts a class split into several runs of k rows or more, and any field element.
 * A refusal names a class by its position in the column, never by a value.
 */
export function prepareKAnonymity(
  parameters: KAnonymityParameters,
  inputs: KAnonymityInputs,
): Outcome<KAnonymityInputs> {
  const { column, salt } = inputs;
  if (column.length !== parameters.rows) {
    return refuse(
      zkResults.ZK_COLUMN_ROW_COUNT,
      `${column.length} rows where the circuit takes ${parameters.rows}`,
    );
  }
  if (salt < 0n || salt >= packedLimit) {
    return refuse(zkResults.ZK_SALT_RANGE, 'the salt is negative or has more than 31 bytes');
  }
  const outside = column.findIndex((element) => element < 0n || element >= packedLimit);
  if (outside !== -1) return refuse(zkResults.ZK_COLUMN_ELEMENT_RANGE, `row ${outside}`);
  const classes = checkClasses(column, parameters.k);
  return classes.ok ? successWith(inputs) : classes;
}

interface Run {
  readonly start: number;
  readonly size: number;
}

function checkClasses(column: readonly bigint[], k: number): Outcome {
  const runs = runsOf(column);
  const firstRow = new Map<bigint, number>();
  for (const { start } of runs) {
    const element = column[start] ?? 0n;
    const earlier = firstRow.get(element);
    if (earlier !== undefined) {
      return refuse(
        zkResults.ZK_COLUMN_NOT_CONTIGUOUS,
        `the class at row ${earlier} begins again at row ${start}`,
      );
    }
    firstRow.set(element, start);
  }
  const small = runs.findIndex(({ size }) => size < k);
  const run = runs[small];
  if (run === undefined) return success;
  return refuse(
    zkResults.ZK_CLASS_TOO_SMALL,
    `class ${small}, from row ${run.start}, has ${run.size} rows where k is ${k}`,
  );
}

function runsOf(column: readonly bigint[]): Run[] {
  const runs: Run[] = [];
  let start = 0;
  for (let row = 1; row <= column.length; row += 1) {
    if (row < column.length && column[row] === column[start]) continue;
    runs.push({ start, size: row - start });
    start = row;
  }
  return runs;
}
