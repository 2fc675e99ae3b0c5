import type { Dialect } from '../csv/dialect.ts';
import type { Encoding } from '../text/encoding.ts';

/**
 * The part of a description that is of one file: it travels with each file, and the same table may
 * come in another.
 */
export type FileDescription = CsvFile | { readonly format: 'parquet' };

export interface CsvFile {
  readonly format: 'csv';
  readonly encoding: Encoding;
  readonly dialect: Dialect;
}
