/**
 * `node --import tsx test/chain/comet/perturb.ts [--seed 1] [--count 100] [--short] [--only word]
 * [--out file]`: seeded trouble on four real validators under load. As root each gets a network namespace, whose
 * wires are cut too. Ends with 1 where anything did not hold, 2 where CometBFT is missing.
 */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { endWithCaller, spawnIsolated, whyNoNamespaces } from './namespaces.ts';
import { runPerturbations } from './perturbations.ts';
import { startStorm, sweepStorms } from './storm.ts';
import { whyNoComet } from './test-network.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '100' },
    short: { type: 'boolean', default: false },
    only: { type: 'string' },
    out: { type: 'string' },
    /** How the program calls itself in namespaces of its own. */
    isolated: { type: 'boolean', default: false },
  },
});

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function isolate(): Promise<number> {
  const here = [...process.execArgv, fileURLToPath(import.meta.url), ...process.argv.slice(2)];
  const child = spawnIsolated(process.execPath, [...here, '--isolated']);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.stdin?.end());
  child.stdout?.pipe(process.stdout);
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}

async function commitOf(): Promise<string | null> {
  const found = await promisify(execFile)('git', ['rev-parse', 'HEAD']).catch(() => null);
  return found?.stdout.trim() ?? null;
}

async function storm(isolated: boolean): Promise<number> {
  const begun = Date.now();
  const network = await startStorm({ isolated, snapshotInterval: values.short ? 20 : 100 });
  say(`storm in ${network.root}`);
  try {
    const { seed, count, short, only, out } = values;
    const { perturbations, ...report } = await runPerturbations(network, {
      ...{ seed: Number(seed), count: Number(count), short, only, log: say },
    });
    const result = {
      what: 'seeded trouble on four validators under load: perturb.ts',
      hardware: `${os.cpus().length} x ${os.cpus()[0]?.model ?? 'unknown'}`,
      commit: await commitOf(),
      takenAt: new Date(begun).toISOString(),
      durationMs: Date.now() - begun,
      perturbed: perturbations.length,
      ...report,
      perturbations,
    };
    const text = JSON.stringify(result, null, 2);
    if (out === undefined) say(text);
    else {
      await mkdir(path.dirname(path.resolve(out)), { recursive: true });
      await writeFile(out, `${text}\n`);
      say(JSON.stringify({ ...report.verdict, problems: report.problems }, null, 2));
    }
    return report.problems.length > 0 ? 1 : 0;
  } finally {
    await network.remove();
  }
}

async function main(): Promise<number> {
  if (values.isolated) {
    endWithCaller();
    return storm(true);
  }
  const missing = await whyNoComet();
  if (missing !== null) {
    say(`left out: ${missing}`);
    return 2;
  }
  await sweepStorms();
  const why = await whyNoNamespaces();
  if (why === null) return isolate();
  say(`left out: partitions and slow wires, because ${why}`);
  return storm(false);
}

process.exit(await main());
