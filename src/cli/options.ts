/** Options that several commands take, and what they come to. */
import { Option, type Command } from 'commander';
import type { Config } from '../config.ts';

export interface CommonOptions {
  readonly api?: string;
  readonly json?: boolean;
}

export interface Common {
  readonly config: Config;
  readonly apiUrl: string;
  readonly json: boolean;
}

export const apiOption = (): Option =>
  new Option('--api <url>', 'the exchange to speak to (or DXL_API)');

export const jsonOption = (): Option => new Option('--json', 'print JSON for programs');

export const keyOption = (): Option =>
  new Option('--key <file>', 'key file to sign with; made by `dxl key new`');

/** Takes `--api` and `--json` after the command as well as before it. */
export const withCommon = (command: Command): Command =>
  command.addOption(apiOption()).addOption(jsonOption());

/** Throws OperationalError CONFIG_INVALID or USAGE. */
export async function readCommon(command: Command): Promise<Common> {
  const { readConfig } = await import('../config.ts');
  const { usageError } = await import('./exit.ts');
  const config = readConfig();
  const own = command.opts<{ api?: string; json?: unknown }>();
  const above = rootOf(command).opts<CommonOptions>();
  const apiUrl = own.api ?? above.api ?? config.apiUrl;
  if (!/^https?:\/\//.test(apiUrl) || !URL.canParse(apiUrl)) {
    throw usageError(`--api takes an http or https address, not ${apiUrl}.`);
  }
  return { config, apiUrl, json: own.json === true || above.json === true };
}

function rootOf(command: Command): Command {
  return command.parent ? rootOf(command.parent) : command;
}
