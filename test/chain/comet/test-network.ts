import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { toHex } from '../../../src/base/bytes.ts';
import { keyIdOf } from '../../../src/base/key-id.ts';
import type { Role } from '../../../src/base/roles.ts';
import { noSigner } from '../../../src/chain/machine/header.ts';
import type { Receipt } from '../../../src/chain/engine/engine.ts';
import type { Genesis } from '../../../src/chain/machine/genesis.ts';
import { signEnvelope, type EnvelopeOperation } from '../../../src/chain/tx/envelope.ts';
import { findCometbft } from '../../../src/net/find-cometbft.ts';
import { netInit, type NetRequest } from '../../../src/net/init.ts';
import {
  fetchStatus,
  netDown,
  netUp,
  type NetOptions,
  type Network,
} from '../../../src/net/network.ts';
import { readPlan } from '../../../src/net/plan.ts';
import { findProcess } from '../../../src/net/processes.ts';
import { makeGenesis } from '../../../src/node/make-genesis.ts';
import { admit } from '../../../src/identity/admit.ts';
import { possessionClaim } from '../../../src/identity/possession.ts';
import { freshDatabase } from '../../support/database.ts';
import { keyOf, operationOf, operator } from '../test-chain.ts';
import { creditCodeOf } from '../../support/credit-code.ts';

/** Why tests of real validators are left out; null where CometBFT is there. */
export async function whyNoComet(): Promise<string | null> {
  try {
    await findCometbft();
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Skips the suite where CometBFT is missing, and prints why. */
export async function needsComet(this: Mocha.Context): Promise<void> {
  const why = await whyNoComet();
  if (why === null) return;
  process.stdout.write(`    left out: ${why}\n`);
  this.skip();
}

export const networkGenesis = async (changed: Partial<Genesis> = {}): Promise<Genesis> => ({
  ...(await makeGenesis({
    chainId: 'dxl-net-test',
    mode: 'development',
    timeMs: Date.now() - 60_000,
    rules: 'demo',
    blockSigner: noSigner,
    operator: {
      organisationId: 'operator',
      name: 'Operator',
      creditCode: creditCodeOf('operator'),
      jurisdiction: 'CN',
      publicKey: operator.publicKey,
      encryptionKey: '11'.repeat(32),
    },
  })),
  ...changed,
});

export interface TestNetwork extends Network {
  readonly genesis: Genesis;
  readonly databaseUrls: readonly string[];
  readonly remove: () => Promise<void>;
}

/** A running network in a folder of its own; the caller calls `remove`. */
export async function startNetwork(
  request: Partial<NetRequest> & Pick<NetOptions, 'shape'> & { validators: number },
): Promise<TestNetwork> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'dxl-net-'));
  const genesis = request.genesis ?? (await networkGenesis());
  await netInit({ dir, ...request, genesis });
  const server = await freshDatabase();
  const { shape } = request;
  const options = { dir, databaseUrl: server.url, ...(shape ? { shape } : {}) };
  const remove = async () => {
    const { validators } = await readPlan(dir);
    await netDown(options);
    await dropDatabases(
      server.url,
      validators.map(({ database }) => database),
    );
    await server.drop();
    await rm(dir, { recursive: true, force: true });
  };
  try {
    const databaseUrls = (await readPlan(dir)).validators.map(
      ({ database }) => Object.assign(new URL(server.url), { pathname: `/${database}` }).href,
    );
    return Object.assign(await netUp(options), { genesis, databaseUrls, remove });
  } catch (error) {
    await remove();
    throw error;
  }
}

async function dropDatabases(url: string, names: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (const name of names) await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  await client.end();
}

/** Rows of one validator's database. */
export async function rowsOf<Row extends pg.QueryResultRow>(
  network: Pick<TestNetwork, 'databaseUrls'>,
  at: number,
  sql: string,
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: network.databaseUrls[at] });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

export const operatorKeyId = keyIdOf(operator.publicKey);

/** What the operator signs next, by the state of one validator. */
export async function nextSequenceOf(network: Network, at: number): Promise<number> {
  const { httpPort } = network.validator(at);
  const answer = await fetch(`http://127.0.0.1:${httpPort}/keys/${operatorKeyId}`);
  return ((await answer.json()) as { nextSequence: number }).nextSequence;
}

/** An envelope of the operator, or another of its keys, that admits an organisation `id`. */
export function admissionEnvelope(
  chainId: string,
  id: string,
  sequence: number,
  expiry = 50_000,
  signer = operator,
): Uint8Array {
  const operations = [admissionOf(chainId, id)];
  return signEnvelope(chainId, signer, { sequence, expiryHeight: expiry, operations });
}

export function admissionOf(chainId: string, id: string, name = id): EnvelopeOperation {
  const roles: Role[] = ['SELLER'];
  const key = keyOf(id);
  return operationOf(admit, {
    organisationId: id,
    name,
    creditCode: creditCodeOf(id),
    jurisdiction: 'CN',
    beneficialOwner: null,
    encryptionKey: '22'.repeat(32),
    roles,
    publicKey: key.publicKey,
    possession: toHex(key.sign(possessionClaim(chainId, id, key.publicKey))),
  });
}

export type SubmitAnswer =
  | { readonly ok: true; readonly receipt: Receipt }
  | { readonly ok: false; readonly code: string; readonly detail: string };

/** What a validator says of itself, to whoever asks whether it can serve. */
export async function readinessOf(
  network: Network,
  at: number,
): Promise<{ readonly status: number; readonly checks: Readonly<Record<string, string>> }> {
  const { httpPort } = network.validator(at);
  const answer = await fetch(`http://127.0.0.1:${httpPort}/readyz`, {
    signal: AbortSignal.timeout(5_000),
  });
  const { checks = [] } = (await answer.json()) as { checks?: { name: string; detail: string }[] };
  const rows = checks.map(({ name, detail }) => [name, detail] as const);
  return { status: answer.status, checks: Object.fromEntries(rows) };
}

/** Asks until the validator answers so; gives that answer. A test's own time is the bound. */
export async function untilReadiness(network: Network, at: number, status: 200 | 503) {
  for (;;) {
    const found = await readinessOf(network, at).catch(() => null);
    if (found?.status === status) return found;
    await delay(100);
  }
}

/** After it, something hangs; a busy machine takes less. */
export const hangMs = 240_000;

/** Sends an envelope to one validator's application; null where it does not answer. */
export async function submit(
  network: Network,
  at: number,
  envelope: Uint8Array,
  timeoutMs = hangMs,
): Promise<SubmitAnswer | null> {
  try {
    const answer = await fetch(`http://127.0.0.1:${network.validator(at).httpPort}/envelopes`, {
      method: 'POST',
      body: Buffer.from(envelope),
      signal: AbortSignal.timeout(timeoutMs),
    });
    return (await answer.json()) as SubmitAnswer;
  } catch {
    return null;
  }
}

export const heightOf = async (network: Network, at: number): Promise<number> =>
  (await fetchStatus(network.validator(at)))?.height ?? -1;

/** Waits until the validator is at `height`; gives the milliseconds that it took. */
export async function waitForHeight(
  network: Network,
  at: number,
  height: number,
  timeoutMs = hangMs,
): Promise<number> {
  const begun = Date.now();
  while (Date.now() - begun < timeoutMs) {
    if ((await heightOf(network, at)) >= height) return Date.now() - begun;
    await delay(50);
  }
  const last = await lastWords(network, at);
  throw new Error(`validator ${at} is not at height ${height} after ${timeoutMs} ms\n${last}`);
}

/** Whether a validator's processes live, and the end of what they logged: for the message of a failure. */
async function lastWords(network: Network, at: number): Promise<string> {
  const { dir } = network.validator(at);
  const parts = ['comet', 'app'].map(async (part) => {
    const lives = (await findProcess(path.join(dir, `${part}.pid`))) !== null;
    const log = await readFile(path.join(dir, `${part}.log`), 'utf8').catch(() => 'no log\n');
    return `${part} ${lives ? 'lives' : 'has ended'}:\n${log.trimEnd().split('\n').slice(-12).join('\n')}`;
  });
  return (await Promise.all(parts)).join('\n');
}
