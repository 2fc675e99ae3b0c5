/** What a node reads of the CometBFT home folder beside it: where they meet, and how it begins. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { utf8 } from '../base/bytes.ts';
import { OperationalError } from '../base/operational-error.ts';
import { readAppState } from '../chain/abci/app-state.ts';
import type { SignedHandOver } from '../chain/light/hand-over.ts';
import { decodeGenesis, type Genesis } from '../chain/machine/genesis.ts';
import { readLimits, type CometLimits } from './comet-limits.ts';
import { silenceMsOf, unheardMsOf } from './comet-times.ts';

export interface CometHomeFacts {
  readonly home: string;
  /** Unix socket on which CometBFT looks for its application. */
  readonly appSocket: string;
  readonly rpcUrl: string;
  /** First height that CometBFT orders. */
  readonly initialHeight: number;
  /** The ledger's own, which CometBFT's carries as `app_state`. */
  readonly genesis: Genesis;
  /** By which the block signer of genesis gave way to the validators. */
  readonly handOver: SignedHandOver | null;
  readonly limits: CometLimits;
  /** Milliseconds without a block after which something is wrong. */
  readonly silenceMsMax: number;
  /** The same where too few votes are heard. */
  readonly unheardMsMax: number;
}

interface GenesisParts extends Pick<CometHomeFacts, 'initialHeight' | 'genesis' | 'handOver'> {
  /** As it is written there. */
  readonly blockBytesMax: unknown;
}

interface CometGenesis {
  readonly initial_height?: unknown;
  readonly app_state?: unknown;
  readonly consensus_params?: { readonly block?: { readonly max_bytes?: unknown } };
}

/** Throws OperationalError COMET_HOME with what is wrong and how a home is made. */
export async function readCometHome(folder: string): Promise<CometHomeFacts> {
  const home = path.resolve(folder);
  const toml = await readText(home, 'config.toml');
  const appSocket = /^\s*proxy_app\s*=\s*"unix:\/\/(\/[^"]+)"/m.exec(toml)?.[1];
  if (appSocket === undefined) {
    throw unusable(home, 'proxy_app of config.toml is no absolute path behind unix://');
  }
  const rpc = /^\[rpc\][^[]*?^\s*laddr\s*=\s*"tcp:\/\/([^"]+)"/ms.exec(toml)?.[1];
  if (rpc === undefined) throw unusable(home, 'config.toml names no laddr under [rpc]');
  const text = await readText(home, 'genesis.json');
  const { blockBytesMax, ...parts } = readGenesisParts(home, text);
  return {
    home,
    appSocket,
    rpcUrl: `http://${rpc.replace(/^0\.0\.0\.0:/, '127.0.0.1:')}`,
    ...parts,
    limits: readLimits(toml, blockBytesMax),
    silenceMsMax: silenceMsOf(toml),
    unheardMsMax: unheardMsOf(toml),
  };
}

function readGenesisParts(home: string, text: string): GenesisParts {
  try {
    const json = JSON.parse(text) as CometGenesis;
    const initialHeight = Number(json.initial_height ?? 1);
    if (!Number.isSafeInteger(initialHeight)) throw new RangeError('initial_height is no height');
    // CometBFT writes 0 where nobody said anything.
    const { genesis, handOver } = readAppState(utf8(JSON.stringify(json.app_state ?? null)));
    const first = Math.max(initialHeight, 1);
    const blockBytesMax = json.consensus_params?.block?.max_bytes;
    return { initialHeight: first, genesis: decodeGenesis(genesis), handOver, blockBytesMax };
  } catch (cause) {
    throw unusable(home, `genesis.json: ${(cause as Error).message}`, cause);
  }
}

function readText(home: string, name: string): Promise<string> {
  return readFile(path.join(home, 'config', name), 'utf8').catch((cause: unknown) => {
    throw unusable(home, `config/${name} cannot be read (${(cause as Error).message})`, cause);
  });
}

const unusable = (home: string, problem: string, cause?: unknown): OperationalError =>
  new OperationalError(
    'COMET_HOME',
    `${home} is no CometBFT home of this ledger: ${problem}. \`dxl net init\` writes such homes; ` +
      'name one with --comet-home.',
    { cause },
  );
