/** Keys at rest: encrypted under a passphrase, readable by their owner only, never overwritten. */
import { constants, copyFile, link, readFile, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { toHex } from '../../base/bytes.ts';
import { readFileText, taken as textOf } from '../../base/file-text.ts';
import { OperationalError } from '../../base/operational-error.ts';
import { syncFolder, writeSynced } from '../../disk/durable.ts';
import { partyFromSeeds, randomSeed, type Party, type PartySeeds } from '../party.ts';
import { moderateCost, type PassphraseCost } from './cost.ts';
import { earlierKeysMax, readKeyFile, type PublicPart } from './format.ts';
import { decryptSeeds, encryptSeeds, wipe } from './seeds-cipher.ts';

export interface NewKey {
  readonly passphrase: string;
  readonly organisationId?: string | null | undefined;
  /** Default: moderateCost, about a second and 256 MiB at every opening. */
  readonly cost?: PassphraseCost;
}

/** A passphrase is the only thing between a stolen file and the organisation's signature. */
const passphraseCharactersMin = 8;

/**
 * Makes a key pair to sign with and one to be sealed to, and keeps both in a new file (mode 0600).
 * Throws OperationalError KEY_FILE_EXISTS, KEY_PASSPHRASE_SHORT, KEY_FILE_UNWRITABLE.
 */
export function newKeyFile(path: string, options: NewKey): Promise<Party> {
  const seeds = { signing: randomSeed(), sealing: randomSeed() };
  return keepSeeds(path, seeds, options);
}

/**
 * Throws OperationalError KEY_FILE_MISSING, KEY_FILE_PERMISSIONS, KEY_FILE_VERSION,
 * KEY_FILE_CORRUPT or KEY_PASSPHRASE_WRONG.
 */
export async function openKeyFile(path: string, passphrase: string): Promise<Party> {
  const { party, seeds } = await openSeeds(path, passphrase);
  wipe(seeds);
  return party;
}

export interface RotatedKey {
  readonly path: string;
  /** Asked for once the old file is open. */
  readonly passphrase: () => Promise<string>;
  /** Of the file that is made; default: moderateCost. */
  readonly cost?: PassphraseCost;
  /** False: what is sealed to stays, and only what signs is made anew. */
  readonly withSealing: boolean;
}

/**
 * Makes the keys that come after those of the file `from`, in a new file which opens all that was sealed to
 * before, too. Nothing of it is registered yet.
 * Throws as openKeyFile and newKeyFile do, and KEY_FILE_FULL.
 */
export async function rotatedKeyFile(
  from: { readonly path: string; readonly passphrase: string },
  { path, passphrase, withSealing, cost }: RotatedKey,
): Promise<{ readonly old: Party; readonly next: Party }> {
  const { party: old, seeds } = await openSeeds(from.path, from.passphrase);
  try {
    const { sealing, earlierSealing = [] } = seeds;
    const kept = withSealing
      ? { sealing: randomSeed(), earlierSealing: [sealing, ...earlierSealing] }
      : { sealing, earlierSealing };
    if (kept.earlierSealing.length > earlierKeysMax) throw full(from.path);
    const { organisationId } = old;
    const chosen = { organisationId, passphrase: await passphrase(), ...(cost ? { cost } : {}) };
    return { old, next: await keepSeeds(path, { signing: randomSeed(), ...kept }, chosen) };
  } finally {
    wipe(seeds);
  }
}

/** What a key file says without its passphrase: checked against accidents, not against forgers. */
export const showKeyFile = (path: string): Promise<PublicPart> => readPrivateFile(path);

/** Writes the new file, and wipes the seeds. */
async function keepSeeds(
  path: string,
  seeds: PartySeeds,
  { organisationId = null, passphrase, cost = moderateCost }: NewKey,
): Promise<Party> {
  if ([...passphrase].length < passphraseCharactersMin) {
    throw new OperationalError(
      'KEY_PASSPHRASE_SHORT',
      `A passphrase has ${passphraseCharactersMin} characters or more; several words are best.`,
    );
  }
  const party = partyFromSeeds(organisationId, seeds);
  await writeNewFile(path, () => encryptSeeds(party, seeds, { passphrase, cost }));
  wipe(seeds);
  return party;
}

async function openSeeds(
  path: string,
  passphrase: string,
): Promise<{ readonly party: Party; readonly seeds: PartySeeds }> {
  const file = await readPrivateFile(path);
  const seeds = decryptSeeds(file, passphrase);
  if (seeds) return { party: partyFromSeeds(file.organisationId, seeds), seeds };
  throw new OperationalError(
    'KEY_PASSPHRASE_WRONG',
    `The passphrase does not open ${path}. Check the passphrase; nobody can recover it. If it ` +
      'is surely right, somebody altered the file: restore it from its backup.',
  );
}

const full = (path: string): OperationalError =>
  new OperationalError(
    'KEY_FILE_FULL',
    `${path} holds ${earlierKeysMax} earlier sealing keys, the most that a key file takes. Rotate what ` +
      'signs alone: --signing-only.',
  );

/** Whole and on the disk when it resolves; a kill on the way leaves nothing under this name. */
async function writeNewFile(file: string, makeText: () => string): Promise<void> {
  await refuseTaken(file);
  const unfinished = `${file}.${toHex(randomSeed().subarray(0, 8))}.new`;
  try {
    await writeSynced(unfinished, makeText());
    await link(unfinished, file).catch(async (cause: unknown) => {
      if ((cause as NodeJS.ErrnoException).code === 'EEXIST') throw taken(file);
      // A disk that knows no links, as a stick that is carried to a safe.
      await copyFile(unfinished, file, constants.COPYFILE_EXCL);
    });
    await syncFolder(dirname(file));
  } catch (cause) {
    throw cause instanceof OperationalError ? cause : unwritable(file, cause as Error);
  } finally {
    await rm(unfinished, { force: true });
  }
}

async function refuseTaken(file: string): Promise<void> {
  if (await stat(file).catch(() => null)) throw taken(file);
}

const taken = (file: string): OperationalError =>
  new OperationalError(
    'KEY_FILE_EXISTS',
    `${file} is there already, and a key file is never overwritten. Choose another name.`,
  );

const unwritable = (path: string, cause: Error): OperationalError =>
  new OperationalError(
    'KEY_FILE_UNWRITABLE',
    `${path} cannot be written: ${cause.message}. Choose a folder that exists and is yours.`,
    { cause },
  );

const keyFileBytesMax = 65_536;

async function readPrivateFile(path: string) {
  const found = await stat(path).catch((cause: unknown) => {
    throw missing(path, cause);
  });
  if (process.platform !== 'win32' && (found.mode & 0o077) !== 0) {
    throw new OperationalError(
      'KEY_FILE_PERMISSIONS',
      `Others than its owner may use ${path}. Run: chmod 600 ${path}`,
    );
  }
  if (!found.isFile() || found.size > keyFileBytesMax) {
    throw new OperationalError('KEY_FILE_CORRUPT', `${path} is not a key file.`);
  }
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw missing(path, cause);
  });
  const text = textOf(
    readFileText(bytes),
    (problem) => new OperationalError('KEY_FILE_CORRUPT', `${path} ${problem}.`),
  );
  return readKeyFile(text);
}

const missing = (path: string, cause: unknown): OperationalError =>
  new OperationalError(
    'KEY_FILE_MISSING',
    `${path} cannot be read. Name an existing key file, or make one with: dxl key new ${path}`,
    { cause },
  );
