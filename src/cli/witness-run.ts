import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { OperationalError } from '../base/operational-error.ts';
import { formatVerifierKey } from '../chain/checkpoint/note.ts';
import { examineLog, examinedWords, type Examined } from '../witness/examine.ts';
import { openWitness } from '../witness/open.ts';
import { witnessServer } from '../witness/server.ts';
import type { FollowedLog, Witness } from '../witness/witness.ts';
import { exitCodes, usageError } from './exit.ts';
import { print, printJson, remark } from './output.ts';

export interface WitnessRun {
  readonly dir: string;
  readonly json: boolean;
  /** `host:port`, null for a witness that only goes out. */
  readonly listen: string | null;
  readonly intervalMs: number;
  /** By how much clocks may differ. */
  readonly toleranceS: number;
  /** Looks once and ends. */
  readonly once: boolean;
}

/** Until a signal; ends with 1 when every log that it follows has signed two histories. */
export async function runWitness(options: WitnessRun): Promise<void> {
  const stop = new AbortController();
  const failures: Error[] = [];
  const fail = (error: Error): void => {
    failures.push(error);
    stop.abort();
  };
  const opened = await openWitness(options.dir, (alert) => remark(`ALERT: ${alert}`), {
    toleranceS: options.toleranceS,
  });
  const { witness } = opened;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  try {
    const server = options.listen === null ? null : await listen(witness, options.listen, fail);
    announce(witness, server, options);
    try {
      await watch(witness, options, stop.signal);
    } finally {
      server?.close();
      server?.closeAllConnections();
    }
  } finally {
    await opened.close();
  }
  const [failure] = failures;
  if (failure) throw diskFailure(failure);
}

async function watch(
  witness: Witness,
  { json, intervalMs, once: single }: WitnessRun,
  signal: AbortSignal,
): Promise<void> {
  const logs = [...witness.logs.values()];
  const said = new Map<string, string>();
  while (!signal.aborted) {
    const asked = single ? logs : logs.filter(({ url }) => url !== null);
    const found = await Promise.all(
      asked.map(async (log) => [log, await look(witness, log)] as const),
    );
    for (const [{ origin }, examined] of found) report(origin, examined, json, said);
    if (single) {
      process.exitCode = worst(found.map(([, examined]) => examined));
      return;
    }
    if (
      logs.length > 0 &&
      logs.every(({ origin }) => (witness.memory(origin)?.halted ?? null) !== null)
    ) {
      remark('Every log that is followed has signed two histories: the witness ends.');
      process.exitCode = exitCodes.refused;
      return;
    }
    await delay(intervalMs, undefined, { signal }).catch(() => undefined);
  }
}

const look = (witness: Witness, log: FollowedLog): Promise<Examined> =>
  examineLog(witness, log).catch((cause: unknown) => {
    throw diskFailure(cause as Error);
  });

/** What has not changed since the last look is not said again. */
function report(
  origin: string,
  examined: Examined,
  json: boolean,
  said: Map<string, string>,
): void {
  const words = examinedWords(examined);
  if (examined.outcome === 'unchanged' || said.get(origin) === words) return;
  said.set(origin, words);
  if (json) printJson({ log: origin, ...examined });
  else print(`${new Date().toISOString()} ${origin}: ${words}\n`);
}

function worst(examined: readonly Examined[]): number {
  if (examined.some(({ outcome }) => ['halted', 'refused', 'behind'].includes(outcome))) {
    return exitCodes.refused;
  }
  return examined.some(({ outcome }) => outcome === 'unreachable')
    ? exitCodes.operational
    : exitCodes.ok;
}

async function listen(
  witness: Witness,
  place: string,
  onFailure: (error: Error) => void,
): Promise<Server> {
  const found = /^(.+):([0-9]{1,5})$/.exec(place);
  if (!found || Number(found[2]) > 65_535) throw usageError('--listen takes host:port.');
  const host = (found[1] ?? '').replace(/^\[(.*)\]$/, '$1');
  const server = witnessServer(witness, onFailure);
  server.listen(Number(found[2]), host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    const { message } = cause as Error;
    throw new OperationalError(
      'WITNESS_ADDRESS',
      `Cannot listen on ${place} (${message}). Choose another with --listen.`,
      { cause },
    );
  }
  return server;
}

function announce(
  witness: Witness,
  server: Server | null,
  { json, once: single }: WitnessRun,
): void {
  if (single) return;
  const address = server ? (server.address() as AddressInfo) : null;
  const host = address?.address.includes(':') === true ? `[${address.address}]` : address?.address;
  const url = address ? `http://${host ?? ''}:${address.port}` : null;
  const key = formatVerifierKey(witness.key);
  const logs = [...witness.logs.keys()];
  if (json) printJson({ key, url, logs });
  else print(`Witness ${key} follows ${logs.length} logs${url === null ? '' : `, at ${url}`}\n`);
}

const diskFailure = (cause: Error): OperationalError =>
  new OperationalError(
    'WITNESS_STATE_UNWRITABLE',
    `The witness cannot keep what it would cosign (${cause.message}), so it cosigned nothing. Free ` +
      'the disk and start it again.',
    { cause },
  );
