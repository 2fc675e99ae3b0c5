/** The sample of a listing on its seller's machine: taken for the draft, then proved for that listing. */
import { randomBytes } from 'node:crypto';
import { toHex } from '../base/bytes.ts';
import { OperationalError } from '../base/operational-error.ts';
import type { SampleSize } from '../base/rules.ts';
import { sizeNamed } from '../base/sample-sizes.ts';
import type { Listing } from '../listing/schema.ts';
import { kAnonymityCommitment } from '../privacy/zk/prover/poseidon.ts';
import {
  listingBinding,
  prepareKAnonymity,
  type KAnonymityInputs,
} from '../privacy/zk/statements/k-anonymity.ts';
import type { SampleOpening } from './delivery-package.ts';
import { chooseNeededSample, sampleColumn, type SampledFile } from './sample-rows.ts';

export interface TakenSample {
  readonly size: SampleSize;
  readonly fileRows: number;
  /** Rows with a missing quasi-identifier: none of them is in the sample. */
  readonly leftOut: number;
  /** The seller's secret until delivery: without it nobody can prove the sample, or check it. */
  readonly opening: SampleOpening;
  /** What the draft names. */
  readonly listed: Listing['sample'];
}

/**
 * The sample that a file needs by these sizes. Throws OperationalError SAMPLE_IMPOSSIBLE where the file has
 * too few rows or too small classes for it; as readCells.
 */
export async function takeSample(
  file: SampledFile,
  sizes: readonly SampleSize[],
): Promise<TakenSample> {
  const chosen = await chooseNeededSample(file, sizes);
  if (!chosen.ok) {
    throw new OperationalError(
      'SAMPLE_IMPOSSIBLE',
      `${file.path} gives no sample: ${chosen.detail}. ${chosen.result.remedy}`,
    );
  }
  const { size, fileRows, leftOut, rows, column } = chosen.value;
  const salt = BigInt(`0x${toHex(new Uint8Array(randomBytes(31)))}`);
  const { circuitId } = size;
  const commitment = commitmentHex(size, salt, column);
  const quasiIdentifiers = [...file.columns];
  return {
    ...{ size, fileRows, leftOut },
    opening: { salt, rows },
    listed: { circuitId, rows: size.rows, commitment, quasiIdentifiers },
  };
}

/** Of a sample, as a listing names it. */
export const commitmentHex = (size: SampleSize, salt: bigint, column: readonly bigint[]): string =>
  kAnonymityCommitment(size, salt, column).toString(16).padStart(64, '0');

/** Of a sample that a listing names. Throws OperationalError SAMPLE_NOT_ADMITTED. */
export function sizeOfSample(
  sizes: readonly SampleSize[],
  sample: Pick<Listing['sample'], 'circuitId' | 'rows'>,
): SampleSize {
  const size = sizeNamed(sizes, sample);
  if (size) return size;
  const admitted = sizes.map(({ circuitId, rows }) => `${circuitId} over ${rows}`).join(', ');
  throw new OperationalError(
    'SAMPLE_NOT_ADMITTED',
    `The listing names circuit ${sample.circuitId} over ${sample.rows} rows; the rule pack admits ${admitted}.`,
  );
}

/**
 * What the circuit takes to prove a taken sample of a listing's present revision. Throws OperationalError
 * SAMPLE_OTHER where file and opening are not what the listing commits to.
 */
export async function proofInputs(
  file: SampledFile,
  { salt, rows }: SampleOpening,
  size: SampleSize,
  { chainId, listing }: { readonly chainId: string; readonly listing: Listing },
): Promise<KAnonymityInputs> {
  const column = rows.length === size.rows ? await sampleColumn(file, rows) : null;
  if (column === null || commitmentHex(size, salt, column) !== listing.sample.commitment) {
    throw new OperationalError(
      'SAMPLE_OTHER',
      `${file.path} and this opening are not the sample that listing ${listing.id} commits to: ` +
        'name the file and the opening from which it was drafted.',
    );
  }
  const binding = listingBinding({
    chainId,
    circuitId: size.circuitId,
    listingId: listing.id,
    revision: BigInt(listing.revision),
    sellerOrgId: listing.seller,
  });
  const prepared = prepareKAnonymity(size, { binding, salt, column });
  if (prepared.ok) return prepared.value;
  throw new OperationalError('SAMPLE_IMPOSSIBLE', `${prepared.result.title} ${prepared.detail}.`);
}
