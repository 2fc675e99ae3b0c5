/** The two networks that are compared: four validators each, of the same plan and settings. */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openCometRpc, type CometRpc } from '../../src/chain/engine/comet-rpc.ts';
import { netInit } from '../../src/net/init.ts';
import { openNetwork, type Shape } from '../../src/net/network.ts';
import { rpcAddressOf } from '../../src/net/plan.ts';
import { reinstate, suspend } from '../../src/identity/change-standing.ts';
import {
  admissionOf,
  networkGenesis,
  startNetwork,
  submit,
  waitForHeight,
  type TestNetwork,
} from '../../test/chain/comet/test-network.ts';
import { addOperatorKeys } from '../../test/chain/comet/load.ts';
import { keyOf, operationOf, sign } from '../../test/chain/test-chain.ts';

export const validators = 4;
export type SideName = 'ledger' | 'kvstore';

export interface Side {
  readonly folder: string;
  readonly databases: readonly string[];
  /** Of each validator. */
  readonly rpcs: readonly CometRpc[];
  /** For each validator what is to be sent to it, each once and in this order. */
  readonly queues: readonly Uint8Array[][];
  /** Fills the queues up to `count` in all: before the clock. */
  readonly fill: (count: number) => void;
  readonly stop: () => Promise<void>;
}

function queuesOf(make: (at: number) => Uint8Array): Pick<Side, 'queues' | 'fill'> {
  const queues = Array.from({ length: validators }, (): Uint8Array[] => []);
  const fill = (count: number): void => {
    for (const [at, queue] of queues.entries()) {
      // In the order in which they are popped.
      const missing = Math.ceil(count / validators) - queue.length;
      const fresh = Array.from({ length: Math.max(missing, 0) }, () => make(at));
      queue.unshift(...fresh.reverse());
    }
  };
  return { queues, fill };
}

/** Blocks are bounded by bytes, as kvstore's are. */
async function benchGenesis() {
  const genesis = await networkGenesis({ chainId: 'dxl-bench' });
  const parameters = { ...genesis.parameters, sequenceWindow: 1_024, blockEnvelopesMax: 10_000 };
  return { ...genesis, parameters };
}

/** @param profile folder for a CPU profile of the first validator's application; null for none. */
export const openSide = (name: SideName, bytes: number, profile: string | null): Promise<Side> =>
  name === 'ledger' ? openLedger(profile) : openKvstore(bytes);

const profiled =
  (folder: string): Shape =>
  (usual, at, part) =>
    at === 0 && part === 'app'
      ? { ...usual, args: ['--cpu-prof', `--cpu-prof-dir=${folder}`, ...usual.args] }
      : usual;

const organisationsPerSigner = 32;
const signersPerValidator = 4;

/** Further keys of the operator, each with organisations of its own and one validator to send to. */
async function openLedger(profile: string | null): Promise<Side> {
  const network = await startNetwork({
    ...{ validators, genesis: await benchGenesis() },
    ...(profile === null ? {} : { shape: profiled(profile) }),
  });
  const names = await prepare(network).catch(async (error: unknown) => {
    await network.remove();
    throw error;
  });
  const turns: number[] = [];
  const rpcs = network.plan.validators.map((own) => openCometRpc(`http://${rpcAddressOf(own)}`));
  const make = (at: number): Uint8Array => {
    const turn = (turns[at] = (turns[at] ?? -1) + 1);
    const name = names[(turn % signersPerValidator) * validators + at] ?? '';
    const sequence = Math.floor(turn / signersPerValidator) + 2;
    return changeOfStanding(name, sequence);
  };
  return {
    ...queuesOf(make),
    folder: path.dirname(network.validator(0).dir),
    databases: network.plan.validators.map(({ database }) => database),
    rpcs,
    stop: async () => {
      for (const rpc of rpcs) rpc.close();
      await network.remove();
    },
  };
}

async function prepare(network: TestNetwork): Promise<string[]> {
  await Promise.all(network.plan.validators.map((_, at) => waitForHeight(network, at, 1)));
  const names = await addOperatorKeys(network, validators * signersPerValidator);
  await Promise.all(names.map((name, at) => admitOwn(network, at % validators, name)));
  return names;
}

async function admitOwn(network: TestNetwork, at: number, name: string): Promise<void> {
  const operations = Array.from({ length: organisationsPerSigner }, (_, number) =>
    admissionOf('dxl-bench', `${name}-${number}`),
  );
  const key = keyOf(name);
  const envelope = sign(operations, {
    key,
    sequence: 1,
    expiryHeight: 50_000,
    chainId: 'dxl-bench',
  });
  const answer = await submit(network, at, envelope);
  if (!answer?.ok) throw new Error(`not admitted: ${JSON.stringify(answer)}`);
}

/** Suspends every organisation of the signer in turn, then reinstates them, and so on. */
function changeOfStanding(name: string, sequence: number): Uint8Array {
  const turn = Math.floor((sequence - 2) / organisationsPerSigner);
  const organisationId = `${name}-${sequence % organisationsPerSigner}`;
  const command = { organisationId, reason: 'measured in a benchmark' };
  return sign(operationOf(turn % 2 === 0 ? suspend : reinstate, command), {
    ...{ key: keyOf(name), sequence, expiryHeight: 50_000, chainId: 'dxl-bench' },
  });
}

/** CometBFT's own application, inside of its process: no signatures, no state on disk. */
async function openKvstore(bytes: number): Promise<Side> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'dxl-kvstore-'));
  const dir = path.join(folder, 'net');
  const plan = await netInit({ dir, validators, genesis: await benchGenesis() });
  const network = await openNetwork({
    dir,
    shape: (usual) => ({ ...usual, args: [...usual.args, '--proxy_app', 'kvstore'] }),
  });
  await Promise.all(plan.validators.map((_, at) => network.start(at, 'comet')));
  const rpcs = plan.validators.map((own) => openCometRpc(`http://${rpcAddressOf(own)}`));
  await untilCommitted(rpcs);
  let made = 0;
  return {
    ...{ folder, rpcs, databases: [] },
    ...queuesOf(() => pair((made += 1), bytes)),
    stop: async () => {
      for (const rpc of rpcs) rpc.close();
      await network.down();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function untilCommitted(rpcs: readonly CometRpc[]): Promise<void> {
  type Status = { sync_info: { latest_block_height: string } };
  for (const rpc of rpcs) {
    for (const until = Date.now() + 30_000; Date.now() < until;) {
      const status = await rpc.call<Status>('status').catch(() => null);
      if (Number(status?.sync_info.latest_block_height ?? 0) >= 2) break;
      await delay(100);
    }
  }
}

/** `key=value` of that many bytes, which is all that kvstore takes. */
function pair(number: number, bytes: number): Uint8Array {
  return new TextEncoder().encode(`k${number}=`.padEnd(bytes, 'v'));
}
