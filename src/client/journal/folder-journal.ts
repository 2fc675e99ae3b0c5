/**
 * A journal in a folder of one key and one chain: each envelope is a file `ID.cose` of its bytes and
 * nothing else, which the SHA-256 in its name and the signature in it check. No secret is in it.
 */
import { readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Hex } from '../../base/bytes.ts';
import { OperationalError } from '../../base/operational-error.ts';
import { syncFolder, writeSynced } from '../../disk/durable.ts';
import type { SentEnvelope } from '../see-to-end.ts';
import type { EnvelopeJournal } from './envelope-journal.ts';
import { keptBytesMax, readKept, type KeptEnvelope, type Signer } from './kept-envelope.ts';

const keptForm = /^([0-9a-f]{64})\.cose$/;
/** Not yet on the disk as a whole, so nothing of it was sent. */
const unfinishedForm = /^[0-9a-f]{64}\.new$/;

/** The caller has the folder for itself, but for `left`. */
export class FolderJournal implements EnvelopeJournal {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Envelopes whose end nobody was told, in the order of their numbers; none where there is no
   * folder. Throws OperationalError JOURNAL_DAMAGED for a file that is none of this key and chain.
   */
  async left(signer: Signer): Promise<KeptEnvelope[]> {
    const names = await readdir(this.#folder).catch((cause: unknown) => {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw this.#unreadable(this.#folder, cause as Error);
    });
    const kept = [];
    for (const name of names) {
      const [, id] = keptForm.exec(name) ?? [];
      if (id !== undefined) kept.push(await this.#read(id, signer));
    }
    return kept.sort((one, other) => one.sequence - other.sequence);
  }

  /** Clears away what a process that was killed had not yet kept. */
  async clearUnfinished(): Promise<void> {
    const names = await readdir(this.#folder).catch(() => []);
    for (const name of names.filter((one) => unfinishedForm.test(one))) {
      await rm(path.join(this.#folder, name), { force: true });
    }
  }

  /** Throws OperationalError JOURNAL_UNWRITABLE. */
  async keep(envelopes: readonly SentEnvelope[]): Promise<void> {
    try {
      for (const { id, bytes } of envelopes) await writeSynced(this.#at(id, 'new'), bytes);
      for (const { id } of envelopes) await rename(this.#at(id, 'new'), this.#at(id, 'cose'));
      await syncFolder(this.#folder);
    } catch (cause) {
      await this.drop(envelopes.map(({ id }) => id));
      throw unwritable(this.#folder, cause as Error);
    }
  }

  async drop(ids: readonly Hex[]): Promise<void> {
    for (const id of ids) {
      await rm(this.#at(id, 'new'), { force: true }).catch(() => undefined);
      await rm(this.#at(id, 'cose'), { force: true }).catch(() => undefined);
    }
  }

  #at(id: Hex, kind: 'new' | 'cose'): string {
    return path.join(this.#folder, `${id}.${kind}`);
  }

  async #read(id: Hex, signer: Signer): Promise<KeptEnvelope> {
    const file = this.#at(id, 'cose');
    const found = await stat(file).catch((cause: unknown) => {
      throw this.#unreadable(file, cause as Error);
    });
    if (!found.isFile() || found.size > keptBytesMax) throw damaged(file, id, 'it is no envelope');
    const bytes = await readFile(file).catch((cause: unknown) => {
      throw this.#unreadable(file, cause as Error);
    });
    const read = readKept(new Uint8Array(bytes), id, signer);
    if (typeof read === 'string') throw damaged(file, id, read);
    return { ...read, file, keptAtMs: found.mtimeMs };
  }

  #unreadable(file: string, cause: Error): OperationalError {
    return new OperationalError(
      'JOURNAL_UNREADABLE',
      `${file} cannot be read (${cause.message}). It tells what was sent and not answered, so ` +
        'nothing was signed: give yourself the right to read it, and run the command again.',
      { cause },
    );
  }
}

const damaged = (file: string, id: Hex, problem: string): OperationalError =>
  new OperationalError(
    'JOURNAL_DAMAGED',
    `${file} is not what this key sent to this chain: ${problem}. Nothing was signed, and the ` +
      `file was left as it is. See with \`dxl receipt ${id}\` whether the envelope stands in a ` +
      'block; then move the file to another folder and run the command again.',
  );

/** Why nothing can be kept in a folder, and so nothing was sent. */
export const unwritable = (folder: string, cause: Error): OperationalError =>
  new OperationalError(
    'JOURNAL_UNWRITABLE',
    `What is signed is kept in ${folder} before it is sent, and that cannot be written ` +
      `(${cause.message}). Nothing was sent. Make room on its disk, or name a folder that is ` +
      'yours: DXL_SENT_DIR=./sent, for instance.',
    { cause },
  );
