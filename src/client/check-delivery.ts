/** What the buyer's own machine checks of a delivery before it accepts. */
import { parse } from 'csv-parse/sync';
import { kAnonymityCommitment } from '../privacy/zk/prover/poseidon.ts';
import {
  quasiIdentifierElement,
  type KAnonymityParameters,
} from '../privacy/zk/statements/k-anonymity.ts';
import { fingerprintRows } from '../rights/fingerprint.ts';
import type { Listing } from '../listing/schema.ts';
import type { Fingerprint } from '../rights/schema.ts';
import type { DeliveryPackage } from './delivery-package.ts';

/** The ground on which a dispute can rest, as `trading.reject-delivery` names it; null: in order. */
export type DeliveryFault = 'FINGERPRINT_MISMATCH' | 'PROOF_COMMITMENT_MISMATCH' | null;

export interface DeliveryCheck {
  readonly fault: DeliveryFault;
  readonly rows: number;
  readonly detail: string;
}

/**
 * Compares a delivered CSV file with the registered fingerprint, row by row, and recomputes the
 * commitment that was proved of the sample. About 0.3 s for 10,000 rows.
 */
export async function checkDelivery(
  { opening, file }: DeliveryPackage,
  fingerprint: Fingerprint,
  listing: Listing,
  parameters: KAnonymityParameters,
): Promise<DeliveryCheck> {
  const table = readTable(file);
  if (!table) return fingerprintFault(0, 'The file is not a CSV table with a header row.');
  const { header, rows } = table;
  if (rows.length !== fingerprint.rows || header.length !== fingerprint.columns) {
    return fingerprintFault(
      rows.length,
      `${rows.length} rows of ${header.length} cells; ` +
        `${fingerprint.rows} of ${fingerprint.columns} are registered.`,
    );
  }
  const found = fingerprintRows(rows, opening.tableSalt);
  if (found.rowsRoot !== fingerprint.rowsRoot) {
    return fingerprintFault(rows.length, 'The rows do not lead to the registered root.');
  }
  if (found.contentCommitment !== fingerprint.contentCommitment) {
    return fingerprintFault(rows.length, 'The content does not open the registered commitment.');
  }
  const commitment = sampleCommitment(header, rows, opening, listing, parameters);
  if (commitment !== listing.sample.commitment) {
    const detail = 'The sample’s rows do not open the commitment that was proved.';
    return { fault: 'PROOF_COMMITMENT_MISMATCH', rows: rows.length, detail };
  }
  return {
    fault: null,
    rows: rows.length,
    detail: 'Every row and the proved sample are in order.',
  };
}

const fingerprintFault = (rows: number, detail: string): DeliveryCheck => ({
  fault: 'FINGERPRINT_MISMATCH',
  rows,
  detail,
});

function readTable(file: Uint8Array): { header: string[]; rows: string[][] } | null {
  try {
    const [header, ...rows] = parse(file, { bom: true });
    return header ? { header, rows } : null;
  } catch {
    return null;
  }
}

function sampleCommitment(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  opening: DeliveryPackage['opening'],
  listing: Listing,
  parameters: KAnonymityParameters,
): string | null {
  const positions = listing.sample.quasiIdentifiers.map((name) => header.indexOf(name));
  if (opening.sampleRows.length !== parameters.rows || positions.includes(-1)) return null;
  if (new Set(opening.sampleRows).size !== parameters.rows) return null;
  if (opening.sampleRows.some((row) => rows[row] === undefined)) return null;
  const column = opening.sampleRows.map((row) =>
    quasiIdentifierElement(positions.map((position) => rows[row]?.[position] ?? '')),
  );
  const commitment = kAnonymityCommitment(parameters, opening.sampleSalt, column);
  return commitment.toString(16).padStart(64, '0');
}
