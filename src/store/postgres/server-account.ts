import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { OperationalError } from '../../base/operational-error.ts';

/** Whom the server runs as when we are root, as which PostgreSQL refuses to run. */
export interface ServerAccount {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

const candidates = ['postgres', 'nobody'];

/** Null where we are not root: the server then runs as ourselves. */
export async function findServerAccount(): Promise<ServerAccount | null> {
  if (process.getuid?.() !== 0) return null;
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n');
  for (const name of candidates) {
    const [, , uid, gid] = lines.find((line) => line.startsWith(`${name}:`))?.split(':') ?? [];
    if (uid !== undefined && gid !== undefined && uid !== '0') {
      return { name, uid: Number(uid), gid: Number(gid) };
    }
  }
  throw new OperationalError(
    'POSTGRES_NO_ACCOUNT',
    'PostgreSQL does not run as root, and /etc/passwd names neither postgres nor nobody. Start ' +
      'as a normal user, or set DATABASE_URL.',
  );
}

/** The owner of the cluster in `place`, where it is not root: a server keeps the user it began as. */
export async function clusterOwner(place: string): Promise<ServerAccount | null> {
  const cluster = (await readdir(place)).find((name) => /^pg\d+$/.test(name));
  if (cluster === undefined) return null;
  const { uid, gid } = await stat(path.join(place, cluster));
  return uid === 0 ? null : { name: `user ${uid}`, uid, gid };
}

/**
 * Whether `account` may read and search `file` and every folder above it, by mode bits alone: an
 * access control list that grants more is not seen, and the caller then only copies needlessly.
 */
export async function canReach(file: string, account: ServerAccount): Promise<boolean> {
  let current = await realpath(file);
  if (!(await permits(current, account, 0o5))) return false;
  for (;;) {
    const parent = path.dirname(current);
    if (parent === current) return true;
    if (!(await permits(parent, account, 0o1))) return false;
    current = parent;
  }
}

async function permits(file: string, account: ServerAccount, wanted: number): Promise<boolean> {
  const { mode, uid, gid } = await stat(file);
  const shift = uid === account.uid ? 6 : gid === account.gid ? 3 : 0;
  return ((mode >> shift) & wanted) === wanted;
}
