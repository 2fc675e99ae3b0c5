/** Begins to follow an exchange's log: pins the key that its genesis stands for. */
import { readFile } from 'node:fs/promises';
import { fromHex, fromUtf8, type Hex } from '../base/bytes.ts';
import { OperationalError } from '../base/operational-error.ts';
import { checkpointKeyClaim, originOf } from '../chain/checkpoint/ledger-note.ts';
import { formatVerifierKey, parseVerifierKey } from '../chain/checkpoint/note.ts';
import { decodeGenesis, genesisHash, type Genesis } from '../chain/machine/genesis.ts';
import { verifyEd25519 } from '../chain/tx/signature.ts';
import { boundedFetch } from './bounded-fetch.ts';
import { writeDurably } from './durable-file.ts';

export interface Pinned {
  readonly origin: string;
  readonly genesisHash: Hex;
  readonly logKey: string;
  /** True where the block signer of genesis says that the key is the log's. */
  readonly claimed: boolean;
}

/**
 * Adds a line to the file of logs, or replaces that of the same key. Throws OperationalError
 * LOG_OTHER_GENESIS, LOG_KEY_UNPROVEN, PEER_UNREACHABLE, PEER_ANSWER, or WITNESS_LOGS where the file
 * is there and cannot be read.
 * @param expected genesis hash known from elsewhere; null believes the exchange this once
 */
export async function followLog(file: string, url: string, expected: Hex | null): Promise<Pinned> {
  const pinned = await readPinned(url, expected);
  const before = await readLogs(file);
  // A log that has moved is followed at its new address.
  const others = before.split('\n').filter((line) => !isOf(line, pinned.logKey));
  const kept = others.join('\n').trimEnd();
  await writeDurably(file, `${kept === '' ? '' : `${kept}\n`}log ${pinned.logKey} ${url}\n`);
  return pinned;
}

async function readLogs(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw new OperationalError(
      'WITNESS_LOGS',
      `${file} cannot be read (${(cause as Error).message}). It names the logs that are followed ` +
        'already: make it readable, so that they are kept.',
      { cause },
    );
  }
}

const isOf = (line: string, logKey: string): boolean => {
  const [keyword, key] = line.trim().split(/[ \t]+/);
  return keyword === 'log' && key === logKey;
};

async function readPinned(url: string, expected: Hex | null): Promise<Pinned> {
  const genesis = await readGenesis(`${url}/v1/genesis`);
  const hash = genesisHash(genesis);
  if (expected !== null && expected !== hash) {
    throw new OperationalError(
      'LOG_OTHER_GENESIS',
      `${url} is of another chain: its genesis hash is ${hash}. Check the address.`,
    );
  }
  const origin = originOf(genesis.chainId, hash);
  const place = `${url}/v1/log`;
  const log = await readJson(place);
  const logKey = textIn(place, log, 'logKey');
  const key = parseVerifierKey(logKey);
  if (key?.name !== origin) {
    throw new OperationalError('PEER_ANSWER', `${url}: ${logKey} is no key of ${origin}.`);
  }
  // Of a chain whose genesis names no block signer nobody can claim it.
  const claim = log['keyClaim'] === null ? null : textIn(place, log, 'keyClaim');
  const publicKey = Buffer.from(key.publicKey).toString('hex');
  const message = checkpointKeyClaim(origin, hash, publicKey);
  const claimed = claim !== null;
  if (claimed && !verifyEd25519(fromHex(genesis.blockSigner), message, hexOf(claim))) {
    throw new OperationalError(
      'LOG_KEY_UNPROVEN',
      `${url}: the block signer of its genesis does not say that ${logKey} is the log's key. Do ` +
        'not follow it before its operator has explained that.',
    );
  }
  return { origin, genesisHash: hash, logKey: formatVerifierKey(key), claimed };
}

const answerBytesMax = 4 * 1024 * 1024;

type Json = Readonly<Record<string, unknown>>;

async function readJson(place: string): Promise<Json> {
  const { status, bytes } = await boundedFetch(place, { bytesMax: answerBytesMax });
  const value = status === 200 ? parse(bytes) : null;
  if (typeof value === 'object' && value !== null) return value as Json;
  throw badAnswer(`${place} answered ${status}, and not as an exchange does`);
}

function textIn(place: string, json: Json, field: string): string {
  const value = json[field];
  if (typeof value === 'string') return value;
  throw badAnswer(`${place} answers without ${field}`);
}

async function readGenesis(place: string): Promise<Genesis> {
  const text = textIn(place, await readJson(place), 'genesisBytes');
  try {
    return decodeGenesis(bytesOf(text));
  } catch {
    throw badAnswer(`${place} answers with what is no genesis document`);
  }
}

const badAnswer = (problem: string): OperationalError =>
  new OperationalError('PEER_ANSWER', `${problem}. Is it the address of an exchange?`);

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(fromUtf8(bytes));
  } catch {
    return null;
  }
}

const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64url'));
const hexOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));
