/** Process of one validator's application: `validator-main <net folder> <name> <database file>`. */
import { readFile } from 'node:fs/promises';
import { readPlan } from './plan.ts';
import { runValidator } from './validator.ts';

const write = (line: string): void => {
  process.stderr.write(`${new Date().toISOString()} ${line}\n`);
};

const end = (error: unknown): never => {
  write((error as Error).stack ?? String(error));
  process.exit(1);
};

const [dir = '', name = '', databaseFile = ''] = process.argv.slice(2);
try {
  const plan = await readPlan(dir);
  const own = plan.validators.find((validator) => validator.name === name);
  if (!own) throw new Error(`no validator ${name} in ${dir}`);
  // A file, because the address holds a password and arguments are for all to read.
  const databaseUrl = (await readFile(databaseFile, 'utf8')).trim();
  process.on('SIGTERM', () => process.exit(0));
  await runValidator({ plan, own, databaseUrl, onFailure: end, log: write });
} catch (error) {
  end(error);
}
