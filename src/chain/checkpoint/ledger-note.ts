/** What a checkpoint of this ledger's event log says beside its size and root. */
import { fromBase64, toBase64 } from '../../base/base64.ts';
import { fromHex, toHex, utf8, type Hex } from '../../base/bytes.ts';
import { taggedHash } from '../../base/hash.ts';
import type { CheckpointBody } from './body.ts';

/** A header as far as a note holds it. */
export interface NotedBlock {
  readonly height: number;
  readonly headerHash: Hex;
}

/**
 * Name of a ledger's log and of its key: `dxl/<chain id>/<first 16 digits of the genesis hash>`.
 * Of genesis alone, so two chains that chose one id are two logs.
 */
export const originOf = (chainId: string, genesisHash: Hex): string =>
  `dxl/${chainId}/${genesisHash.slice(0, 16)}`;

/** Ties the note to the block's header, and through it to app hash and state root. */
export const blockLine = ({ height, headerHash }: NotedBlock): string =>
  `block ${height} ${toBase64(fromHex(headerHash))}`;

/** The block that a note names, or null where it names none: another kind of log. */
export function blockOf({ extensions }: CheckpointBody): NotedBlock | null {
  for (const line of extensions) {
    const found = /^block ([1-9][0-9]{0,15}) ([A-Za-z0-9+/]{43}=)$/.exec(line);
    const hash = fromBase64(found?.[2] ?? '');
    if (found && hash?.length === 32) return { height: Number(found[1]), headerHash: toHex(hash) };
  }
  return null;
}

/** When the note's block was made, by its header; in milliseconds since the epoch. */
export const timeLine = (timeMs: number): string => `time ${timeMs}`;

/** null where the note does not say: of an older exchange, or another kind of log. */
export function noteTimeOf({ extensions }: CheckpointBody): number | null {
  for (const line of extensions) {
    const found = /^time (0|[1-9][0-9]{0,15})$/.exec(line);
    if (found && Number.isSafeInteger(Number(found[1]))) return Number(found[1]);
  }
  return null;
}

/**
 * What the block signer signs to say which key signs the log's notes: with it, who trusts a genesis
 * hash needs to pin no second key. 32 bytes under a tag that no header has.
 */
export const checkpointKeyClaim = (origin: string, genesisHash: Hex, publicKey: Hex): Uint8Array =>
  taggedHash('dxl/checkpoint-key/1', fromHex(genesisHash), fromHex(publicKey), utf8(origin));
