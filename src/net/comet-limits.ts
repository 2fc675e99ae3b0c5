/** What CometBFT lets through, and what the ledger's genesis asks it to. */
import type { Genesis } from '../chain/machine/genesis.ts';

export interface CometLimits {
  /** `max_body_bytes` under [rpc]: of a request, which carries an envelope in base64. */
  readonly rpcBodyBytesMax: number;
  /** `max_tx_bytes` and `max_txs_bytes` under [mempool]: of an envelope, and of all that wait. */
  readonly envelopeBytesMax: number;
  readonly mempoolBytesMax: number;
  /** `consensus_params.block.max_bytes` of CometBFT's genesis: of a block with all around it. */
  readonly blockBytesMax: number;
}

/** What CometBFT has where its config.toml says nothing. */
const usual: CometLimits = {
  rpcBodyBytesMax: 1_000_000,
  envelopeBytesMax: 1_048_576,
  mempoolBytesMax: 1_073_741_824,
  blockBytesMax: 22_020_096,
};

/** Names and JSON around the base64 of an envelope; the request has about 90 bytes of it. */
const rpcOverheadBytes = 1_024;
/** What a CometBFT block has around its envelopes: header, evidence, and a commit of 100 votes. */
const blockOverheadBytes = 65_536;
/** CometBFT takes no greater one into its genesis. */
const cometBlockBytesMax = 104_857_600;
/** Room for some thousands of the largest envelopes. */
const mempoolBytes = 536_870_912;

type LedgerLimits = Pick<Genesis['parameters'], 'envelopeBytesMax' | 'blockBytesMax'>;

/** Of the RPC's body, for an envelope of so many bytes. */
const bodyBytesOf = (envelopeBytes: number): number =>
  4 * Math.ceil(envelopeBytes / 3) + rpcOverheadBytes;

/** What a home is written with: never less than CometBFT's own. */
export const limitsFor = ({ envelopeBytesMax, blockBytesMax }: LedgerLimits): CometLimits => ({
  rpcBodyBytesMax: Math.max(usual.rpcBodyBytesMax, bodyBytesOf(envelopeBytesMax)),
  envelopeBytesMax: Math.max(usual.envelopeBytesMax, envelopeBytesMax),
  mempoolBytesMax: mempoolBytes,
  blockBytesMax: Math.min(blockBytesMax + blockOverheadBytes, cometBlockBytesMax),
});

/** The largest envelope that gets through all of them, in bytes. */
export const largestEnvelope = (limits: CometLimits): number =>
  Math.max(
    0,
    Math.min(
      Math.floor((limits.rpcBodyBytesMax - rpcOverheadBytes) / 4) * 3,
      limits.envelopeBytesMax,
      limits.mempoolBytesMax,
      limits.blockBytesMax - blockOverheadBytes,
    ),
  );

/** Each limit that is below what genesis asks, with its name, its value and the least that it must be. */
export function limitFaults(limits: CometLimits, { envelopeBytesMax }: LedgerLimits): string[] {
  const rows: readonly (readonly [string, number, number])[] = [
    ['max_body_bytes under [rpc]', limits.rpcBodyBytesMax, bodyBytesOf(envelopeBytesMax)],
    ['max_tx_bytes under [mempool]', limits.envelopeBytesMax, envelopeBytesMax],
    ['max_txs_bytes under [mempool]', limits.mempoolBytesMax, envelopeBytesMax],
    [
      'consensus_params.block.max_bytes of genesis.json',
      limits.blockBytesMax,
      envelopeBytesMax + blockOverheadBytes,
    ],
  ];
  return rows
    .filter(([, value, least]) => value < least)
    .map(([name, value, least]) => `${name} is ${value} and must be ${least} at least`);
}

/** As a home says, CometBFT's own where it says nothing. @param blockBytesMax of its genesis.json */
export function readLimits(toml: string, blockBytesMax: unknown): CometLimits {
  const read = (section: string, key: string, otherwise: number): number => {
    const found = settingIn(toml, section, key);
    return found !== null && /^[0-9_]+$/.test(found)
      ? Number(found.replaceAll('_', ''))
      : otherwise;
  };
  return {
    rpcBodyBytesMax: read('rpc', 'max_body_bytes', usual.rpcBodyBytesMax),
    envelopeBytesMax: read('mempool', 'max_tx_bytes', usual.envelopeBytesMax),
    mempoolBytesMax: read('mempool', 'max_txs_bytes', usual.mempoolBytesMax),
    // -1 is CometBFT's word for as much as it can.
    blockBytesMax: blockLimit(Number(blockBytesMax ?? usual.blockBytesMax)),
  };
}

const blockLimit = (given: number): number => (given === -1 ? cometBlockBytesMax : given);

/** A value of config.toml without its quotes; null where the section does not name it. */
export function settingIn(toml: string, section: string, key: string): string | null {
  const parts = toml.split(/^\[([^\]\n]+)\][ \t]*$/m);
  const body = parts[parts.findIndex((part, at) => at % 2 === 1 && part === section) + 1];
  if (!parts.includes(section) || body === undefined) return null;
  const found = new RegExp(`^[ \\t]*${key}[ \\t]*=[ \\t]*"?([^"\\n#]*)`, 'm').exec(body);
  return found?.[1]?.trim() ?? null;
}
