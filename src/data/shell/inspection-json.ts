import { criteria, type Criterion } from '../profile/quality.ts';
import { tableDescriptionDigest } from '../description/table.ts';
import { indexToJson } from '../table-index.ts';
import type { Inspection } from './inspect.ts';

/** What `dxl data inspect --json` prints, and `dxl data check --against` reads. It is its owner's alone. */
export function inspectionJson(inspection: Inspection) {
  const { read, table, proposals, examined, quality, anonymity, problems } = inspection;
  const { file, byteOrderMark } = read;
  const csv = file.format === 'csv' ? file : null;
  const basisPoints = criteria.map((name) => [name, quality[name].basisPoints] as const);
  return {
    rows: examined.counts.rows,
    columns: table.columns.map((column, index) => {
      const { name: _, ...counts } = examined.counts.columns[index] ?? { name: '' };
      return { ...column, counts };
    }),
    format: file.format,
    encoding: csv?.encoding ?? null,
    byteOrderMark,
    dialect: csv?.dialect ?? null,
    bytes: read.bytes,
    sha256: read.sha256,
    description: {
      source: proposals === null ? 'stated' : 'proposed',
      digest: tableDescriptionDigest(table),
    },
    // Rows that are set apart are in no digest: such a file is not yet a table.
    fingerprint: read.ragged.count > 0 ? null : examined.bare,
    quality: Object.fromEntries(basisPoints) as Record<Criterion, number | null>,
    measures: quality,
    anonymity,
    problems,
    index: indexToJson(examined.index),
  };
}
