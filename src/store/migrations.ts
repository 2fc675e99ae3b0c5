import { readdirSync, readFileSync } from 'node:fs';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { assert } from '../base/assert.ts';
import { OperationalError } from '../base/operational-error.ts';

type MigrationClass = new () => MigrationInterface;

const folder = new URL('../../migrations/', import.meta.url);

/** One class per SQL file. TypeORM orders and remembers them by the 13 digits that end the name. */
function migrationOf(file: string): MigrationClass {
  const [number, ...words] = file.split('-');
  assert(/^\d{4}$/.test(number ?? ''), `a migration is named NNNN-name, not ${file}`);
  return class implements MigrationInterface {
    readonly name = `${words.join('_')}${(number ?? '').padStart(13, '0')}`;

    async up(runner: QueryRunner): Promise<void> {
      await runner.query(readFileSync(new URL(`${file}.sql`, folder), 'utf8'));
    }

    async down(): Promise<void> {
      throw new OperationalError(
        'STORE_FORWARD_ONLY',
        `Migration ${file} is not undone: restore a backup taken before it instead.`,
      );
    }
  };
}

const files = [
  '0001-chain',
  '0002-search',
  '0003-projection',
  '0004-used-nonce',
  '0005-idempotent-request',
  '0006-block-rows-by-copy',
  '0007-search-vector',
  '0008-content-claim',
  '0009-content-upload',
  '0010-content-removal',
] as const;

/** Every migration, in order. Asserts that none of the folder's files was forgotten here. */
export function allMigrations(): MigrationClass[] {
  const present = readdirSync(folder).filter((name) => name.endsWith('.sql'));
  const wanted = files.map((file) => `${file}.sql`);
  assert(
    present.length === wanted.length && present.sort().every((name, at) => name === wanted[at]),
    `migrations/ holds ${present.join(', ')}; src/store/migrations.ts names ${wanted.join(', ')}`,
  );
  return files.map(migrationOf);
}
