/** Seeded trouble for a network of four, under load, and what must hold after it. */
import { setTimeout as delay } from 'node:timers/promises';
import { startLoad, type Load } from './load.ts';
import { heightOf, rowsOf, waitForHeight, type TestNetwork } from './test-network.ts';

const kinds = [
  'kill the application',
  'kill CometBFT',
  'kill both',
  'pause the application',
  'pause CometBFT',
  'restart the application',
  'restart CometBFT',
  'lag behind',
] as const;
type Kind = (typeof kinds)[number];

export interface Perturbation {
  readonly kind: Kind;
  readonly victim: number;
  /** Blocks that the others made meanwhile. */
  readonly blocksMeanwhile: number;
  /** From the end of the trouble until the victim stood two blocks above the others of then. */
  readonly recoveryMs: number;
}

export interface PerturbationReport {
  readonly seed: number;
  readonly perturbations: readonly Perturbation[];
  readonly acknowledged: number;
  readonly known: number;
  readonly overtaken: number;
  readonly height: number;
  /** Empty where everything held. */
  readonly problems: readonly string[];
}

/** A proposer that is gone costs a round; this is many. */
const idleMsMax = 5_000;

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

export async function runPerturbations(
  network: TestNetwork,
  { seed, count, log }: { seed: number; count: number; log: (line: string) => void },
): Promise<PerturbationReport> {
  const random = seededRandom(seed);
  const load = startLoad(network, 8, seededRandom(seed + 1));
  const perturbations: Perturbation[] = [];
  const problems: string[] = [];
  for (let number = 1; number <= count; number += 1) {
    const kind = kinds[Math.floor(random() * kinds.length)] ?? 'kill both';
    const victim = Math.floor(random() * network.plan.validators.length);
    const before = await highest(network, victim);
    const begun = Date.now();
    await disturb(network, kind, victim, random);
    const troubleMs = Date.now() - begun;
    const after = await highest(network, victim);
    // Two blocks more: it takes part again, so the next trouble leaves three of four.
    const target = after + 2;
    const recoveryMs = await waitForHeight(network, victim, target, 90_000).catch(
      (error: unknown) => {
        problems.push(`${number} (${kind} of ${victim}): ${(error as Error).message}`);
        return -1;
      },
    );
    perturbations.push({ kind, victim, blocksMeanwhile: after - before, recoveryMs });
    if (after === before && troubleMs > idleMsMax)
      problems.push(`${number} (${kind} of ${victim}): no block meanwhile`);
    log(`${number}/${count} ${kind} of ${victim}: ${after - before} blocks, ${recoveryMs} ms`);
    if (recoveryMs < 0) break;
    await delay(200);
  }
  await load.stop();
  problems.push(...(await judge(network, load)));
  const { acknowledged, known, overtaken } = load;
  const height = await highest(network, -1);
  return {
    ...{ seed, perturbations, known, overtaken, height, problems },
    acknowledged: acknowledged.size,
  };
}

async function highest(network: TestNetwork, except: number): Promise<number> {
  const others = network.plan.validators.map((_, at) => at).filter((at) => at !== except);
  return Math.max(...(await Promise.all(others.map((at) => heightOf(network, at)))));
}

async function disturb(
  network: TestNetwork,
  kind: Kind,
  victim: number,
  random: () => number,
): Promise<void> {
  const pauseMs = 300 + Math.floor(random() * 2_000);
  switch (kind) {
    case 'kill the application':
      await network.kill(victim, 'app');
      await delay(pauseMs);
      // CometBFT ends itself when its application goes.
      await network.kill(victim, 'comet');
      return network.startBoth(victim);
    case 'kill CometBFT':
      await network.kill(victim, 'comet');
      await delay(pauseMs);
      return network.start(victim, 'comet');
    case 'kill both':
      await Promise.all([network.kill(victim, 'app'), network.kill(victim, 'comet')]);
      await delay(pauseMs);
      return network.startBoth(victim);
    case 'pause the application':
    case 'pause CometBFT': {
      const part = kind === 'pause CometBFT' ? 'comet' : 'app';
      await network.signal(victim, part, 'SIGSTOP');
      await delay(500 + pauseMs);
      await network.signal(victim, part, 'SIGCONT');
      return;
    }
    case 'restart the application':
      await network.end(victim, 'app');
      await network.end(victim, 'comet');
      return network.startBoth(victim);
    case 'restart CometBFT':
      await network.end(victim, 'comet');
      await delay(pauseMs);
      return network.start(victim, 'comet');
    case 'lag behind': {
      await Promise.all([network.kill(victim, 'app'), network.kill(victim, 'comet')]);
      const at = await highest(network, victim);
      const other = victim === 0 ? 1 : 0;
      await waitForHeight(network, other, at + 15, 60_000);
      return network.startBoth(victim);
    }
  }
}

interface BlockHashes {
  height: string;
  hashes: string;
}

/** No divergence, nothing acknowledged lost, nothing applied twice. */
export async function judge(network: TestNetwork, load: Load): Promise<string[]> {
  const problems = load.refused.map((refusal) => `refused: ${refusal}`);
  const last = await highest(network, -1);
  const all = network.plan.validators.map((_, at) => at);
  await Promise.all(all.map((at) => waitForHeight(network, at, last)));
  const chains = await Promise.all(
    all.map((at) =>
      rowsOf<BlockHashes>(
        network,
        at,
        `SELECT height, encode(app_hash, 'hex') || encode(header_hash, 'hex') AS hashes
         FROM block WHERE height <= ${last} ORDER BY height`,
      ),
    ),
  );
  for (const [at, chain] of chains.entries()) {
    const differs = chain.find(({ hashes }, row) => hashes !== chains[0]?.[row]?.hashes);
    if (chain.length !== last)
      problems.push(`validator ${at} has ${chain.length} of ${last} blocks`);
    if (differs) problems.push(`validator ${at} differs at height ${differs.height}`);
  }
  for (const at of all) problems.push(...(await judgeEnvelopes(network, at, load)));
  return problems;
}

async function judgeEnvelopes(network: TestNetwork, at: number, load: Load): Promise<string[]> {
  const rows = await rowsOf<{ id: string; height: string; result_code: number }>(
    network,
    at,
    `SELECT encode(id, 'hex') AS id, height, result_code FROM envelope`,
  );
  const applied = new Map<string, number[]>();
  for (const { id, height, result_code: code } of rows) {
    if (code === 0) applied.set(id, [...(applied.get(id) ?? []), Number(height)]);
  }
  const problems: string[] = [];
  for (const [id, heights] of applied) {
    if (heights.length > 1) problems.push(`validator ${at} applied ${id} twice`);
  }
  for (const [id, receipt] of load.acknowledged) {
    if (receipt.resultCode === 0 && applied.get(id)?.[0] === receipt.height) continue;
    problems.push(`validator ${at} lost ${id}, acknowledged at height ${receipt.height}`);
  }
  return problems;
}
