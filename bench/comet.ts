/**
 * Four validators of the ledger against four of CometBFT's own `kvstore` application, on one machine,
 * in one run, in alternate order: the same settings, load, sizes and rates. kvstore checks no
 * signature, keeps its state in memory and runs inside of CometBFT: it is what CometBFT itself costs.
 */
import { leaveTestServer } from '../test/support/database.ts';
import { boundOf, verificationCpuMs } from './comet/bound.ts';
import { cpuSeconds, type CpuSeconds } from './comet/cpu.ts';
import { measure, type LoadOptions, type Measured } from './comet/generate-load.ts';
import { openSide, validators, type Side, type SideName } from './comet/sides.ts';
import { median, positive, readOptions, resultsFolder, round, writeResult } from './harness.ts';

const options = readOptions({
  seconds: { type: 'string' },
  repetitions: { type: 'string' },
  'in-flight': { type: 'string' },
  rate: { type: 'string' },
  profile: { type: 'string' },
});
const seconds = positive('seconds', options.seconds, 10);
const repetitions = positive('repetitions', options.repetitions, 3);
const inFlightMax = positive('in-flight', options['in-flight'], 2_000);
const rate = positive('rate', options.rate, 500);
const folder = resultsFolder(options.results);
/** Of an envelope of one operation; kvstore's transactions are made as long. */
const bytes = 160;
const perSecondMax = 12_000;

interface Run {
  readonly side: SideName;
  readonly load: 'saturated' | 'steady';
  readonly repetition: number;
  readonly figures: Measured;
  readonly cpuMsPerEnvelope: Partial<CpuSeconds>;
  readonly envelopeBytes: number;
}

async function measured(side: Side, load: LoadOptions, count: number) {
  side.fill(count);
  const envelopeBytes = side.queues[0]?.at(-1)?.length ?? 0;
  const before = await cpuSeconds(side.folder, side.databases);
  const figures = await measure(side, load);
  const after = await cpuSeconds(side.folder, side.databases);
  const of = (part: keyof CpuSeconds): number =>
    round(
      ((after[part] - before[part]) * 1_000) / Math.max(figures.acknowledged + figures.late, 1),
      3,
    );
  return {
    figures,
    envelopeBytes,
    cpuMsPerEnvelope: {
      application: of('application'),
      cometbft: of('cometbft'),
      postgres: of('postgres'),
      generator: of('generator'),
    },
  };
}

async function runSide(name: SideName, repetition: number): Promise<Run[]> {
  const side = await openSide(name, bytes, options.profile ?? null);
  try {
    await measured(side, { seconds: 2, inFlightMax, rate: null }, 2 * perSecondMax); // Warm.
    const saturated = await measured(
      side,
      { seconds, inFlightMax, rate: null },
      seconds * perSecondMax,
    );
    const steady = await measured(side, { seconds, inFlightMax, rate }, seconds * rate + 1_000);
    return [
      { side: name, load: 'saturated', repetition, ...saturated },
      { side: name, load: 'steady', repetition, ...steady },
    ];
  } finally {
    await side.stop();
  }
}

const runs: Run[] = [];
const verifications: number[] = [];
try {
  for (let repetition = 1; repetition <= repetitions; repetition += 1) {
    verifications.push(await verificationCpuMs(bytes));
    const order: SideName[] = repetition % 2 === 1 ? ['ledger', 'kvstore'] : ['kvstore', 'ledger'];
    for (const name of order) {
      for (const run of await runSide(name, repetition)) {
        runs.push(run);
        const { perSecond, p50Ms, p95Ms } = run.figures;
        console.log(`${repetition}. ${name}, ${run.load}: ${perSecond}/s, ${p50Ms}/${p95Ms} ms`);
      }
    }
  }
} finally {
  await leaveTestServer();
}

const of = (side: SideName, load: Run['load'], pick: (run: Run) => number): number =>
  median(runs.filter((run) => run.side === side && run.load === load).map(pick));
const ratio = (load: Run['load'], pick: (run: Run) => number): number =>
  round(of('ledger', load, pick) / of('kvstore', load, pick), 3);

const cpuMs = ({ cpuMsPerEnvelope: cpu }: Run): number =>
  Object.values(cpu).reduce((sum, part) => sum + part, 0);
const bound = boundOf(
  runs.filter(({ side, load }) => side === 'kvstore' && load === 'saturated').map(cpuMs),
  verifications,
);
const rows = (['saturated', 'steady'] as const).flatMap((load) =>
  (['ledger', 'kvstore'] as const).map((side) => ({
    load: load === 'steady' ? `${rate}/s` : load,
    side,
    'envelopes/s': of(side, load, ({ figures }) => figures.perSecond),
    'p50 ms': of(side, load, ({ figures }) => figures.p50Ms),
    'p95 ms': of(side, load, ({ figures }) => figures.p95Ms),
    'CPU ms/envelope': round(of(side, load, cpuMs), 2),
  })),
);
const file = await writeResult(folder, 'comet', {
  what: `${validators} validators on one machine against CometBFT's kvstore application`,
  settings: { seconds, repetitions, inFlightMax, rate, validators },
  raw: runs,
  bound,
  ratios: {
    'envelopes/s, saturated': ratio('saturated', ({ figures }) => figures.perSecond),
    [`envelopes/s, at ${rate}/s`]: ratio('steady', ({ figures }) => figures.perSecond),
    [`p50, at ${rate}/s`]: ratio('steady', ({ figures }) => figures.p50Ms),
    [`p95, at ${rate}/s`]: ratio('steady', ({ figures }) => figures.p95Ms),
    'CPU time, saturated': round(
      of('kvstore', 'saturated', cpuMs) / of('ledger', 'saturated', cpuMs),
      3,
    ),
    'bound of any application that verifies signatures': bound.ratio,
  },
});
console.table(rows);
console.log(
  `Bound: kvstore ${bound.kvstoreCpuMs} ms of CPU time; with ${validators} verifications of ` +
    `${bound.verificationCpuMs} ms no application on this machine passes ${bound.ratio} of its rate.`,
);
console.log(file);
process.exit(0);
