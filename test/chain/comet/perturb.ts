/**
 * `node --import tsx test/chain/comet/perturb.ts [--seed 1] [--count 100] [--out file]`: seeded
 * trouble on four real validators under load. Ends with 1 where anything did not hold.
 */
import { writeFile } from 'node:fs/promises';
import os from 'node:os';
import { parseArgs } from 'node:util';
import { stopTestServer } from '../../support/database.ts';
import { runPerturbations } from './perturbations.ts';
import { startNetwork } from './test-network.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '100' },
    out: { type: 'string' },
  },
});
const network = await startNetwork({ validators: 4 });
const begun = Date.now();
process.exitCode = 1;
try {
  const report = await runPerturbations(network, {
    seed: Number(values.seed),
    count: Number(values.count),
    log: (line) => process.stdout.write(`${line}\n`),
  });
  const hardware = `${os.cpus().length} x ${os.cpus()[0]?.model ?? 'unknown'}`;
  const text = JSON.stringify({ hardware, durationMs: Date.now() - begun, ...report }, null, 2);
  if (values.out === undefined) process.stdout.write(`${text}\n`);
  else await writeFile(values.out, `${text}\n`);
  process.exitCode = report.problems.length > 0 ? 1 : 0;
} finally {
  await network.remove();
  await stopTestServer();
}
process.exit();
