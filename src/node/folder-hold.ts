/**
 * Who has a data folder. Each process that wants it listens on a socket of its own in `lock/`, and has
 * the folder when it then finds no other that listens: of two, the one that began to listen later sees
 * the other, at any moment and in any order. The system closes a socket with its process, however
 * that ends; numbers of processes, which come back and differ between containers, decide nothing.
 */
import { createHash, randomBytes } from 'node:crypto';
import { link, open, readdir, realpath, unlink, type FileHandle } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { OperationalError } from '../base/operational-error.ts';
import { makeFolder, openModes, privateModes } from './private-files.ts';

/** A process that has a folder, or asks for it. */
export interface Holder {
  readonly pid: number;
  /** The command of `dxl`. */
  readonly command: string;
}

export interface FolderHold {
  /** The last thing to be done: another process may have the folder from here on. Once is enough. */
  release(): Promise<void>;
}

/** How long two that ask at the same moment wait for each other. */
const patienceMs = 20_000;
const lookAgainMs = 20;

/**
 * Takes a data folder for this process and makes it where it is absent; nothing else of it may be
 * touched before. Ends with the process at the latest. Throws OperationalError DATA_FOLDER_IN_USE,
 * which names who has it, and DATA_FOLDER_UNUSABLE.
 */
export async function holdFolder(folder: string, command: string): Promise<FolderHold> {
  const found = await tryHoldFolder(folder, command);
  if ('release' in found) return found;
  throw inUse(folder, found);
}

/** The same, or who has it. */
export async function tryHoldFolder(folder: string, command: string): Promise<FolderHold | Holder> {
  const wanted = path.resolve(folder);
  try {
    await makeFolder(wanted, openModes);
    if (process.platform === 'win32') return await holdPipe(wanted);
    const lock = path.join(wanted, 'lock');
    await makeFolder(lock, privateModes);
    return await contend(await openDesk(lock), command);
  } catch (cause) {
    if (cause instanceof OperationalError) throw cause;
    throw new OperationalError(
      'DATA_FOLDER_UNUSABLE',
      `The data folder ${wanted} cannot be taken (${(cause as Error).message}). It must belong to ` +
        'the user who starts this, on a disk of this machine with room: give another with ' +
        '--data-dir, for instance --data-dir /srv/exchange.',
      { cause },
    );
  }
}

export const inUse = (folder: string, { pid, command }: Holder): OperationalError =>
  new OperationalError(
    'DATA_FOLDER_IN_USE',
    `The data folder ${path.resolve(folder)} is in use by \`dxl ${command}\`` +
      `${pid > 0 ? ` (process ${pid})` : ''}. Nothing of it was touched. Stop that process, for ` +
      `instance with kill ${pid > 0 ? pid : '<pid>'}, or wait for its end; or give another folder ` +
      'with --data-dir.',
  );

/** The folder of sockets, and how its files are named to the system. */
interface Desk {
  readonly folder: string;
  readonly handle: FileHandle | null;
  addressOf(name: string): string;
}

/** What the system takes as the address of a socket, on Linux and elsewhere. */
const addressBytesMax = 100;
const longestName = '4294967295-0123456789abcdef-import-ledger.holding';

async function openDesk(folder: string): Promise<Desk> {
  const plain = { folder, handle: null, addressOf: (name: string) => path.join(folder, name) };
  if (Buffer.byteLength(plain.addressOf(longestName)) <= addressBytesMax) return plain;
  if (process.platform !== 'linux') throw new Error('its path is longer than 50 bytes');
  const handle = await open(folder, 'r');
  return { folder, handle, addressOf: (name) => `/proc/self/fd/${handle.fd}/${name}` };
}

interface Entry extends Holder {
  readonly name: string;
  /** Process, and what tells two of one number apart. */
  readonly id: string;
  readonly holds: boolean;
}

const entryForm = /^((\d+)-[0-9a-f]{16})-([a-z-]+)\.(asking|holding)$/;

function entryOf(name: string): Entry | null {
  const [, id, pid, command, standing] = entryForm.exec(name) ?? [];
  if (id === undefined || command === undefined) return null;
  return { name, id, pid: Number(pid), command, holds: standing === 'holding' };
}

/**
 * Takes a name away, if it is there. Not by `rm`, which looks at the file first: Node 20.20.2 keeps the
 * kind of the file that was looked at last, and when that was a socket, the names of modules imported
 * next are not followed through links any more (lib/fs.js, realpathSync, "break if a pipe/socket"), so
 * that an installation behind links loads packages twice.
 */
async function forget(file: string): Promise<void> {
  try {
    await unlink(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** Our socket: listening from the moment that it has a name which others look for. */
class Stand {
  readonly id = `${process.pid}-${randomBytes(8).toString('hex')}`;
  readonly #desk: Desk;
  readonly #base: string;
  readonly #server: Server;
  #closed: Promise<void> | null = null;

  constructor(desk: Desk, command: string) {
    this.#desk = desk;
    this.#base = path.join(desk.folder, `${this.id}-${command}`);
    this.#server = createServer((socket) => socket.destroy()).unref();
  }

  async open(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.on('error', reject);
      this.#server.listen(this.#desk.addressOf(`${this.id}.new`), resolve);
    });
  }

  ask = (): Promise<void> => link(this.#unnamed, `${this.#base}.asking`);
  /** Beside the other name, which whoever is just reading the folder must not miss. */
  hold = (): Promise<void> => link(this.#unnamed, `${this.#base}.holding`);
  yield = (): Promise<void> => forget(`${this.#base}.asking`);

  close = (): Promise<void> => (this.#closed ??= this.#close());

  async #close(): Promise<void> {
    await forget(`${this.#base}.holding`);
    await this.yield();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await forget(this.#unnamed);
    await this.#desk.handle?.close();
  }

  get #unnamed(): string {
    return path.join(this.#desk.folder, `${this.id}.new`);
  }
}

async function contend(desk: Desk, command: string): Promise<FolderHold | Holder> {
  const stand = new Stand(desk, command);
  const givesUpAtMs = performance.now() + patienceMs;
  let asking = false;
  try {
    await stand.open();
    for (;;) {
      const rivals = await rivalsOf(desk, stand.id);
      const [first] = rivals;
      if (first === undefined) {
        if (asking) {
          await stand.hold();
          return { release: stand.close };
        }
        await stand.ask();
        asking = true;
        continue;
      }
      const winner = rivals.find(({ holds }) => holds);
      if (winner || performance.now() > givesUpAtMs) {
        await stand.close();
        return winner ?? first;
      }
      // Of those that ask at once, all but the first in order stand back.
      if (asking && first.id < stand.id) {
        await stand.yield();
        asking = false;
      }
      await delay(lookAgainMs);
    }
  } catch (error) {
    await stand.close().catch(() => undefined);
    throw error;
  }
}

/** Others that listen, in order of their ids. What the dead have left is cleared away. */
async function rivalsOf(desk: Desk, ownId: string): Promise<Entry[]> {
  const entries = (await readdir(desk.folder)).flatMap((name) => entryOf(name) ?? []);
  const others = entries.filter(({ id }) => id !== ownId);
  const alive = await Promise.all(others.map((entry) => listens(desk, entry.name)));
  return others
    .filter((_, at) => alive[at])
    .sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : Number(b.holds) - Number(a.holds)));
}

/** Names are never used again, so what is dead may be removed by anybody at any time. */
async function listens(desk: Desk, name: string): Promise<boolean> {
  const failure = await new Promise<string | null>((resolve) => {
    const socket = connect(desk.addressOf(name));
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'));
    socket.once('connect', () => {
      socket.destroy();
      resolve(null);
    });
  });
  if (failure === 'ENOENT') return false;
  if (failure !== 'ECONNREFUSED') return true; // Stopped, busy, or not for us to know.
  await forget(path.join(desk.folder, name));
  const [, id] = entryForm.exec(name) ?? [];
  if (id !== undefined) await forget(path.join(desk.folder, `${id}.new`));
  return false;
}

/** Windows has no sockets in folders; a pipe of one name has one server. */
async function holdPipe(folder: string): Promise<FolderHold | Holder> {
  const digest = createHash('sha256')
    .update((await realpath(folder)).toLowerCase())
    .digest('hex');
  const server = createServer((socket) => socket.destroy()).unref();
  const taken = await new Promise<boolean>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(true) : reject(error),
    );
    server.listen(`\\\\.\\pipe\\data-exchange-ledger-${digest}`, () => resolve(false));
  });
  if (taken) return { pid: 0, command: 'node' };
  return { release: () => new Promise((resolve) => server.close(() => resolve())) };
}
