/** How `dxl` ends: its exit codes, and errors in words for people or programs. */
import { CommanderError } from 'commander';
import { OperationalError } from '../base/operational-error.ts';
import { ProblemError } from '../client/problem-error.ts';
import { printable } from './output.ts';
import { tableErrors } from './table-error.ts';

/** Documented in docs/cli.md; scripts rely on them. */
export const exitCodes = {
  ok: 0,
  /** Refused by the ledger, or a verification failed. */
  refused: 1,
  /** Wrong arguments, input or settings. */
  usage: 2,
  /** Network, disk, database, key file: the surroundings. */
  operational: 3,
  /** A bug. */
  internal: 4,
} as const;

/** What the caller of the command has to correct before running it again. */
const usageErrors = new Set<string>([
  'USAGE',
  'CONFIG_INVALID',
  'OPERATION_UNKNOWN',
  'OPERATION_MALFORMED',
  'OPENING_INVALID',
  'ADMISSION_INVALID',
  'ADMISSION_OTHER_CHAIN',
  'KEY_PASSPHRASE_SHORT',
  'KEY_PASSPHRASE_ABSENT',
  'EXPORT_EXISTS',
  'EXPORT_HEIGHT',
  'EXPORT_CONTENT',
  'FILE_EXISTS',
  'TRADE_NOT_DELIVERING',
  'TRADE_NOT_DELIVERED',
  'DELIVERY_OTHER_TABLE',
  'OPENING_ABSENT',
  'SAMPLE_IMPOSSIBLE',
  'SAMPLE_NOT_ADMITTED',
  'SAMPLE_OTHER',
  'CIRCUIT_NOT_BUILT',
  'ZK_CIRCUIT_UNKNOWN',
  ...tableErrors,
]);

/** What was to be verified is not what it claims to be. */
const refusals = new Set([
  'ARCHIVE_FORMAT',
  'ARCHIVE_VERSION',
  'ARCHIVE_DAMAGED',
  'ARCHIVE_TRUNCATED',
  'ARCHIVE_ALTERED',
  'EXPORT_DAMAGED',
  'CIRCUIT_KEY_OTHER',
  'CONTENT_OTHER',
  'CONTENT_ALTERED',
  'DELIVERY_ALTERED',
  'DELIVERY_DIGEST',
  'DELIVERY_FORMAT',
  'DELIVERY_KEY_INVALID',
  'DELIVERY_PACKAGE_INVALID',
  'DELIVERY_OTHER_TRADE',
  'DELIVERY_TRUNCATED',
  'EXPORT_OTHER_CHAIN',
  'IMPORT_OTHER_CHAIN',
  'IMPORT_OTHER_HISTORY',
  'IMPORT_OTHER_HASH',
]);

/** Arguments that only a look at all of them shows to be wrong. */
export const usageError = (message: string): OperationalError =>
  new OperationalError('USAGE', message);

export function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.usage;
  if (error instanceof ProblemError) {
    return error.problem.status >= 500 ? exitCodes.operational : exitCodes.refused;
  }
  if (!(error instanceof OperationalError)) return exitCodes.internal;
  if (refusals.has(error.code)) return exitCodes.refused;
  return usageErrors.has(error.code) ? exitCodes.usage : exitCodes.operational;
}

/** @param debug with the stack, which may name paths of this machine. */
export function describeError(error: unknown, format: { json: boolean; debug: boolean }): string {
  const stack = format.debug && error instanceof Error ? `${error.stack ?? ''}\n` : '';
  if (format.json) return `${stack}${JSON.stringify({ error: errorFields(error) })}\n`;
  return `${stack}${errorText(error).split('\n').map(printable).join('\n')}`;
}

/** An exchange's or a witness's own words may be in it. */
function errorText(error: unknown): string {
  if (error instanceof ProblemError) return problemText(error);
  if (error instanceof OperationalError) return `${error.code}\n  ${error.message}\n`;
  const message = error instanceof Error ? error.message : String(error);
  const advice = 'This is a fault of dxl. Run it again with DXL_DEBUG=1 and report what it prints.';
  return `INTERNAL\n  ${message}\n  ${advice}\n`;
}

function problemText({ problem }: ProblemError): string {
  const lines = [
    `${problem.name} (${problem.code}): ${problem.title}`,
    problem.detail,
    ...(problem.errors ?? []).map(({ pointer, message }) => `${pointer}: ${message}`),
    ...(problem.receipt ? [`It stands in block ${problem.receipt.height} as refused.`] : []),
    `What to do: ${problem.remedy}`,
  ];
  return `${lines.filter((line) => line !== '').join('\n  ')}\n`;
}

function errorFields(error: unknown): Record<string, unknown> {
  if (error instanceof ProblemError) return { ...error.problem };
  if (error instanceof OperationalError) return { name: error.code, detail: error.message };
  return { name: 'INTERNAL', detail: error instanceof Error ? error.message : String(error) };
}
