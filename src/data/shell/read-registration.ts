import { fromHex } from '../../base/bytes.ts';
import { namesOf, type TableDescription } from '../description/table.ts';
import { headerDigest, tableRoot, type RegisteredTable } from '../fingerprint/fingerprint.ts';
import type { FingerprintVersion1 } from '../fingerprint/version-1.ts';

export type RegisteredFingerprint =
  | { readonly version: 1; readonly fingerprint: FingerprintVersion1 }
  | { readonly version: 2; readonly fingerprint: RegisteredTable };

type Members = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Members => typeof value === 'object' && value !== null;
const isDigest = (value: unknown): boolean =>
  typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) > 0;

/**
 * Of a registration as `dxl get registrations ID --json` prints it (within `data`), of the record or its
 * fingerprint alone, of the record of its table (dxl get registered-tables ID --json), or of what `dxl data inspect --write-opening` printed as `registered`; null for
 * anything else.
 */
export function readRegistration(value: unknown): RegisteredFingerprint | null {
  if (!isObject(value)) return null;
  for (const name of ['data', 'registered', 'fingerprint']) {
    const inner = isObject(value[name]) ? readRegistration(value[name]) : null;
    if (inner !== null) return inner;
  }
  const { rows, columns, rowsRoot, contentCommitment } = value;
  if (!isCount(rows) || !isCount(columns) || !isDigest(rowsRoot)) return null;
  if (isDigest(contentCommitment)) {
    return { version: 1, fingerprint: value as unknown as FingerprintVersion1 };
  }
  const { version, header, root, bareCommitment, description = null } = value;
  const isWhole = version === 2 && [header, root, bareCommitment].every(isDigest);
  if (!isWhole || !(description === null || isDigest(description))) return null;
  const fingerprint = { ...value, description } as unknown as RegisteredTable;
  return { version: 2, fingerprint };
}

/**
 * A registration's own record holds of a fingerprint of version 2 what it holds of one of version 1, the
 * commitment to the bare root in the place of that to the content. The names are the opening's: the bare
 * root is over them, so that others do not agree.
 */
export function asVersion2(
  { rows, columns, rowsRoot, contentCommitment }: FingerprintVersion1,
  table: TableDescription,
): RegisteredTable {
  const shape = { rows, columns, header: headerDigest(namesOf(table)) };
  return {
    ...{ version: 2, ...shape, rowsRoot, bareCommitment: contentCommitment },
    root: tableRoot(shape, fromHex(rowsRoot)),
    description: null,
  };
}

/** The table's salt of an opening of version 1; null where it holds none. */
export function readTableSalt(value: unknown): Uint8Array | null {
  const salt = isObject(value) ? value['tableSalt'] : null;
  return typeof salt === 'string' && isDigest(salt) ? fromHex(salt) : null;
}
