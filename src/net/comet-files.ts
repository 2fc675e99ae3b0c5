/** The files of one CometBFT home folder, as `cometbft init` would write them. */
import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { appStateOf } from '../chain/abci/app-state.ts';
import type { SignedHandOver } from '../chain/light/hand-over.ts';
import type { Genesis } from '../chain/machine/genesis.ts';
import { OperationalError } from '../base/operational-error.ts';
import { limitsFor, type CometLimits } from './comet-limits.ts';

/** An Ed25519 key as CometBFT writes it: 64 bytes of seed and public key. */
export interface CometKey {
  readonly publicKey: Buffer;
  readonly secret: Buffer;
  /** First 20 bytes of the public key's SHA-256: a validator's address, a node's id. */
  readonly address: string;
}

export function makeCometKey(): CometKey {
  const { privateKey } = generateKeyPairSync('ed25519');
  const { d, x } = privateKey.export({ format: 'jwk' });
  const seed = Buffer.from(d ?? '', 'base64url');
  const publicKey = Buffer.from(x ?? '', 'base64url');
  const address = createHash('sha256').update(publicKey).digest('hex').slice(0, 40);
  return { publicKey, secret: Buffer.concat([seed, publicKey]), address };
}

export interface CometTimes {
  /** Between a block and the next: what a block waits for company and for the last votes. */
  readonly timeoutCommitMs: number;
  readonly timeoutProposeMs: number;
}

/** What config.toml says. */
export interface CometSettings {
  readonly home: string;
  readonly moniker: string;
  /** `host:port` of each. */
  readonly p2pAddress: string;
  readonly rpcAddress: string;
  readonly appSocket: string;
  /** `id@host:port` of the other validators. */
  readonly peers: readonly string[];
  readonly times: CometTimes;
  readonly limits: CometLimits;
  readonly stateSync?: StateSync;
}

export interface CometHome extends CometSettings {
  readonly nodeKey: CometKey;
  readonly validatorKey: CometKey;
}

export interface StateSync {
  readonly rpcServers: readonly string[];
  readonly trustHeight: number;
  readonly trustHash: string;
}

export async function writeCometHome(node: CometHome, cometGenesis: object): Promise<void> {
  const config = path.join(node.home, 'config');
  const data = path.join(node.home, 'data');
  await mkdir(config, { recursive: true });
  await mkdir(data, { recursive: true });
  const write = (folder: string, name: string, content: object | string, mode = 0o644) =>
    writeFile(
      path.join(folder, name),
      typeof content === 'string' ? content : `${JSON.stringify(content, null, 2)}\n`,
      { mode },
    );
  await write(config, 'genesis.json', cometGenesis);
  await write(config, 'node_key.json', { priv_key: secretOf(node.nodeKey) }, 0o600);
  const key = {
    address: node.validatorKey.address.toUpperCase(),
    pub_key: publicOf(node.validatorKey),
    priv_key: secretOf(node.validatorKey),
  };
  await write(config, 'priv_validator_key.json', key, 0o600);
  await write(data, 'priv_validator_state.json', { height: '0', round: 0, step: 0 }, 0o600);
  await writeCometConfig(node);
}

export const writeCometConfig = (node: CometSettings): Promise<void> =>
  writeFile(path.join(node.home, 'config', 'config.toml'), configToml(node));

const publicOf = ({ publicKey }: CometKey) => ({
  type: 'tendermint/PubKeyEd25519',
  value: publicKey.toString('base64'),
});

const secretOf = ({ secret }: CometKey) => ({
  type: 'tendermint/PrivKeyEd25519',
  value: secret.toString('base64'),
});

/** CometBFT's limit. */
const chainIdLengthMax = 50;

/** Each organisation counts as much as any other. */
export const validatorPower = 10;

export interface CometBeginning {
  readonly initialHeight: number;
  readonly timeMs: number;
  /** null where the validators are known from elsewhere alone. */
  readonly handOver: SignedHandOver | null;
}

/** CometBFT's genesis: our own genesis document is its `app_state`. */
export function cometGenesisOf(
  genesis: Genesis,
  validators: readonly { name: string; key: CometKey }[],
  { initialHeight, timeMs, handOver }: CometBeginning,
): object {
  const { chainId, parameters } = genesis;
  if (chainId.length > chainIdLengthMax) {
    throw new OperationalError(
      'NET_CHAIN_ID',
      `CometBFT takes chain ids of at most ${chainIdLengthMax} characters; ${chainId} has more.`,
    );
  }
  return {
    genesis_time: new Date(timeMs).toISOString(),
    chain_id: chainId,
    initial_height: String(initialHeight),
    consensus_params: {
      block: { max_bytes: String(limitsFor(parameters).blockBytesMax), max_gas: '-1' },
      evidence: {
        max_age_num_blocks: '100000',
        max_age_duration: '172800000000000',
        max_bytes: '32768',
      },
      validator: { pub_key_types: ['ed25519'] },
      version: { app: '0' },
      abci: { vote_extensions_enable_height: '0' },
    },
    validators: validators.map(({ name, key }) => ({
      address: key.address.toUpperCase(),
      pub_key: publicOf(key),
      power: String(validatorPower),
      name,
    })),
    app_hash: '',
    app_state: appStateOf(genesis, handOver),
  };
}

/** Only what differs from CometBFT's defaults. */
function configToml(node: CometSettings): string {
  const { times, limits, stateSync } = node;
  return `# Written by dxl net init.
proxy_app = "unix://${node.appSocket}"
moniker = "${node.moniker}"
log_level = "error"

[rpc]
laddr = "tcp://${node.rpcAddress}"
grpc_laddr = ""
pprof_laddr = ""
max_body_bytes = ${limits.rpcBodyBytesMax}

[p2p]
laddr = "tcp://${node.p2pAddress}"
persistent_peers = "${node.peers.join(',')}"
addr_book_strict = false
allow_duplicate_ip = true
pex = false
flush_throttle_timeout = "10ms"

[mempool]
size = 50000
cache_size = 100000
max_tx_bytes = ${limits.envelopeBytesMax}
max_txs_bytes = ${limits.mempoolBytesMax}
keep-invalid-txs-in-cache = false

[statesync]
enable = ${stateSync ? 'true' : 'false'}
rpc_servers = "${stateSync?.rpcServers.join(',') ?? ''}"
trust_height = ${stateSync?.trustHeight ?? 0}
trust_hash = "${stateSync?.trustHash ?? ''}"
trust_period = "168h0m0s"
discovery_time = "5s"
chunk_request_timeout = "5s"

[consensus]
timeout_propose = "${times.timeoutProposeMs}ms"
timeout_propose_delta = "250ms"
timeout_prevote = "300ms"
timeout_prevote_delta = "200ms"
timeout_precommit = "300ms"
timeout_precommit_delta = "200ms"
timeout_commit = "${times.timeoutCommitMs}ms"
peer_gossip_sleep_duration = "10ms"
peer_query_maj23_sleep_duration = "500ms"

[tx_index]
indexer = "null"

[storage]
discard_abci_responses = false
`;
}
