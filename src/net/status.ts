import { openCometRpc } from '../chain/engine/comet-rpc.ts';
import { fetchStatus } from './network.ts';
import { rpcAddressOf, type NetPlan, type ValidatorPlan } from './plan.ts';

/** One row of what `dxl net up` shows; null where that part does not answer. */
export interface ValidatorStatus {
  readonly name: string;
  /** Of the application: what is on its disk. */
  readonly height: number | null;
  readonly appHash: string | null;
  /** Of CometBFT: the height being decided, and the round that it is in. */
  readonly deciding: number | null;
  readonly round: number | null;
  readonly peers: number | null;
}

export const networkStatus = (plan: NetPlan): Promise<ValidatorStatus[]> =>
  Promise.all(plan.validators.map(validatorStatus));

async function validatorStatus(own: ValidatorPlan): Promise<ValidatorStatus> {
  const rpc = openCometRpc(`http://${rpcAddressOf(own)}`);
  const ask = <Result>(method: string): Promise<Result | null> =>
    rpc.call<Result>(method).catch(() => null);
  try {
    const [app, consensus, net] = await Promise.all([
      fetchStatus(own),
      ask<{ round_state: { 'height/round/step': string } }>('consensus_state'),
      ask<{ n_peers: string }>('net_info'),
    ]);
    const [deciding, round] = consensus?.round_state['height/round/step'].split('/') ?? [];
    return {
      name: own.name,
      height: app?.height ?? null,
      appHash: app?.appHash ?? null,
      deciding: deciding === undefined ? null : Number(deciding),
      round: round === undefined ? null : Number(round),
      peers: net === null ? null : Number(net.n_peers),
    };
  } finally {
    rpc.close();
  }
}
