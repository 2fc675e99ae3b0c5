import { decodeCbor, encodeCbor, type CborValue } from '../../../../base/cbor.ts';
import { fromHex, toHex, type Hex } from '../../../../base/bytes.ts';
import { taggedHashHex } from '../../../../base/hash.ts';
import { refuse, successWith, type Outcome } from '../../../../base/result.ts';
import { heResults } from '../../results.ts';

/**
 * Protocol P2, outsourced sums by group: the seller encrypts a column under a key made for this one
 * job, the exchange adds without seeing values, the seller decrypts the sums and releases them.
 *
 * What it protects: the values from the exchange. What it does not: column and group names, labels
 * and row counts are in the clear for the worker and whoever reads the specification; the seller
 * sees the result and could lie about it, since there is no proof of decryption. Against repeated
 * overlapping jobs there is here only the smallest cohort and the declared rounding: no query
 * ledger, no differential privacy. No outside cryptographer has reviewed any of it.
 */
export interface JobSpec {
  readonly functionId: 'group-sum';
  readonly presetId: string;
  readonly parmsId: Hex;
  readonly column: string;
  readonly groupColumn: string;
  /** In the order in which the rows are laid out; visible to the worker. */
  readonly groups: readonly JobGroup[];
  readonly rows: number;
  /** Largest magnitude of any value, in units of 10^-scale. */
  readonly valueBound: bigint;
  readonly unit: string;
  /** Decimal places: the encrypted integer is the value times 10^scale. */
  readonly scale: number;
  readonly policy: OutputPolicy;
  /** 32 random bytes; a specification hash runs once. */
  readonly nonce: Hex;
  readonly licenceId: string;
  readonly chainId: string;
  readonly parties: JobParties;
}

export interface JobGroup {
  readonly label: string;
  readonly rows: number;
}

export interface OutputPolicy {
  /** Smallest number of rows in a released group. */
  readonly cohortMin: number;
  /** Totals are rounded to multiples of this, halves away from zero; 1 releases them exactly. */
  readonly roundingUnit: bigint;
}

/** Ids of organisations. */
export interface JobParties {
  readonly seller: string;
  readonly buyer: string;
  readonly operator: string;
  readonly reviewer: string;
}

const version = 1n;

/** The specification as positional CBOR: what is hashed, approved and signed. */
export function encodeJobSpec(spec: JobSpec): Uint8Array {
  return encodeCbor([
    version,
    spec.functionId,
    spec.presetId,
    fromHex(spec.parmsId),
    spec.column,
    spec.groupColumn,
    spec.groups.map(({ label, rows }) => [label, BigInt(rows)]),
    BigInt(spec.rows),
    spec.valueBound,
    spec.unit,
    BigInt(spec.scale),
    [BigInt(spec.policy.cohortMin), spec.policy.roundingUnit],
    fromHex(spec.nonce),
    spec.licenceId,
    spec.chainId,
    [spec.parties.seller, spec.parties.buyer, spec.parties.operator, spec.parties.reviewer],
  ]);
}

export const jobSpecHash = (spec: JobSpec): Hex =>
  taggedHashHex('dxl/he-job-spec/1', encodeJobSpec(spec));

/**
 * The specification in canonical bytes; refuses others with HE_SPEC_INVALID. Its content is not
 * judged here: `checkJobSpec` does that.
 */
export function decodeJobSpec(bytes: Uint8Array): Outcome<JobSpec> {
  try {
    return successWith(readSpec(decodeCbor(bytes)));
  } catch (error) {
    return refuse(heResults.HE_SPEC_INVALID, (error as Error).message);
  }
}

function readSpec(value: CborValue): JobSpec {
  const fields = list(value, 16, 'specification');
  if (fields[0] !== version) throw new TypeError('unknown version');
  if (fields[1] !== 'group-sum') throw new TypeError('unknown function');
  const policy = list(fields[11], 2, 'policy');
  const parties = list(fields[15], 4, 'parties');
  return {
    functionId: 'group-sum',
    presetId: text(fields[2], 'preset'),
    parmsId: hex(fields[3], 'parms_id'),
    column: text(fields[4], 'column'),
    groupColumn: text(fields[5], 'group column'),
    groups: readGroups(fields[6]),
    rows: count(fields[7], 'rows'),
    valueBound: integer(fields[8], 'value bound'),
    unit: text(fields[9], 'unit'),
    scale: count(fields[10], 'scale'),
    policy: {
      cohortMin: count(policy[0], 'smallest cohort'),
      roundingUnit: integer(policy[1], 'rounding unit'),
    },
    nonce: hex(fields[12], 'nonce'),
    licenceId: text(fields[13], 'licence'),
    chainId: text(fields[14], 'chain'),
    parties: {
      seller: text(parties[0], 'seller'),
      buyer: text(parties[1], 'buyer'),
      operator: text(parties[2], 'operator'),
      reviewer: text(parties[3], 'reviewer'),
    },
  };
}

function readGroups(value: CborValue | undefined): JobGroup[] {
  if (!isList(value)) throw new TypeError('groups is not a list');
  return value.map((item) => {
    const pair = list(item, 2, 'group');
    return { label: text(pair[0], 'label'), rows: count(pair[1], 'rows of a group') };
  });
}

const isList = (value: CborValue | undefined): value is readonly CborValue[] =>
  Array.isArray(value);

function list(value: CborValue | undefined, length: number, name: string): readonly CborValue[] {
  if (isList(value) && value.length === length) return value;
  throw new TypeError(`${name} is not a list of ${length}`);
}

function text(value: CborValue | undefined, name: string): string {
  if (typeof value === 'string') return value;
  throw new TypeError(`${name} is not text`);
}

function integer(value: CborValue | undefined, name: string): bigint {
  if (typeof value === 'bigint') return value;
  throw new TypeError(`${name} is not an integer`);
}

function count(value: CborValue | undefined, name: string): number {
  const whole = integer(value, name);
  if (whole >= 0n && whole <= 0xffffffffn) return Number(whole);
  throw new TypeError(`${name} is not a count below 2^32`);
}

function hex(value: CborValue | undefined, name: string): Hex {
  if (value instanceof Uint8Array && value.length === 32) return toHex(value);
  throw new TypeError(`${name} is not 32 bytes`);
}
