import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { decodeCbor, encodeCbor } from '../../../../base/cbor.ts';
import { fromHex, toHex, type Hex } from '../../../../base/bytes.ts';
import { OperationalError } from '../../../../base/operational-error.ts';
import { refuse, successWith, type Outcome } from '../../../../base/result.ts';
import { heResults } from '../../results.ts';
import type { SellerPool } from '../../worker/pool.ts';
import { checkJobSpec } from './check-job-spec.ts';
import { jobSpecHash, type JobSpec } from './job-spec.ts';

/**
 * The seller's key of one job. The secret is out of reach of logging, inspection and JSON; it is
 * handed out by `exposeSecret` only, to the seller's own child process or to an escrow.
 */
export class JobKey {
  readonly specHash: Hex;
  /** SHA-256 of the seeded public key: for the ledger. */
  readonly publicKeyDigest: Hex;
  readonly #secret: Uint8Array;

  constructor(specHash: Hex, publicKeyDigest: Hex, secret: Uint8Array) {
    this.specHash = specHash;
    this.publicKeyDigest = publicKeyDigest;
    this.#secret = secret;
  }

  exposeSecret(): Uint8Array {
    return this.#secret;
  }
}

/** Makes the key of a job, in memory. Refuses as `checkJobSpec` does. */
export async function makeJobKey(spec: JobSpec, pool: SellerPool): Promise<Outcome<JobKey>> {
  const checked = checkJobSpec(spec);
  if (!checked.ok) return checked;
  const made = await pool.run('makeKey', {});
  if (!made.ok) return made;
  const digest = createHash('sha256').update(made.value.publicKey).digest('hex');
  return successWith(new JobKey(jobSpecHash(spec), digest, made.value.secretKey));
}

/** One key, one job: refuses the key of another with HE_KEY_REUSED. */
export function checkKeyOfJob(key: JobKey, spec: JobSpec): Outcome<JobKey> {
  if (key.specHash === jobSpecHash(spec)) return successWith(key);
  return refuse(heResults.HE_KEY_REUSED, `the key was made for job ${key.specHash}`);
}

/** Writes the key readable by its owner only (mode 0600) and never over another file. */
export async function saveJobKey(key: JobKey, path: string): Promise<void> {
  const content = encodeCbor([
    keyFormat,
    fromHex(key.specHash),
    fromHex(key.publicKeyDigest),
    key.exposeSecret(),
  ]);
  await writeFile(path, content, { mode: 0o600, flag: 'wx' });
}

/** Throws OperationalError HE_KEY_FILE where the file is not one that `saveJobKey` wrote. */
export async function loadJobKey(path: string): Promise<JobKey> {
  try {
    const content = decodeCbor(new Uint8Array(await readFile(path)));
    if (!Array.isArray(content) || content.length !== 4 || content[0] !== keyFormat) {
      throw new TypeError('another format');
    }
    const [, specHash, digest, secret] = content as Uint8Array[];
    return new JobKey(toHex(wanted(specHash)), toHex(wanted(digest)), wanted(secret));
  } catch (cause) {
    const message = `${path} is not the key file of a job; give the file that was saved for it`;
    throw new OperationalError('HE_KEY_FILE', message, { cause });
  }
}

const keyFormat = 'dxl-he-job-key/1';

function wanted(bytes: Uint8Array | undefined): Uint8Array {
  if (bytes instanceof Uint8Array) return bytes;
  throw new TypeError('not bytes');
}
