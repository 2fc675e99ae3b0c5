/** Where `dxl` keeps what a key signed until its end was told: a folder for each key and chain. */
import { readdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { OperationalError } from '../base/operational-error.ts';
import { isIdentifier } from '../base/identifier.ts';
import { FolderJournal, unwritable } from '../client/journal/folder-journal.ts';
import type { Signer } from '../client/journal/kept-envelope.ts';
import { pause } from '../client/transport.ts';
import type { Config } from '../config.ts';
import { tryHoldFolder, type FolderHold, type Holder } from '../node/folder-hold.ts';
import { makeFolder, privateModes } from '../node/private-files.ts';
import { remark } from './output.ts';

/** Of a key, whatever the chain. */
export interface SentPlace {
  readonly config: Pick<Config, 'sentDir'>;
  readonly keyFile: string;
  readonly keyId: string;
}

export interface HeldJournal {
  readonly journal: FolderJournal;
  readonly folder: string;
  release(): Promise<void>;
}

/** `KEY.sent` beside the key file, under whatever name it is reached; else in DXL_SENT_DIR. */
export async function sentFolder({ config, keyFile, keyId }: SentPlace): Promise<string> {
  if (config.sentDir !== null) return path.join(config.sentDir, `${keyId}.sent`);
  return `${await realpath(keyFile)}.sent`;
}

/** Chains for which something may be kept, each with its folder. */
export async function sentChains(
  place: SentPlace,
): Promise<{ readonly chainId: string; readonly folder: string }[]> {
  const folder = await sentFolder(place);
  const names = await readdir(folder).catch(() => []);
  return names
    .filter(isIdentifier)
    .sort()
    .map((chainId) => ({ chainId, folder: path.join(folder, chainId) }));
}

/**
 * The journal of a key on a chain, for this process alone: another command with the same key is
 * waited for. Throws OperationalError JOURNAL_UNWRITABLE, or KEY_IN_USE where patience is over.
 */
export async function holdJournal(
  place: SentPlace,
  { chainId }: Signer,
  patienceMs: number,
): Promise<HeldJournal> {
  const above = await sentFolder(place);
  const folder = path.join(above, chainId);
  try {
    await makeFolder(above, privateModes);
    await makeFolder(folder, privateModes);
  } catch (cause) {
    throw unwritable(folder, cause as Error);
  }
  const hold = await waitForHold(folder, place.keyFile, patienceMs);
  const journal = new FolderJournal(folder);
  await journal.clearUnfinished();
  return { journal, folder, release: () => hold.release() };
}

const askEveryMs = 100;

async function waitForHold(
  folder: string,
  keyFile: string,
  patienceMs: number,
): Promise<FolderHold> {
  const untilMs = performance.now() + patienceMs;
  for (let told = false; ; told = true) {
    const found = await tryHoldFolder(folder, 'submit').catch((error: unknown) => {
      const { cause } = error as OperationalError;
      throw unwritable(folder, (cause ?? error) as Error);
    });
    if ('release' in found) return found;
    if (performance.now() >= untilMs) throw inUse(keyFile, found);
    if (!told) remark(`Waiting for ${nameOf(found)}, which signs with this key.`);
    await pause(askEveryMs);
  }
}

const nameOf = ({ pid }: Holder): string =>
  pid > 0 ? `another \`dxl submit\` (process ${pid})` : 'another `dxl submit`';

const inUse = (keyFile: string, holder: Holder): OperationalError =>
  new OperationalError(
    'KEY_IN_USE',
    `${nameOf(holder)} signs with ${keyFile} and has not ended. Nothing was signed. Run this ` +
      'command again when it has, or wait for it longer: --patience 10m, for instance.',
  );
