import { OperationalError } from '../../base/operational-error.ts';

type FailureRow = readonly [pattern: RegExp, code: string, remedy: string];

const failures: readonly FailureRow[] = [
  [
    /No space left on device|Disk quota exceeded/,
    'POSTGRES_DISK_FULL',
    'Free space on the disk of the data folder, then start again; nothing acknowledged is lost.',
  ],
  [
    /could not look up effective user/,
    'POSTGRES_NO_ACCOUNT',
    'PostgreSQL runs only as a user with a line in /etc/passwd: add one, or set DATABASE_URL.',
  ],
  [
    /Permission denied|Operation not permitted|EACCES|has wrong ownership|invalid permissions/,
    'POSTGRES_FORBIDDEN',
    'The data folder must belong to the user who starts the exchange: give another, or change it.',
  ],
  [
    /incompatible with server|was initialized by PostgreSQL version/,
    'POSTGRES_VERSION',
    'Start the release that made this database and carry its data over by dump and restore.',
  ],
  [
    /Cannot allocate memory|could not map anonymous shared memory|could not create shared memory/,
    'POSTGRES_MEMORY',
    'PostgreSQL needs about 200 MB: free memory or raise the limit of the container.',
  ],
  [
    /ENOENT|error while loading shared libraries|Exec format error|GLIBC_/,
    'POSTGRES_BINARY',
    'The packaged binaries do not run on this system (they need glibc): set DATABASE_URL.',
  ],
];

/** Turns what initdb or the server said on its way out into an error that says what to do. */
export function explainFailure(output: string, what: string, cause?: unknown): OperationalError {
  const row = failures.find(([pattern]) => pattern.test(output));
  const said = output.trim().split('\n').slice(-6).join('\n');
  const remedy = row?.[2] ?? 'Read what it said, or set DATABASE_URL to a PostgreSQL of your own.';
  return new OperationalError(
    row?.[1] ?? 'POSTGRES_START_FAILED',
    `${what}. ${remedy}\n${said}`,
    cause === undefined ? undefined : { cause },
  );
}
