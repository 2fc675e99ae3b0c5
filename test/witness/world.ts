/** A log behind HTTP whose operator can be made to lie, and witnesses that follow it. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { toHex, utf8 } from '../../src/base/bytes.ts';
import { sha256 } from '../../src/base/hash.ts';
import type { MerkleLog } from '../../src/base/merkle.ts';
import { formatCheckpoint } from '../../src/chain/checkpoint/body.ts';
import { blockLine, timeLine } from '../../src/chain/checkpoint/ledger-note.ts';
import { logKeyOf, signNoteText } from '../../src/chain/checkpoint/log-signature.ts';
import { formatNote, formatVerifierKey } from '../../src/chain/checkpoint/note.ts';
import { hashTile, parseTilePath, widthOf } from '../../src/chain/checkpoint/tiles.ts';
import type { SigningKey } from '../../src/chain/tx/signing-key.ts';
import { makeWitness } from '../../src/witness/key-file.ts';
import { openWitness, type OpenWitness, type WitnessClock } from '../../src/witness/open.ts';
import { witnessFiles, type WitnessFiles } from '../../src/witness/witness-files.ts';
import { keyOf } from '../chain/test-chain.ts';
import { reader } from '../chain/checkpoint/tree.ts';

export const origin = 'dxl/witnessed/0123456789abcdef';
export const operator = keyOf('checkpoint signer');
export const logKey = formatVerifierKey(logKeyOf(origin, operator));

export interface NoteOptions {
  readonly size?: number;
  /** null: no line that names a block. */
  readonly height?: number | null;
  readonly header?: string;
  /** When the block was made; a note does not say so unless given. */
  readonly timeMs?: number;
  readonly name?: string;
  readonly key?: SigningKey;
}

/** What the operator signs of a log, truly or not. */
export function signedNote(log: MerkleLog, options: NoteOptions = {}): string {
  const { size = log.size, height = size, header = 'a header', name = origin } = options;
  const headerHash = toHex(sha256(utf8(`${header} ${height ?? 0}`)));
  const extensions = height === null ? [] : [blockLine({ height, headerHash })];
  if (options.timeMs !== undefined) extensions.push(timeLine(options.timeMs));
  const text = formatCheckpoint({ origin: name, size, root: log.root(size), extensions });
  return formatNote({ text, signatures: [signNoteText(text, name, options.key ?? operator)] });
}

export interface ServedLog {
  readonly url: string;
  /** What is served from now on: any note, over the tiles of any log. */
  show(note: string, tiles: MerkleLog): void;
  /** Notes that were brought back. */
  readonly delivered: string[];
  close(): Promise<void>;
}

export async function serveLog(): Promise<ServedLog> {
  let note = '';
  let tiles: MerkleLog | null = null;
  const delivered: string[] = [];
  const server: Server = createServer((request, response) => {
    const place = (request.url ?? '').slice(1);
    if (request.method === 'POST') {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        delivered.push(Buffer.concat(chunks).toString('utf8'));
        response.end('{}');
      });
      return;
    }
    const tile = parseTilePath(place);
    if (place === 'checkpoint/latest' && note !== '') response.end(note);
    else if (tiles && tile && tile.level !== 'entries') {
      const { level, index, width } = tile;
      if (widthOf(level, index, tiles.size) < width) response.writeHead(404).end();
      else response.end(hashTile(tile, reader(tiles)));
    } else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    delivered,
    show(shown, log) {
      note = shown;
      tiles = log;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export interface TestWitness extends OpenWitness {
  readonly files: WitnessFiles;
  readonly alerts: string[];
  /** Ends this process's hold on the folder and takes it up again. */
  restart(): Promise<TestWitness>;
  remove(): Promise<void>;
}

/** @param url of the log; null where it is only pushed */
export async function newWitness(
  url: string | null,
  name = 'witness.example/w1',
  clock: WitnessClock = {},
) {
  const root = await mkdtemp(path.join(tmpdir(), 'dxl-witness-'));
  const files = witnessFiles(root);
  await makeWitness(files, name);
  await writeFile(files.logsFile, `# followed\nlog ${logKey}${url === null ? '' : ` ${url}`}\n`);
  return reopen(files, clock);
}

async function reopen(files: WitnessFiles, clock: WitnessClock): Promise<TestWitness> {
  const alerts: string[] = [];
  const opened = await openWitness(files.root, (alert) => alerts.push(alert), clock);
  return {
    ...opened,
    files,
    alerts,
    async restart() {
      await opened.close();
      return reopen(files, clock);
    },
    async remove() {
      await opened.close();
      await rm(files.root, { recursive: true, force: true });
    },
  };
}
