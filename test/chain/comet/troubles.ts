/** The kinds of trouble: how each begins, how it ends, and what may be asked meanwhile. */
import { setTimeout as delay } from 'node:timers/promises';
import { waitForEnd } from '../../../src/net/processes.ts';
import path from 'node:path';
import type { Storm } from './storm.ts';
import { heightOf, waitForHeight } from './test-network.ts';
import type { Wires } from './wires.ts';

export interface Scene {
  readonly storm: Storm;
  /** Validators in random order: the first ones are those that suffer. */
  readonly order: readonly number[];
  /** To be told before a validator loses its history. */
  readonly forget: (at: number) => Promise<void>;
}

export interface Trouble {
  readonly name: string;
  /** How many validators of `order` cannot take part meanwhile. */
  readonly suffering: number;
  /** `goes on`: the others must make blocks; `halts`: nobody may; `any`: neither is asked. */
  readonly meanwhile: 'goes on' | 'halts' | 'any';
  readonly needsWires?: boolean;
  /** How long it lasts, beyond what its own steps take. */
  readonly holdMs?: readonly [least: number, most: number];
  readonly begin: (scene: Scene) => Promise<void>;
  readonly end: (scene: Scene) => Promise<void>;
}

const victimOf = ({ order }: Scene): number => order[0]!;

const wiresOf = ({ storm }: Scene): Wires => {
  if (!storm.wires) throw new Error('this trouble needs namespaces');
  return storm.wires;
};

const killBoth = (storm: Storm, at: number) =>
  Promise.all([storm.kill(at, 'app'), storm.kill(at, 'comet')]).then(() => undefined);

/** CometBFT ends itself when its application goes, and does not when it was paused. */
async function endAndStart(storm: Storm, at: number): Promise<void> {
  await storm.end(at, 'comet');
  await storm.startBoth(at);
}

const processes: Trouble[] = [
  {
    ...{ name: 'kill the application', suffering: 1, meanwhile: 'goes on' },
    begin: (scene) => scene.storm.kill(victimOf(scene), 'app'),
    end: (scene) => endAndStart(scene.storm, victimOf(scene)),
  },
  {
    ...{ name: 'kill CometBFT', suffering: 1, meanwhile: 'goes on' },
    begin: (scene) => scene.storm.kill(victimOf(scene), 'comet'),
    end: (scene) => scene.storm.start(victimOf(scene), 'comet'),
  },
  {
    ...{ name: 'kill both', suffering: 1, meanwhile: 'goes on' },
    begin: (scene) => killBoth(scene.storm, victimOf(scene)),
    end: (scene) => scene.storm.startBoth(victimOf(scene)),
  },
  {
    ...{ name: 'kill both of two validators', suffering: 2, meanwhile: 'halts' },
    begin: async ({ storm, order }) => {
      await Promise.all(order.slice(0, 2).map((at) => killBoth(storm, at)));
    },
    end: async ({ storm, order }) => {
      await Promise.all(order.slice(0, 2).map((at) => storm.startBoth(at)));
    },
  },
  {
    ...{ name: 'restart the application', suffering: 1, meanwhile: 'goes on' },
    begin: (scene) => scene.storm.end(victimOf(scene), 'app'),
    end: (scene) => endAndStart(scene.storm, victimOf(scene)),
  },
  {
    ...{ name: 'restart CometBFT', suffering: 1, meanwhile: 'goes on' },
    begin: (scene) => scene.storm.end(victimOf(scene), 'comet'),
    end: (scene) => scene.storm.start(victimOf(scene), 'comet'),
  },
  {
    ...{ name: 'restart both', suffering: 1, meanwhile: 'goes on' },
    begin: async (scene) => {
      await scene.storm.end(victimOf(scene), 'comet');
      await scene.storm.end(victimOf(scene), 'app');
    },
    end: (scene) => scene.storm.startBoth(victimOf(scene)),
  },
  {
    ...{ name: 'kill PostgreSQL', suffering: 1, meanwhile: 'goes on' },
    begin: async (scene) => {
      const { storm } = scene;
      await storm.killPostgres(victimOf(scene));
      // The application must end by itself: it knows nothing of its disk any more.
      const pidFile = path.join(storm.validator(victimOf(scene)).dir, 'app.pid');
      if (!(await waitForEnd(pidFile, 30_000))) throw new Error('the application lives on');
    },
    end: async (scene) => {
      await scene.storm.startPostgres(victimOf(scene));
      await endAndStart(scene.storm, victimOf(scene));
    },
  },
];

const pauses = (['app', 'comet', 'both'] as const).map((which): Trouble => {
  const parts = which === 'both' ? (['app', 'comet'] as const) : ([which] as const);
  const signal = async (scene: Scene, name: NodeJS.Signals): Promise<void> => {
    await Promise.all(parts.map((part) => scene.storm.signal(victimOf(scene), part, name)));
  };
  const words = { app: 'the application', comet: 'CometBFT', both: 'both' };
  return {
    ...{ name: `pause ${words[which]}`, suffering: 1, meanwhile: 'goes on' },
    begin: (scene) => signal(scene, 'SIGSTOP'),
    end: (scene) => signal(scene, 'SIGCONT'),
  };
});

const lagBlocks = 15;

const histories: Trouble[] = [
  {
    ...{ name: 'lag and replay', suffering: 1, meanwhile: 'goes on' },
    begin: async (scene) => {
      const { storm, order } = scene;
      await killBoth(storm, victimOf(scene));
      const other = order.at(-1)!;
      await waitForHeight(storm, other, (await heightOf(storm, other)) + lagBlocks);
    },
    end: (scene) => scene.storm.startBoth(victimOf(scene)),
  },
  {
    ...{ name: 'lose everything and state-sync', suffering: 1, meanwhile: 'goes on' },
    begin: async (scene) => {
      const { storm } = scene;
      await killBoth(storm, victimOf(scene));
      await scene.forget(victimOf(scene));
      await storm.wipe(victimOf(scene));
    },
    end: (scene) => scene.storm.startBoth(victimOf(scene)),
  },
];

const partitionMs = [3_000, 6_000] as const;

/** Sizes of the groups, in the order of the scene. */
function partition(
  sizes: readonly number[],
  suffering: number,
  meanwhile: Trouble['meanwhile'],
): Trouble {
  return {
    ...{ name: `partition ${sizes.join('-')}`, suffering, meanwhile, needsWires: true },
    holdMs: partitionMs,
    begin: (scene) => {
      let from = 0;
      const groups = sizes.map((size) => scene.order.slice(from, (from += size)));
      return wiresOf(scene).partition(groups);
    },
    end: (scene) => wiresOf(scene).heal(),
  };
}

const wires: Trouble[] = [
  partition([1, 3], 1, 'goes on'),
  partition([2, 2], 4, 'halts'),
  partition([1, 1, 2], 4, 'halts'),
  {
    ...{ name: 'unplug one', suffering: 1, meanwhile: 'goes on', needsWires: true },
    holdMs: partitionMs,
    begin: (scene) => wiresOf(scene).unplug(victimOf(scene)),
    end: (scene) => wiresOf(scene).plug(victimOf(scene)),
  },
  {
    ...{ name: 'cut one off and kill it', suffering: 1, meanwhile: 'goes on', needsWires: true },
    holdMs: partitionMs,
    begin: async (scene) => {
      await wiresOf(scene).unplug(victimOf(scene));
      await delay(500);
      await killBoth(scene.storm, victimOf(scene));
    },
    end: async (scene) => {
      await scene.storm.startBoth(victimOf(scene));
      await wiresOf(scene).plug(victimOf(scene));
    },
  },
  {
    ...{ name: 'slow wire of one', suffering: 0, meanwhile: 'goes on', needsWires: true },
    holdMs: partitionMs,
    begin: (scene) => wiresOf(scene).slow(victimOf(scene)),
    end: (scene) => wiresOf(scene).hurry(victimOf(scene)),
  },
  {
    ...{ name: 'slow wires of all', suffering: 0, meanwhile: 'any', needsWires: true },
    holdMs: partitionMs,
    begin: async (scene) => {
      for (const at of scene.order) await wiresOf(scene).slow(at);
    },
    end: async (scene) => {
      for (const at of scene.order) await wiresOf(scene).hurry(at);
    },
  },
];

export const troubles = new Map(
  [...processes, ...pauses, ...histories, ...wires].map((trouble) => [trouble.name, trouble]),
);

/** What a run of any length draws from, one after the other in random order, again and again. */
export const deck: readonly string[] = [
  ...troubles.keys(),
  'partition 1-3',
  'partition 2-2',
  'lose everything and state-sync',
];

/** One of each sort, for a run that must be short. */
export const shortDeck: readonly string[] = [
  ...['kill both', 'kill the application', 'kill PostgreSQL', 'pause CometBFT'],
  ...['restart CometBFT', 'lose everything and state-sync'],
  ...['partition 1-3', 'partition 2-2', 'slow wires of all'],
];
