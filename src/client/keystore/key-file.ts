/** Keys at rest: encrypted under a passphrase, readable by their owner only, never overwritten. */
import { open, readFile, rm, stat } from 'node:fs/promises';
import sodium from 'sodium-native';
import { concat, fromHex, toHex, utf8 } from '../../base/bytes.ts';
import { readFileText, taken } from '../../base/file-text.ts';
import { OperationalError } from '../../base/operational-error.ts';
import { partyFromSeeds, randomSeed, type Party, type PartySeeds } from '../party.ts';
import { moderateCost, type PassphraseCost } from './cost.ts';
import { additionalData, readKeyFile, writeKeyFile, type PublicPart } from './format.ts';

export interface NewKey {
  readonly passphrase: string;
  readonly organisationId?: string | undefined;
  /** Default: moderateCost, about a second and 256 MiB at every opening. */
  readonly cost?: PassphraseCost;
}

/** A passphrase is the only thing between a stolen file and the organisation's signature. */
const passphraseCharactersMin = 8;

/**
 * Makes a key pair to sign with and one to be sealed to, and keeps both in a new file (mode 0600).
 * Throws OperationalError KEY_FILE_EXISTS, KEY_PASSPHRASE_SHORT, KEY_FILE_UNWRITABLE.
 */
export async function newKeyFile(path: string, options: NewKey): Promise<Party> {
  const { passphrase, cost = moderateCost } = options;
  if ([...passphrase].length < passphraseCharactersMin) {
    throw new OperationalError(
      'KEY_PASSPHRASE_SHORT',
      `A passphrase has ${passphraseCharactersMin} characters or more; several words are best.`,
    );
  }
  const seeds = { signing: randomSeed(), sealing: randomSeed() };
  const party = partyFromSeeds(options.organisationId ?? null, seeds);
  await writeNewFile(path, () => encryptSeeds(party, seeds, passphrase, cost));
  wipe(seeds);
  return party;
}

/**
 * Throws OperationalError KEY_FILE_MISSING, KEY_FILE_PERMISSIONS, KEY_FILE_VERSION,
 * KEY_FILE_CORRUPT or KEY_PASSPHRASE_WRONG.
 */
export async function openKeyFile(path: string, passphrase: string): Promise<Party> {
  const file = await readPrivateFile(path);
  const key = deriveKey(passphrase, file.salt, file.cost);
  const secret = Buffer.alloc(64);
  try {
    sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
      secret,
      null,
      Buffer.from(fromHex(file.secret)),
      Buffer.from(additionalData(file)),
      Buffer.from(fromHex(file.nonce)),
      key,
    );
  } catch {
    throw new OperationalError(
      'KEY_PASSPHRASE_WRONG',
      `The passphrase does not open ${path}. Check the passphrase; nobody can recover it. If it ` +
        'is surely right, somebody altered the file: restore it from its backup.',
    );
  } finally {
    sodium.sodium_memzero(key);
  }
  const seeds = {
    signing: new Uint8Array(secret.subarray(0, 32)),
    sealing: new Uint8Array(secret.subarray(32)),
  };
  const party = partyFromSeeds(file.organisationId, seeds);
  sodium.sodium_memzero(secret);
  wipe(seeds);
  return party;
}

/** What a key file says without its passphrase: checked against accidents, not against forgers. */
export const showKeyFile = (path: string): Promise<PublicPart> => readPrivateFile(path);

function encryptSeeds(
  party: Party,
  seeds: PartySeeds,
  passphrase: string,
  cost: PassphraseCost,
): string {
  const part: PublicPart = {
    organisationId: party.organisationId,
    keyId: party.signingKey.keyId,
    publicKey: party.signingKey.publicKey,
    encryptionKey: party.encryptionKey,
    cost,
    salt: toHex(randomSeed().subarray(0, 16)),
    nonce: toHex(randomSeed().subarray(0, 24)),
  };
  const key = deriveKey(passphrase, part.salt, cost);
  const plain = Buffer.from(concat(seeds.signing, seeds.sealing));
  const secret = Buffer.alloc(plain.length + sodium.crypto_aead_xchacha20poly1305_ietf_ABYTES);
  sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
    secret,
    plain,
    Buffer.from(additionalData(part)),
    null,
    Buffer.from(fromHex(part.nonce)),
    key,
  );
  sodium.sodium_memzero(key);
  sodium.sodium_memzero(plain);
  return writeKeyFile({ ...part, secret: toHex(secret) });
}

function deriveKey(passphrase: string, salt: string, cost: PassphraseCost): Buffer {
  const key = Buffer.alloc(sodium.crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
  // NFC, as RFC 8265 has it: one passphrase is one passphrase on every keyboard.
  sodium.crypto_pwhash(
    key,
    Buffer.from(utf8(passphrase.normalize('NFC'))),
    Buffer.from(fromHex(salt)),
    cost.operations,
    cost.memoryBytes,
    sodium.crypto_pwhash_ALG_ARGON2ID13,
  );
  return key;
}

function wipe(seeds: PartySeeds): void {
  seeds.signing.fill(0);
  seeds.sealing.fill(0);
}

async function writeNewFile(path: string, makeText: () => string): Promise<void> {
  const handle = await open(path, 'wx', 0o600).catch((cause: unknown) => {
    throw (cause as NodeJS.ErrnoException).code === 'EEXIST'
      ? new OperationalError(
          'KEY_FILE_EXISTS',
          `${path} is there already, and a key file is never overwritten. Choose another name.`,
        )
      : unwritable(path, cause as Error);
  });
  try {
    await handle.writeFile(makeText());
    await handle.sync();
  } catch (cause) {
    await rm(path, { force: true });
    throw unwritable(path, cause as Error);
  } finally {
    await handle.close();
  }
}

const unwritable = (path: string, cause: Error): OperationalError =>
  new OperationalError(
    'KEY_FILE_UNWRITABLE',
    `${path} cannot be written: ${cause.message}. Choose a folder that exists and is yours.`,
    { cause },
  );

const keyFileBytesMax = 16_384;

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
  const text = taken(
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
