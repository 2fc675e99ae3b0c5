/** A node that comes to a running network later, by a snapshot of its peers (state-sync). */
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { OperationalError } from '../base/operational-error.ts';
import { CometRpcError, openCometRpc } from '../chain/engine/comet-rpc.ts';
import { readGenesis } from '../node/make-genesis.ts';
import {
  makeCometKey,
  writeCometConfig,
  writeCometHome,
  type CometSettings,
  type StateSync,
} from './comet-files.ts';
import { limitsFor } from './comet-limits.ts';
import { cometSettingsOf, freePorts } from './init.ts';
import { planFile, readPlan, rpcAddressOf, type NetPlan, type ValidatorPlan } from './plan.ts';

interface CommitAnswer {
  readonly signed_header: {
    readonly header: { readonly height: string };
    readonly commit: { readonly block_id: { readonly hash: string } };
  };
}

/**
 * Adds a full node to the plan of a running network. It trusts the newest block of the first
 * validator, as its operator would read it from a place that he trusts. Start it by `netUp`.
 * Throws OperationalError COMET_DOWN or NET_JOIN.
 */
export async function netJoin(dir: string): Promise<NetPlan> {
  const root = path.resolve(dir);
  const plan = await readPlan(root);
  const [first] = plan.validators;
  if (!first) throw new OperationalError('NET_JOIN', 'The network has no validator to learn from.');
  const stateSync = await readStateSync(plan.validators);
  const name = `node-${plan.validators.length}`;
  const [p2pPort = 0, rpcPort = 0, httpPort = 0] = await freePorts(3);
  const nodeKey = makeCometKey();
  const own: ValidatorPlan = {
    name,
    dir: path.join(root, name),
    cometHome: path.join(root, name, 'comet'),
    appSocket: path.join(path.dirname(first.appSocket), `${name}.sock`),
    ...{ p2pPort, rpcPort, httpPort },
    nodeId: nodeKey.address,
    database: first.database.replace(/_[0-9]+$/, `_${plan.validators.length}`),
  };
  const genesis = await readFile(path.join(first.cometHome, 'config', 'genesis.json'), 'utf8');
  const settings = { ...(await settingsOf(plan, own)), stateSync };
  await writeCometHome(
    { ...settings, nodeKey, validatorKey: makeCometKey() },
    JSON.parse(genesis) as object,
  );
  const joined: NetPlan = { ...plan, validators: [...plan.validators, own] };
  const file = planFile(root);
  await writeFile(`${file}.new`, `${JSON.stringify(joined, null, 2)}\n`);
  await rename(`${file}.new`, file);
  return joined;
}

/**
 * Makes one validator forget all that it has, but its keys and what it has signed, so that it
 * comes back by a snapshot of the others. Its processes must have ended and its database must be
 * a new, empty one. Throws OperationalError NET_JOIN, where no snapshot is to be had, or COMET_DOWN.
 */
export async function forgetHistory(plan: NetPlan, own: ValidatorPlan): Promise<void> {
  const others = plan.validators.filter(({ name }) => name !== own.name);
  const stateSync = await readStateSync(others);
  const data = path.join(own.cometHome, 'data');
  for (const name of await readdir(data)) {
    // Without it a validator could sign a second time what it has signed: that is punished.
    if (name === 'priv_validator_state.json') continue;
    await rm(path.join(data, name), { recursive: true });
  }
  await rm(path.join(own.dir, 'snapshots'), { recursive: true, force: true });
  await writeCometConfig({ ...(await settingsOf(plan, own)), stateSync });
}

async function settingsOf(plan: NetPlan, own: ValidatorPlan): Promise<CometSettings> {
  const { parameters } = await readGenesis(plan.genesisFile);
  const { times, validators } = plan;
  return cometSettingsOf(own, validators, { times, limits: limitsFor(parameters) });
}

async function readStateSync(from: readonly ValidatorPlan[]): Promise<StateSync> {
  const [first, second = first] = from;
  if (!first || !second) {
    throw new OperationalError('NET_JOIN', 'The network has no validator to learn from.');
  }
  const rpcServers = [rpcAddressOf(first), rpcAddressOf(second)];
  const rpc = openCometRpc(`http://${rpcAddressOf(first)}`);
  try {
    const { signed_header: signed } = await rpc.call<CommitAnswer>('commit');
    return {
      rpcServers,
      trustHeight: Number(signed.header.height),
      trustHash: signed.commit.block_id.hash,
    };
  } catch (cause) {
    if (!(cause instanceof CometRpcError)) throw cause;
    throw new OperationalError('NET_JOIN', `No block to trust: ${cause.message}`, { cause });
  } finally {
    rpc.close();
  }
}
