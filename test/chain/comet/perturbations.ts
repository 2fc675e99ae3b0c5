/** Seeded trouble for a network of four, under load, and what must hold during and after it. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Archive } from './copies.ts';
import { judge, type Verdict } from './judge.ts';
import { startLoad } from './load.ts';
import { firstBlockOf, takesPart, type Storm } from './storm.ts';
import { heightOf, waitForHeight } from './test-network.ts';
import { deck, shortDeck, troubles, type Scene, type Trouble } from './troubles.ts';
import { startWatch } from './watch.ts';

export interface Perturbation {
  readonly number: number;
  readonly what: string;
  /** Who could not take part. */
  readonly validators: readonly number[];
  readonly heightBefore: number;
  /** Of those who could: when the trouble ended. */
  readonly heightAtEnd: number;
  /** Blocks made while the trouble lasted, from when it had begun. */
  readonly blocksMeanwhile: number;
  readonly troubleMs: number;
  /** From the end of the trouble until all stood two blocks above that height. -1: never. */
  readonly recoveryMs: number;
  /** From the end of the trouble until all four voted on blocks again. -1: never. */
  readonly votingMs: number;
  /** After state-sync: the first block that its CometBFT has. */
  readonly syncedFrom?: number;
}

interface Spread {
  readonly median: number;
  readonly p95: number;
  readonly most: number;
}

export interface StormReport {
  readonly seed: number;
  readonly byKind: Readonly<Record<string, number>>;
  /** Kinds that could not be tried here. */
  readonly skipped: readonly string[];
  readonly slowness: string | null;
  readonly looks: number;
  readonly known: number;
  readonly retries: Readonly<Record<string, number>>;
  readonly verdict: Verdict;
  readonly recoveryMs: Spread;
  readonly votingMs: Spread;
  readonly perturbations: readonly Perturbation[];
  /** Empty where everything held. */
  readonly problems: readonly string[];
}

export interface StormRun {
  readonly seed: number;
  readonly count: number;
  /** One of each sort, instead of draws from all kinds. */
  readonly short?: boolean;
  /** Kinds whose names hold this word, instead. */
  readonly only?: string | undefined;
  readonly log: (line: string) => void;
}

/** Blocks that were under way when a network falls apart may still be made. */
const settleMs = 1_500;
/**
 * A proposer that is gone costs a round of some 2 s, and many times that where the machine is busy with
 * others. It tells a network that has stopped from one that is slow, and measures nothing.
 */
const idleMsMax = 60_000;
const recoveryMsMax = 120_000;
const logCharactersMax = 4_000;

/** Mulberry32: small, seeded, good enough to choose trouble. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  const left = [...items];
  return items.map(() => left.splice(Math.floor(random() * left.length), 1)[0]!);
}

function* draw(names: readonly string[], random: () => number): Generator<Trouble, never> {
  for (;;) for (const name of shuffled(names, random)) yield troubles.get(name)!;
}

export async function runPerturbations(storm: Storm, run: StormRun): Promise<StormReport> {
  const { seed, count, log } = run;
  const random = seededRandom(seed);
  const { only = '' } = run;
  const wanted = (run.short ? shortDeck : deck).filter((name) => name.includes(only));
  const possible = wanted.filter((name) => storm.wires || !troubles.get(name)?.needsWires);
  await Promise.all([0, 1, 2, 3].map((at) => waitForHeight(storm, at, 2)));
  const load = await startLoad(storm, {
    ...{ clients: 6, random: seededRandom(seed + 1), pauseMsMax: run.short ? 100 : 400 },
  });
  const watch = startWatch(storm);
  const perturbations: Perturbation[] = [];
  const problems: string[] = [];
  const sound = (): boolean => problems.length === 0;
  const archive = new Archive();
  const forget = async (at: number): Promise<void> => {
    await archive.keep(storm);
    watch.forget(at);
  };
  const drawn = draw(possible, random);
  while (perturbations.length < count && sound()) {
    const number = perturbations.length + 1;
    const scene = { storm, order: shuffled([0, 1, 2, 3], random), forget };
    const { value: trouble } = drawn.next();
    const fail = (what: string) => problems.push(`${number} (${trouble.name}): ${what}`);
    const done = await perturb(scene, trouble, random, fail).catch((error: unknown) => {
      fail((error as Error).message);
      return null;
    });
    if (!sound()) await sayLogs(scene, trouble, log);
    if (!done) break;
    perturbations.push({ number, ...done });
    const { validators, blocksMeanwhile, recoveryMs, votingMs } = done;
    log(
      `${number}/${count} ${trouble.name} [${validators.join(' ')}]: ` +
        `${blocksMeanwhile} blocks, back after ${recoveryMs} ms, voting after ${votingMs} ms`,
    );
  }
  await load.stop();
  await watch.stop();
  const verdict = await judge(storm, { ...load, archived: archive.blocks });
  problems.push(...watch.problems, ...verdict.problems);
  return {
    seed,
    byKind: countBy(perturbations.map(({ what }) => what)),
    skipped: [...new Set(wanted.filter((name) => !possible.includes(name)))],
    slowness: storm.wires?.slowness ?? null,
    looks: watch.looks,
    known: load.known.size,
    retries: Object.fromEntries(load.retries),
    verdict,
    recoveryMs: spread(perturbations.map(({ recoveryMs }) => recoveryMs)),
    votingMs: spread(perturbations.map(({ votingMs }) => votingMs)),
    perturbations,
    problems,
  };
}

async function perturb(
  scene: Scene,
  trouble: Trouble,
  random: () => number,
  fail: (what: string) => void,
): Promise<Omit<Perturbation, 'number'>> {
  const { storm, order } = scene;
  const validators = order.slice(0, trouble.suffering);
  const halts = trouble.meanwhile === 'halts';
  const others = halts ? order : order.slice(trouble.suffering);
  const [least, most] = trouble.holdMs ?? [500, 2_500];
  const holdMs = least + random() * (most - least);
  const heightBefore = await highest(storm, others);
  const begun = Date.now();
  await trouble.begin(scene);
  if (halts) await delay(settleMs);
  const settled = halts ? await highest(storm, others) : heightBefore;
  await delay(holdMs);
  let heightAtEnd = await highest(storm, others);
  if (trouble.meanwhile === 'goes on') {
    const until = begun + idleMsMax;
    while (heightAtEnd <= heightBefore && Date.now() < until) {
      await delay(100);
      heightAtEnd = await highest(storm, others);
    }
    if (heightAtEnd <= heightBefore) fail(`no block in ${Date.now() - begun} ms`);
  }
  if (halts && heightAtEnd !== settled) fail(`${heightAtEnd - settled} blocks without 2/3`);
  const ended = Date.now();
  await trouble.end(scene);
  const recoveryMs = await recovery(storm, order, heightAtEnd + 2, ended, fail);
  const votingMs = await untilAllVote(storm, ended, fail);
  const synced = trouble.name.includes('state-sync') ? await syncedFrom(scene, fail) : {};
  return {
    what: trouble.name,
    ...{ validators, heightBefore, heightAtEnd },
    blocksMeanwhile: heightAtEnd - settled,
    troubleMs: ended - begun,
    ...{ recoveryMs, votingMs },
    ...synced,
  };
}

/** The ends of what the victims wrote: their folders go with the network. */
async function sayLogs(
  { storm, order }: Scene,
  { suffering }: Trouble,
  log: StormRun['log'],
): Promise<void> {
  for (const at of order.slice(0, suffering)) {
    for (const name of ['app.log', 'comet.log']) {
      const text = await readFile(path.join(storm.validator(at).dir, name), 'utf8');
      log(`validator ${at}, ${name}:\n${text.slice(-logCharactersMax)}`);
    }
  }
}

async function recovery(
  storm: Storm,
  all: readonly number[],
  height: number,
  from: number,
  fail: (what: string) => void,
): Promise<number> {
  try {
    await Promise.all(all.map((at) => waitForHeight(storm, at, height, recoveryMsMax)));
    return Date.now() - from;
  } catch (error) {
    fail((error as Error).message);
    return -1;
  }
}

/**
 * Who follows the chain need not vote yet: CometBFT fetches blocks for some seconds before it takes
 * part again, and trouble for another one would leave two of four meanwhile.
 */
async function untilAllVote(
  storm: Storm,
  from: number,
  fail: (what: string) => void,
): Promise<number> {
  while (Date.now() - from < recoveryMsMax) {
    const all = storm.plan.validators.map((_, at) => takesPart(storm, at).catch(() => false));
    if ((await Promise.all(all)).every(Boolean)) return Date.now() - from;
    await delay(100);
  }
  fail(`not all take part after ${recoveryMsMax} ms`);
  return -1;
}

async function syncedFrom(scene: Scene, fail: (what: string) => void) {
  const begun = Date.now();
  let first = await firstBlockOf(scene.storm, scene.order[0]!);
  // Of the snapshot alone there is no block yet.
  while (first === 0 && Date.now() - begun < recoveryMsMax) {
    await delay(100);
    first = await firstBlockOf(scene.storm, scene.order[0]!);
  }
  if (first <= 1) fail(`it came back without a snapshot: it has blocks from ${first} on`);
  return { syncedFrom: first };
}

const highest = async (storm: Storm, of: readonly number[]): Promise<number> =>
  Math.max(...(await Promise.all(of.map((at) => heightOf(storm, at)))));

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((left, right) => left - right);
  const at = (part: number) =>
    sorted[Math.min(Math.floor(sorted.length * part), sorted.length - 1)] ?? 0;
  return { median: at(0.5), p95: at(0.95), most: at(1) };
}
