import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import type { ClaimKey } from './content-claims.ts';
import { safeInteger } from './columns.ts';
import type { UploadFiles } from './upload-files.ts';

/** Something that is on its way: when all is here it is kept under its digest, and claimed so. */
export interface Upload extends ClaimKey {
  readonly id: string;
  /** Of all of it. */
  readonly bytes: number;
  readonly expiresAtMs: number;
}

export interface Uploads {
  readonly files: UploadFiles;
  begin(upload: Omit<Upload, 'id'>): Promise<Upload>;
  find(id: string): Promise<Upload | null>;
  /** It came to its end, or is not wanted any more. */
  end(upload: Pick<Upload, 'id'>): Promise<void>;
  /** Removes what has expired, with its bytes; returns how many. */
  sweep(nowMs: number): Promise<number>;
}

type Row = { [Name in keyof Upload]: string };

const columns =
  'id, digest, organisation_id AS "organisationId", about, bytes, expires_at_ms AS "expiresAtMs"';

export function createUploads(dataSource: DataSource, files: UploadFiles): Uploads {
  const end = async ({ id }: Pick<Upload, 'id'>): Promise<void> => {
    await files.remove(id);
    await dataSource.query('DELETE FROM content_upload WHERE id = $1', [id]);
  };
  return {
    files,
    end,
    async begin(given) {
      const upload = { ...given, id: randomUUID() };
      const { id, digest, organisationId, about, bytes, expiresAtMs } = upload;
      await dataSource.query(
        `INSERT INTO content_upload (id, digest, organisation_id, about, bytes, expires_at_ms)
         VALUES ($1, $2, $3, $4, $5, $6)`,
        [id, digest, organisationId, about, bytes, expiresAtMs],
      );
      await files.create(id);
      return upload;
    },
    async find(id) {
      const [row] = await dataSource.query<Row[]>(
        `SELECT ${columns} FROM content_upload WHERE id = $1`,
        [id],
      );
      if (!row) return null;
      return { ...row, bytes: safeInteger(row.bytes), expiresAtMs: safeInteger(row.expiresAtMs) };
    },
    async sweep(nowMs) {
      const expired = await dataSource.query<{ id: string }[]>(
        'SELECT id FROM content_upload WHERE expires_at_ms <= $1',
        [nowMs],
      );
      for (const upload of expired) await end(upload);
      return expired.length;
    },
  };
}
