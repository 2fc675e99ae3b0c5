/** Light blocks as CometBFT's RPC gives them (`/commit`, `/validators`), in the ledger's own form. */
import { toHex, type Hex } from '../../base/bytes.ts';
import type {
  BlockId,
  Commit,
  CommitSignature,
  LightBlock,
  LightHeader,
  Validator,
} from '../light/light-block.ts';
import { voteFlags } from '../light/light-block.ts';
import type { CometRpc } from './comet-rpc.ts';

interface RpcBlockId {
  readonly hash: string;
  readonly parts: { readonly total: number; readonly hash: string };
}

export interface RpcHeader {
  readonly version: { readonly block: string; readonly app?: string };
  readonly chain_id: string;
  readonly height: string;
  readonly time: string;
  readonly last_block_id: RpcBlockId | null;
  readonly last_commit_hash: string | null;
  readonly data_hash: string | null;
  readonly validators_hash: string;
  readonly next_validators_hash: string;
  readonly consensus_hash: string | null;
  readonly app_hash: string | null;
  readonly last_results_hash: string | null;
  readonly evidence_hash: string | null;
  readonly proposer_address: string;
}

interface RpcCommitSignature {
  readonly block_id_flag: number;
  readonly validator_address: string | null;
  readonly timestamp: string;
  readonly signature: string | null;
}

export interface RpcSignedHeader {
  readonly header: RpcHeader;
  readonly commit: {
    readonly height: string;
    readonly round: number;
    readonly block_id: RpcBlockId;
    readonly signatures: readonly RpcCommitSignature[] | null;
  };
}

export interface RpcValidator {
  readonly pub_key: { readonly type: string; readonly value: string };
  readonly voting_power: string;
}

interface RpcValidators {
  readonly validators: readonly RpcValidator[];
  readonly total: string;
}

/** CometBFT's own limit. */
const perPage = 100;

/**
 * The block that CometBFT decided at `height`. Throws CometRpcError where there is none (yet),
 * OperationalError COMET_DOWN; what it answers is not judged: light/verify.ts does that.
 */
export async function fetchLightBlock(rpc: CometRpc, height: number): Promise<LightBlock> {
  const at = String(height);
  const { signed_header: signed } = await rpc.call<{ signed_header: RpcSignedHeader }>('commit', {
    height: at,
  });
  const validators: RpcValidator[] = [];
  for (let page = 1; ; page += 1) {
    const found = await rpc.call<RpcValidators>('validators', {
      ...{ height: at, page: String(page), per_page: String(perPage) },
    });
    validators.push(...found.validators);
    if (found.validators.length === 0 || validators.length >= Number(found.total)) break;
  }
  return lightBlockOf(signed, validators);
}

export const lightBlockOf = (
  { header, commit }: RpcSignedHeader,
  validators: readonly RpcValidator[],
): LightBlock => ({
  header: headerOf(header),
  commit: commitOf(commit),
  validators: validators.map(validatorOf),
});

export const validatorOf = ({ pub_key: key, voting_power: power }: RpcValidator): Validator => ({
  publicKey: toHex(Buffer.from(key.value, 'base64')),
  power: Number(power),
});

const lower = (hex: string | null | undefined): Hex => (hex ?? '').toLowerCase();

const blockIdOf = (id: RpcBlockId | null): BlockId => ({
  hash: lower(id?.hash),
  partsTotal: id?.parts.total ?? 0,
  partsHash: lower(id?.parts.hash),
});

export const headerOf = (header: RpcHeader): LightHeader => ({
  versionBlock: Number(header.version.block),
  versionApp: Number(header.version.app ?? 0),
  chainId: header.chain_id,
  height: Number(header.height),
  ...timeOf(header.time),
  lastBlockId: blockIdOf(header.last_block_id),
  lastCommitHash: lower(header.last_commit_hash),
  dataHash: lower(header.data_hash),
  validatorsHash: lower(header.validators_hash),
  nextValidatorsHash: lower(header.next_validators_hash),
  consensusHash: lower(header.consensus_hash),
  appHash: lower(header.app_hash),
  lastResultsHash: lower(header.last_results_hash),
  evidenceHash: lower(header.evidence_hash),
  proposerAddress: lower(header.proposer_address),
});

const commitOf = ({
  height,
  round,
  block_id: id,
  signatures,
}: RpcSignedHeader['commit']): Commit => ({
  height: Number(height),
  round,
  blockId: blockIdOf(id),
  signatures: (signatures ?? []).map(signatureOf),
});

function signatureOf(vote: RpcCommitSignature): CommitSignature {
  const { block_id_flag: flag, validator_address: address, timestamp, signature } = vote;
  if (flag === voteFlags.absent) {
    return { flag, address: '', timeSeconds: 0, timeNanos: 0, signature: '' };
  }
  return {
    flag,
    address: lower(address),
    ...timeOf(timestamp),
    signature: toHex(Buffer.from(signature ?? '', 'base64')),
  };
}

/** RFC 3339 in UTC to the nanosecond, which a Date does not hold. */
function timeOf(text: string): { timeSeconds: number; timeNanos: number } {
  const found = /^(.+T[0-9:]+)(?:\.([0-9]{1,9}))?Z$/.exec(text);
  return {
    timeSeconds: Math.floor(Date.parse(`${found?.[1] ?? text}Z`) / 1_000),
    timeNanos: Number((found?.[2] ?? '').padEnd(9, '0')),
  };
}
