/** Options that several commands take, and what they come to. */
import { Option, type Command } from 'commander';
import { parseDurationMs } from '../base/duration.ts';
import type { Config } from '../config.ts';

export interface CommonOptions {
  readonly api?: string;
  readonly json?: boolean;
  readonly patience?: string;
}

export interface Common {
  readonly config: Config;
  readonly apiUrl: string;
  readonly json: boolean;
  /** Of --patience or DXL_PATIENCE; null where neither is given. */
  readonly patienceMs: number | null;
}

export const apiOption = (): Option =>
  new Option('--api <url>', 'the exchange to speak to (or DXL_API)');

export const patienceOption = (): Option =>
  new Option(
    '--patience <time>',
    'how long to go on with an exchange that does not answer: 90s, 2m, 0 (or DXL_PATIENCE)',
  );

export const jsonOption = (): Option => new Option('--json', 'print JSON for programs');

export const keyOption = (): Option =>
  new Option('--key <file>', 'key file to sign with; made by `dxl key new`');

export const circuitsOption = (): Option =>
  new Option('--circuits <folder>', 'where built circuits are kept, if not with dxl');

/** Takes `--api` and `--json` after the command as well as before it. */
export const withCommon = (command: Command): Command =>
  command.addOption(apiOption()).addOption(jsonOption()).addOption(patienceOption());

/** Throws OperationalError CONFIG_INVALID or USAGE. */
export async function readCommon(command: Command): Promise<Common> {
  const { readConfig } = await import('../config.ts');
  const { usageError } = await import('./exit.ts');
  const config = readConfig();
  const own = command.opts<{ api?: string; json?: unknown; patience?: string }>();
  const above = rootOf(command).opts<CommonOptions>();
  const apiUrl = own.api ?? above.api ?? config.apiUrl;
  if (!/^https?:\/\//.test(apiUrl) || !URL.canParse(apiUrl)) {
    throw usageError(`--api takes an http or https address, not ${apiUrl}.`);
  }
  const patience = own.patience ?? above.patience;
  const patienceMs = patience === undefined ? config.patienceMs : parseDurationMs(patience);
  if (patience !== undefined && patienceMs === null) {
    throw usageError(`--patience takes a time such as 90s, 2m or 1h, not ${patience}.`);
  }
  return { config, apiUrl, json: own.json === true || above.json === true, patienceMs };
}

function rootOf(command: Command): Command {
  return command.parent ? rootOf(command.parent) : command;
}
