/**
 * `node --import tsx test/chain/comet/throughput.ts [--validators 4] [--seconds 15] [--in-flight 512]`:
 * single-signed envelopes, one operation each, through one validator, each acknowledged after the
 * COMMIT of that validator; signing is done before the clock starts.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Agent, request } from 'node:http';
import { parseArgs } from 'node:util';
import { leaveTestServer } from '../../support/database.ts';
import { admissionEnvelope, networkGenesis, rowsOf, startNetwork } from './test-network.ts';

const { values } = parseArgs({
  options: {
    validators: { type: 'string', default: '4' },
    seconds: { type: 'string', default: '15' },
    'in-flight': { type: 'string', default: '512' },
    'commit-ms': { type: 'string', default: '200' },
  },
});
const base = await networkGenesis();
const genesis = { ...base, parameters: { ...base.parameters, sequenceWindow: 1_024 } };
const network = await startNetwork({
  validators: Number(values.validators),
  genesis,
  times: { timeoutCommitMs: Number(values['commit-ms']) },
});
const agent = new Agent({ keepAlive: true });

const post = (envelope: Uint8Array): Promise<boolean> =>
  new Promise((resolve) => {
    const { httpPort: port } = network.validator(0);
    const sent = request({ port, agent, method: 'POST', path: '/envelopes' }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer.statusCode === 200));
    });
    sent.on('error', () => resolve(false));
    sent.end(envelope);
  });

try {
  const envelopes = Array.from({ length: 60_000 }, (_, at) =>
    admissionEnvelope(genesis.chainId, `organisation-${at + 1}`, at + 1),
  );
  await delay(1_000);
  const begun = Date.now();
  const endsAt = begun + Number(values.seconds) * 1_000;
  const latencies: number[] = [];
  let next = 0;
  let refused = 0;
  const sender = async (): Promise<void> => {
    while (Date.now() < endsAt) {
      const envelope = envelopes[next++];
      if (!envelope) return;
      const sentAt = Date.now();
      if (await post(envelope)) latencies.push(Date.now() - sentAt);
      else refused += 1;
    }
  };
  await Promise.all(Array.from({ length: Number(values['in-flight']) }, sender));
  const seconds = (Date.now() - begun) / 1_000;
  latencies.sort((left, right) => left - right);
  const quantile = (part: number) => latencies[Math.floor(latencies.length * part)];
  const blocks = await rowsOf<{ blocks: string; span: string }>(
    network,
    0,
    `SELECT count(*) AS blocks, max(time_ms) - min(time_ms) AS span FROM block WHERE time_ms >= ${begun}`,
  );
  const { blocks: count, span } = blocks[0]!;
  process.stdout.write(
    `${JSON.stringify({
      validators: network.plan.validators.length,
      envelopesPerSecond: Math.round(latencies.length / seconds),
      acknowledged: latencies.length,
      refused,
      seconds,
      blockIntervalMs: Math.round(Number(span) / Math.max(Number(count) - 1, 1)),
      p50Ms: quantile(0.5),
      p95Ms: quantile(0.95),
      p99Ms: quantile(0.99),
    })}\n`,
  );
} finally {
  agent.destroy();
  await network.remove();
  await leaveTestServer();
}
process.exit(0);
