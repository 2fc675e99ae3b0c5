import { access } from 'node:fs/promises';
import { OperationalError } from '../base/operational-error.ts';

/** A file that is received takes no other's place. Throws OperationalError FILE_EXISTS. */
export async function refuseExisting(target: string): Promise<void> {
  const exists = await access(target).then(
    () => true,
    () => false,
  );
  if (!exists) return;
  throw new OperationalError(
    'FILE_EXISTS',
    `${target} is there already and is not overwritten. Choose another name or move it away.`,
  );
}
