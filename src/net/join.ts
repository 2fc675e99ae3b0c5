/** A node that comes to a running network later, by a snapshot of its peers (state-sync). */
import { readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { OperationalError } from '../base/operational-error.ts';
import { CometRpcError, openCometRpc } from '../chain/engine/comet-rpc.ts';
import { makeCometKey, writeCometHome, type CometTimes } from './comet-files.ts';
import { freePorts, peersOf } from './init.ts';
import { planFile, readPlan, type NetPlan, type ValidatorPlan } from './plan.ts';

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
export async function netJoin(dir: string, times: CometTimes): Promise<NetPlan> {
  const root = path.resolve(dir);
  const plan = await readPlan(root);
  const [first] = plan.validators;
  if (!first) throw new OperationalError('NET_JOIN', 'The network has no validator to learn from.');
  const { trustHeight, trustHash } = await readTrust(first);
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
  const rpcServers = plan.validators.slice(0, 2).map(({ rpcPort: port }) => `127.0.0.1:${port}`);
  await writeCometHome(
    {
      ...{ home: own.cometHome, moniker: name, nodeKey, validatorKey: makeCometKey() },
      ...{ p2pPort, rpcPort, appSocket: own.appSocket, times },
      peers: peersOf(plan.validators, own),
      stateSync: {
        rpcServers: rpcServers.length === 1 ? [...rpcServers, ...rpcServers] : rpcServers,
        ...{ trustHeight, trustHash },
      },
    },
    JSON.parse(genesis) as object,
  );
  const joined: NetPlan = { ...plan, validators: [...plan.validators, own] };
  const file = planFile(root);
  await writeFile(`${file}.new`, `${JSON.stringify(joined, null, 2)}\n`);
  await rename(`${file}.new`, file);
  return joined;
}

async function readTrust(from: ValidatorPlan): Promise<{ trustHeight: number; trustHash: string }> {
  const rpc = openCometRpc(`http://127.0.0.1:${from.rpcPort}`);
  try {
    const { signed_header: signed } = await rpc.call<CommitAnswer>('commit');
    return {
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
