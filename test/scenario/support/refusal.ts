/** Hands envelopes in over HTTP, and holds the exchange to it that a refusal changes nothing. */
import { expect } from 'chai';
import { createHash } from 'node:crypto';
import pg from 'pg';
import { registry } from '../../../src/chain/rooms.ts';
import { signEnvelope, type EnvelopeContent } from '../../../src/chain/tx/envelope.ts';
import {
  encodeEnvelopeSequence,
  envelopeSequenceType,
} from '../../../src/chain/tx/envelope-sequence.ts';
import { envelopeOperation, type NamedOperation } from '../../../src/client/commands.ts';
import type { Party } from '../../../src/client/party.ts';
import type { ProblemDocument } from '../../../src/client/problem-error.ts';
import type { Nodes } from './driver.ts';
import type { MidTrade } from './mid-trade.ts';
import { brokenMoneyIn, everyRecord, type EveryRecord } from './records.ts';

export const post = (url: string, envelope: Uint8Array, headers: Record<string, string> = {}) =>
  fetch(new URL('/v1/transactions', url), {
    method: 'POST',
    headers: { 'content-type': 'application/cose', ...headers },
    body: envelope,
  });

/** What a node answers for one envelope of a batch. */
export interface BatchOutcome {
  readonly replayed: boolean;
  readonly receipt: unknown;
  readonly problem: ProblemDocument | null;
}

export async function postBatch(
  url: string,
  envelopes: readonly Uint8Array[],
): Promise<readonly BatchOutcome[]> {
  const response = await fetch(new URL('/v1/transactions:batch', url), {
    method: 'POST',
    headers: { 'content-type': envelopeSequenceType },
    body: encodeEnvelopeSequence(envelopes),
  });
  return ((await response.json()) as { outcomes: readonly BatchOutcome[] }).outcomes;
}

/** An envelope of the party's next sequence number, unless told otherwise. */
export async function sign(
  { client, exchange, settle }: MidTrade,
  party: Party,
  operations: readonly NamedOperation[],
  changes: Partial<EnvelopeContent> & { readonly chainId?: string } = {},
): Promise<Uint8Array> {
  const { chainId = exchange.genesis.chainId, ...content } = changes;
  await settle();
  return signEnvelope(chainId, party.signingKey, {
    sequence: await client.nextSequence(party.signingKey.keyId),
    expiryHeight: (await client.status()).height + 100,
    operations: operations.map(envelopeOperation),
    ...content,
  });
}

/** All that a party could see or own on one node: records with balances, and its state rows. */
interface Everything {
  readonly records: EveryRecord;
  readonly stateRows: number;
  readonly state: string;
}

type StateRows = Omit<Everything, 'records'>;

async function stateRowsOf({ nodes }: MidTrade): Promise<StateRows> {
  const connection = new pg.Client({ connectionString: nodes.ledger.url });
  await connection.connect();
  try {
    // A refusal that stands in a block has used up its sequence number, and that is all.
    const { rows } = await connection.query<{ key: string; value: Buffer }>(
      `SELECT key, value FROM state WHERE key NOT LIKE '~sequence/%' ORDER BY key`,
    );
    const hash = createHash('sha256');
    for (const { key, value } of rows) hash.update(`${key}\n`).update(value);
    return { stateRows: rows.length, state: hash.digest('hex') };
  } finally {
    await connection.end();
  }
}

async function everything(world: MidTrade): Promise<Everything> {
  await world.settle();
  const records = await everyRecord(world.client);
  return { records, ...(await stateRowsOf(world)) };
}

/** What stood there after the last that left no trace, by the exchange on which it was tried. */
const lastFound = new WeakMap<Nodes, Everything>();

/**
 * What must be there afterwards as well. Where the state's rows are those of the last refusal's end, so are
 * the records that it read: as a measure they are the stricter one, and most requests are spared.
 */
async function everythingBefore(world: MidTrade): Promise<Everything> {
  await world.settle();
  const { state, stateRows } = await stateRowsOf(world);
  const last = lastFound.get(world.nodes);
  return last?.state === state && last.stateRows === stateRows ? last : everything(world);
}

const members = [
  'type',
  'title',
  'status',
  'detail',
  'instance',
  'code',
  'name',
  'remedy',
] as const;

/**
 * Runs what must leave no trace, then compares everything with before.
 * @returns what it returned.
 */
export async function changesNothing<Result>(
  world: MidTrade,
  run: () => Promise<Result>,
): Promise<Result> {
  const before = await everythingBefore(world);
  const result = await run();
  const after = await everything(world);
  expect(after).to.deep.equal(before);
  const { timeMs } = await world.client.status();
  expect(brokenMoneyIn(after.records, timeMs)).to.deep.equal([]);
  lastFound.set(world.nodes, after);
  return result;
}

/** Hands in bytes that must be refused by this name, with nothing changed. */
export function refusesBytes(
  world: MidTrade,
  envelope: Uint8Array,
  name: string,
): Promise<ProblemDocument> {
  return changesNothing(world, async () => {
    const response = await post(world.nextUrl(), envelope);
    const problem = (await response.json()) as ProblemDocument & Record<string, unknown>;
    expect(problem.name, JSON.stringify(problem)).to.equal(name);
    expect(response.headers.get('content-type')).to.match(/^application\/problem\+json/);
    expect(problem.status).to.equal(response.status);
    expect(problem.status).to.be.within(400, 499);
    for (const member of members) expect(problem, member).to.have.property(member);
    expect(problem['instance']).to.equal('/v1/transactions');
    expect(problem.requestId).to.equal(response.headers.get('x-request-id'));
    const known = registry.results.get(problem.code);
    if (known) expect(problem).to.include({ title: known.title, remedy: known.remedy });
    return problem;
  });
}

/** As refusesBytes, of an envelope that this player signs as everybody does. */
export async function refuses(
  world: MidTrade,
  playerId: string,
  operation: NamedOperation | readonly NamedOperation[],
  name: string,
): Promise<ProblemDocument> {
  const operations = Array.isArray(operation) ? operation : [operation as NamedOperation];
  const envelope = await sign(world, world.player(playerId).party, operations);
  return refusesBytes(world, envelope, name);
}
