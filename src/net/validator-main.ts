/** Process of one validator's node: `validator-main <net folder> <name> <database file> [date]`. */
import { readFile } from 'node:fs/promises';
import { readConfig } from '../config.ts';
import { version } from '../cli/version.ts';
import { readPlan } from './plan.ts';
import { openValidator } from './validator.ts';

const write = (line: string): void => {
  process.stderr.write(`${new Date().toISOString()} ${line}\n`);
};

const end = (error: unknown): never => {
  write((error as Error).stack ?? String(error));
  process.exit(1);
};

const [dir = '', name = '', databaseFile = '', confirmedDate = null] = process.argv.slice(2);
try {
  const plan = await readPlan(dir);
  const own = plan.validators.find((validator) => validator.name === name);
  if (!own) throw new Error(`no validator ${name} in ${dir}`);
  // A file, because the address holds a password and arguments are for all to read.
  const databaseUrl = (await readFile(databaseFile, 'utf8')).trim();
  process.on('SIGTERM', () => process.exit(0));
  const config = { ...readConfig(undefined, 'warn'), confirmedDate };
  const exchange = await openValidator({ plan, own, databaseUrl, config, version });
  write(`ready at height ${exchange.engine.status().height}: ${exchange.url}`);
  end(await exchange.failed);
} catch (error) {
  end(error);
}
