/** One node as a process: its settings come as JSON on standard input, its address goes out. */
import { text } from 'node:stream/consumers';
import type { Config } from '../../../src/config.ts';
import { openExchange } from '../../../src/main.ts';

const { config, logFile } = JSON.parse(await text(process.stdin)) as {
  readonly config: Omit<Config, 'limits'> & { readonly limits: [string, number][] };
  readonly logFile: string;
};
const limits = new Map(config.limits);
const exchange = await openExchange({ ...config, limits }, { version: '0.0.0-test', logFile });
process.once('SIGTERM', () => void exchange.stop());
process.stdout.write(`${exchange.url}\n`);
