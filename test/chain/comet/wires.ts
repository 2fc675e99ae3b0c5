/**
 * The network between validators, inside namespaces of our own: each CometBFT in a network
 * namespace with a cable to a bridge for its peers (10.77.0.x) and another one by which its
 * application and the test reach its RPC (10.78.0.x), which no trouble touches.
 */
import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Hosts } from '../../../src/net/init.ts';
import type { Shape } from '../../../src/net/network.ts';

const run = async (program: string, args: readonly string[]): Promise<void> => {
  await promisify(execFile)(program, args);
};
const ip = (...args: string[]) => run('ip', args);
const within = (at: number, ...args: string[]) => ip('netns', 'exec', nameOf(at), ...args);
const nameOf = (at: number): string => `validator-${at}`;

/** Delay and loss where the kernel has netem; else a narrow link, whose queue delays and drops. */
const netem = ['netem', 'delay', '150ms', '75ms', 'loss', '5%'];
const narrow = ['tbf', 'rate', '256kbit', 'burst', '4kb', 'latency', '150ms'];

export interface Wires {
  readonly hosts: readonly Hosts[];
  readonly shape: Shape;
  /** What `slow` does here. */
  readonly slowness: string;
  /** Validators of different groups do not reach each other any more. */
  partition(groups: readonly (readonly number[])[]): Promise<void>;
  heal(): Promise<void>;
  /** Its cable is out: link down. */
  unplug(at: number): Promise<void>;
  plug(at: number): Promise<void>;
  slow(at: number): Promise<void>;
  hurry(at: number): Promise<void>;
}

/** To be called once, by a process that `spawnIsolated` started. */
export async function layWires(count: number): Promise<Wires> {
  const all = Array.from({ length: count }, (_, at) => at);
  await ip('link', 'set', 'lo', 'up');
  await mkdir('/run/netns', { recursive: true });
  // Names of namespaces are files: these are seen in this mount namespace only.
  await run('mount', ['-t', 'tmpfs', 'dxl-netns', '/run/netns']);
  for (const at of all) await addBridge(bridgeOf(at));
  await addBridge('control');
  await ip('addr', 'add', '10.78.0.254/24', 'dev', 'control');
  for (const at of all) {
    await ip('netns', 'add', nameOf(at));
    await ip('-n', nameOf(at), 'link', 'set', 'lo', 'up');
    await addCable(at, 'peers', bridgeOf(0), `10.77.0.${at + 1}/24`);
    await addCable(at, 'control', 'control', `10.78.0.${at + 1}/24`);
  }
  const partition = async (groups: readonly (readonly number[])[]): Promise<void> => {
    for (const [group, members] of groups.entries()) {
      for (const at of members)
        await ip('link', 'set', cableOf(at, 'peers'), 'master', bridgeOf(group));
    }
  };
  const shaping = (await hasNetem()) ? netem : narrow;
  return {
    hosts: all.map((at) => ({ p2pHost: `10.77.0.${at + 1}`, rpcHost: `10.78.0.${at + 1}` })),
    shape: (usual, at, part) =>
      part === 'app'
        ? usual
        : {
            ...usual,
            program: 'ip',
            args: ['netns', 'exec', nameOf(at), usual.program, ...usual.args],
          },
    slowness: shaping.join(' '),
    partition,
    heal: () => partition([all]),
    unplug: (at) => ip('link', 'set', cableOf(at, 'peers'), 'down'),
    plug: (at) => ip('link', 'set', cableOf(at, 'peers'), 'up'),
    slow: (at) => within(at, 'tc', 'qdisc', 'add', 'dev', 'peers', 'root', ...shaping),
    hurry: (at) => within(at, 'tc', 'qdisc', 'del', 'dev', 'peers', 'root'),
  };
}

/** A bridge for each group that a partition may make. */
const bridgeOf = (group: number): string => `peers-${group}`;
/** Our end of the cable; an interface's name has 15 characters at most. */
const cableOf = (at: number, use: 'peers' | 'control'): string => `${use}-v${at}`;

async function addBridge(name: string): Promise<void> {
  await ip('link', 'add', name, 'type', 'bridge');
  await ip('link', 'set', name, 'up');
}

async function addCable(
  at: number,
  use: 'peers' | 'control',
  bridge: string,
  address: string,
): Promise<void> {
  const cable = cableOf(at, use);
  const peer = ['peer', 'name', use, 'netns', nameOf(at)];
  await ip('link', 'add', cable, 'type', 'veth', ...peer);
  await ip('link', 'set', cable, 'master', bridge, 'up');
  await ip('-n', nameOf(at), 'addr', 'add', address, 'dev', use);
  await ip('-n', nameOf(at), 'link', 'set', use, 'up');
}

async function hasNetem(): Promise<boolean> {
  try {
    await within(0, 'tc', 'qdisc', 'add', 'dev', 'peers', 'root', ...netem);
    await within(0, 'tc', 'qdisc', 'del', 'dev', 'peers', 'root');
    return true;
  } catch {
    return false;
  }
}
