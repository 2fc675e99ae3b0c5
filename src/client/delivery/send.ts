import { rm, stat } from 'node:fs/promises';
import { fromHex, toHex, type Hex } from '../../base/bytes.ts';
import { sha256Hex } from '../../base/hash.ts';
import { putContent } from '../content.ts';
import type { Progressed } from '../content-file/get-file.ts';
import { putFile } from '../content-file/put-file.ts';
import { readState, removeState, writeState } from '../content-file/state-file.ts';
import type { RequestSigner } from '../request-signature.ts';
import type { Transport } from '../transport.ts';
import { encryptDelivery, type Encrypted } from './encrypt.ts';
import type { DeliverySource } from './source.ts';

export interface SendDelivery {
  readonly tradeId: string;
  /** The plaintext: a file, one with a head, or bytes as they come. */
  readonly source: DeliverySource;
  /** The buyer's encryption key, as its organisation's record holds it. */
  readonly recipient: Hex;
  /**
   * Where the ciphertext is until the exchange has it: as much room as the plaintext takes. A name for
   * this alone: what an earlier run left there, and is not gone on with, is replaced.
   */
  readonly sealedFile: string;
  readonly onProgress?: (doing: 'encrypt' | 'send', done: Partial<Progressed>) => void;
  /** Done before the ciphertext is removed: until it is, the same call goes on with that. */
  readonly onSent?: (sent: SentDelivery) => Promise<unknown>;
}

/** For `trading.deliver`. */
export interface SentDelivery {
  readonly ciphertextDigest: Hex;
  readonly ciphertextBytes: number;
  readonly wrappedKeyDigest: Hex;
}

/**
 * Encrypts a delivery for the buyer and keeps it at the exchange, of any length up to 100 GiB and in
 * constant memory. Cut off while it is sent, the same call with the same file goes on and encrypts
 * nothing anew; cut off before, it begins anew under another key. Throws what encryptDelivery and putFile do.
 */
export async function sendDelivery(
  transport: Transport,
  signer: RequestSigner,
  request: SendDelivery,
): Promise<SentDelivery> {
  const { tradeId, sealedFile, onProgress } = request;
  const stateFile = `${sealedFile}.dxl-state`;
  const source = await sourceOf(request, signer.chainId);
  const { content, wrappedKey } =
    (await goOn(stateFile, sealedFile, source)) ??
    (await begin(request, signer.chainId, stateFile, source));
  const about = `trade/${tradeId}`;
  await putFile(transport, signer, {
    ...{ file: sealedFile, about, content },
    onProgress: (done) => onProgress?.('send', done),
  });
  const wrappedKeyDigest = await putContent(transport, signer, wrappedKey, about);
  const { digest: ciphertextDigest, bytes: ciphertextBytes } = content;
  const sent = { ciphertextDigest, ciphertextBytes, wrappedKeyDigest };
  await request.onSent?.(sent);
  await removeState(stateFile);
  await rm(sealedFile, { force: true });
  return sent;
}

/** What was encrypted, and for what: anything else is encrypted anew. null: bytes that come once. */
async function sourceOf(
  { source, tradeId, recipient }: SendDelivery,
  chainId: string,
): Promise<string | null> {
  const isFile = typeof source === 'string';
  if (!isFile && !('head' in source)) return null;
  const file = isFile ? source : source.file;
  const found = await stat(file).catch(() => null);
  if (!found) return null;
  const head = isFile ? [] : [sha256Hex(source.head)];
  return JSON.stringify([chainId, tradeId, recipient, file, found.size, found.mtimeMs, ...head]);
}

type Ready = Pick<Encrypted, 'content' | 'wrappedKey'>;

/** The buyer's sealed box says nothing to others, so it may lie there; the key itself never does. */
async function goOn(
  stateFile: string,
  sealedFile: string,
  source: string | null,
): Promise<Ready | null> {
  const state = await readState(stateFile);
  if (source === null || state?.['source'] !== source) return null;
  const content = state['content'] as Encrypted['content'];
  const { size } = await stat(sealedFile).catch(() => ({ size: -1 }));
  return size === content.bytes
    ? { content, wrappedKey: fromHex(state['wrappedKey'] as string) }
    : null;
}

async function begin(
  { tradeId, recipient, sealedFile, source, onProgress }: SendDelivery,
  chainId: string,
  stateFile: string,
  of: string | null,
): Promise<Ready> {
  // Of another delivery, or the run ended before the box was kept: its key is lost.
  await removeState(stateFile);
  await rm(sealedFile, { force: true });
  const { content, wrappedKey } = await encryptDelivery({
    ...{ chainId, tradeId, source, recipient, target: sealedFile },
    onProgress: (bytes) => onProgress?.('encrypt', { bytes }),
  });
  await writeState(stateFile, { source: of, content, wrappedKey: toHex(wrappedKey) });
  return { content, wrappedKey };
}
