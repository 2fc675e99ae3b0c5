/** A passphrase comes from a file or from the keyboard: never from the command line. */
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { readFileText, taken } from '../base/file-text.ts';
import { OperationalError } from '../base/operational-error.ts';
import type { Config } from '../config.ts';

export interface PassphraseRequest {
  readonly config: Config;
  readonly prompt: string;
  /** Asks twice at the keyboard: a new passphrase mistyped once is a key lost. */
  readonly confirm?: boolean;
}

/** Throws OperationalError PASSPHRASE_FILE, KEY_PASSPHRASE_ABSENT or USAGE. */
export async function readPassphrase(request: PassphraseRequest): Promise<string> {
  const { config, prompt, confirm = false } = request;
  if (config.passphraseFile !== null) return readPassphraseFile(config.passphraseFile);
  if (!process.stdin.isTTY) {
    throw new OperationalError(
      'KEY_PASSPHRASE_ABSENT',
      'No passphrase: there is no keyboard to ask at. Name a file of mode 0600 that holds it in ' +
        'DXL_PASSPHRASE_FILE.',
    );
  }
  const first = await ask(`${prompt}: `);
  if (confirm && (await ask(`${prompt} again: `)) !== first) {
    throw new OperationalError('USAGE', 'The two passphrases differ. Run the command again.');
  }
  return first;
}

/** Its first line. */
async function readPassphraseFile(file: string): Promise<string> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new OperationalError(
      'PASSPHRASE_FILE',
      `DXL_PASSPHRASE_FILE names ${file}, which cannot be read. Correct the name or its mode.`,
      { cause },
    );
  });
  const text = taken(readFileText(bytes), (problem) => passphraseFileError(file, problem));
  const [first = ''] = text.split(/\r?\n/, 1);
  if (first === '') throw passphraseFileError(file, 'has an empty first line');
  return first;
}

/** Says nothing of what is in it. */
const passphraseFileError = (file: string, problem: string): OperationalError =>
  new OperationalError(
    'PASSPHRASE_FILE',
    `${file}, which DXL_PASSPHRASE_FILE names, ${problem}. Its first line is the passphrase.`,
  );

async function ask(prompt: string): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  process.stderr.write(prompt);
  // A terminal in raw mode does not echo; what readline would echo goes nowhere.
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true });
  const interrupted = new Promise<never>((_resolve, reject) => {
    lines.once('SIGINT', () => reject(new OperationalError('USAGE', 'Interrupted.')));
  });
  try {
    return await Promise.race([lines.question(''), interrupted]);
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}
