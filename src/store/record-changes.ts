import type { DataSource } from 'typeorm';
import { safeInteger } from './columns.ts';

/** Block time of the last change of a record, by the read models; null where they have none. */
export const recordChanges =
  (dataSource: DataSource) =>
  async (kind: string, id: string): Promise<number | null> => {
    const [row] = await dataSource.query<{ timeMs: string }[]>(
      `SELECT time_ms AS "timeMs" FROM block JOIN record ON record.height = block.height
       WHERE kind = $1 AND id = $2`,
      [kind, id],
    );
    return row ? safeInteger(row.timeMs) : null;
  };
