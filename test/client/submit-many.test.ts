import { expect } from 'chai';
import { sha256Hex } from '../../src/base/hash.ts';
import { OperationalError } from '../../src/base/operational-error.ts';
import { readEnvelopeSequence } from '../../src/chain/tx/envelope-sequence.ts';
import { parseEnvelope, type Envelope } from '../../src/chain/tx/envelope.ts';
import { ExchangeClient } from '../../src/client/exchange-client.ts';
import { partyFromSeeds, randomSeed } from '../../src/client/party.ts';
import { ProblemError } from '../../src/client/problem-error.ts';
import type { SubmitOutcome } from '../../src/client/submitter.ts';
import { FakeExchange, json, problem, receiptOf, type Sent } from './fake-exchange.ts';

const party = partyFromSeeds('org-one', { signing: randomSeed(), sealing: randomSeed() });
const listOf = (organisationId: string, reason = 'a test') => [
  { name: 'identity.suspend', command: { organisationId, reason } },
];
const lists = (count: number) => Array.from({ length: count }, (_, at) => listOf(`org-${at}`));
const posting = 'POST /v1/transactions:batch';

const envelopesOf = ({ body }: Sent): Uint8Array[] => {
  const read = readEnvelopeSequence(new Uint8Array(body), 1_024);
  if (!read.ok) throw new Error(read.fault.message);
  return read.envelopes;
};

const envelopeIn = (bytes: Uint8Array): Envelope => {
  const parsed = parseEnvelope(bytes, { envelopeBytesMax: 65_536, operationsMax: 9 });
  if (!parsed.ok) throw new Error(parsed.detail);
  return parsed.value;
};
const sequenceOf = (bytes: Uint8Array): number => envelopeIn(bytes).sequence;

type Decide = (bytes: Uint8Array) => object;

const good: Decide = (bytes) => ({
  envelopeId: sha256Hex(bytes),
  status: 201,
  receipt: receiptOf(sha256Hex(bytes)),
  problem: null,
});

const bad =
  (status: number, name: string, receipt: object | null = null): Decide =>
  (bytes) => ({
    envelopeId: sha256Hex(bytes),
    status,
    receipt,
    problem: { status, name, code: 9999, title: `${name}.`, detail: '', remedy: 'Remedy.' },
  });

const nameOf = (outcome: SubmitOutcome): string => {
  if (outcome.ok) return 'OK';
  const { error } = outcome;
  if (error instanceof ProblemError) return error.resultName;
  return error instanceof OperationalError ? error.code : error.message;
};

describe('submitting many envelopes', () => {
  let fake: FakeExchange;
  let client: ExchangeClient;

  beforeEach(async () => {
    fake = new FakeExchange();
    const transport = { pauseMs: 1, attempts: 3, timeoutMs: 20_000 };
    const submit = { roomAttempts: 4, roomPauseMs: 1 };
    client = new ExchangeClient(await fake.start(), { transport, submit });
    answers(good);
  });
  afterEach(() => fake.stop());

  /** Every request by `decide`, of the envelope and the number of its request. */
  function answers(
    decide: Decide | ((bytes: Uint8Array, turn: number, at: number) => object),
  ): void {
    let turn = 0;
    fake.answers.set(posting, (sent, response) => {
      turn += 1;
      const outcomes = envelopesOf(sent).map((bytes, at) => decide(bytes, turn, at));
      json(response, 200, { outcomes });
    });
  }
  const sequences = (): number[][] =>
    fake.posted().map((sent) => envelopesOf(sent).map(sequenceOf));

  it('sends them in one request, in order, and gives the receipt of each', async () => {
    const outcomes = await client.submitMany(party, lists(3));
    expect(outcomes.map(nameOf)).to.deep.equal(['OK', 'OK', 'OK']);
    expect(sequences()).to.deep.equal([[1, 2, 3]]);
    expect(fake.posted()[0]?.headers['content-type']).to.equal('application/cbor-seq');
    expect(outcomes.map((one) => one.ok && one.receipt.envelopeId)).to.deep.equal(
      envelopesOf(fake.posted()[0]!).map(sha256Hex),
    );
  });

  it('asks for no more blocks of expiry than the chain allows', async () => {
    fake.expirySpanMax = 100;
    await client.submitMany(party, lists(3));
    const envelopes = fake.posted().flatMap((sent) => envelopesOf(sent).map(envelopeIn));
    expect(envelopes.map(({ expiryHeight }) => expiryHeight - fake.height)).to.deep.equal([
      90, 90, 90,
    ]);
  });

  it('has no more of a key on the way than its window takes, however many there are', async () => {
    const outcomes = await client.submitMany(party, lists(150));
    expect(outcomes.every(({ ok }) => ok)).to.equal(true);
    expect(sequences().map(({ length }) => length)).to.deep.equal([64, 64, 22]);
    expect(sequences().flat()).to.deep.equal(Array.from({ length: 150 }, (_, at) => at + 1));
  });

  it('shares the window among calls at once, and neither waits for the other for ever', async () => {
    const both = await Promise.all([
      client.submitMany(party, lists(100)),
      client.submitMany(party, lists(100)),
    ]);
    expect(both.flat().every(({ ok }) => ok)).to.equal(true);
    expect(new Set(sequences().flat()).size).to.equal(200);
  });

  it('splits what is large into requests that the exchange takes', async () => {
    const words = 'x'.repeat(400);
    const large = Array.from({ length: 64 }, (_, at) =>
      Array.from({ length: 100 }, () => listOf(`org-${at}`, words)[0]!),
    );
    const outcomes = await client.submitMany(party, large);
    expect(outcomes.every(({ ok }) => ok)).to.equal(true);
    expect(fake.posted().length).to.be.greaterThan(1);
    for (const { body } of fake.posted()) expect(body.length).to.be.lessThan(2.2 * 2 ** 20);
  });

  const hasNoRoom: Decide = (bytes) =>
    bad(429, 'BLOCK_OUTPUT_LIMIT', receiptOf(sha256Hex(bytes)))(bytes);

  it('signs anew what a block had no room for, no more at once than it took', async () => {
    answers((bytes, _turn, at) => (at < 3 ? good(bytes) : hasNoRoom(bytes)));
    const outcomes = await client.submitMany(party, lists(8));
    expect(outcomes.map(nameOf)).to.deep.equal(Array(8).fill('OK'));
    expect(sequences()).to.deep.equal([
      [1, 2, 3, 4, 5, 6, 7, 8],
      [9, 10, 11],
      [12, 13],
    ]);
    const ids = outcomes.map((one) => one.ok && one.receipt.envelopeId);
    const all = fake.posted().map((sent) => envelopesOf(sent).map(sha256Hex));
    expect(ids).to.deep.equal([...all[0]!.slice(0, 3), ...all[1]!, ...all[2]!]);
  });

  it('gives up one by one where no block has room', async () => {
    answers(hasNoRoom);
    const outcomes = await client.submitMany(party, lists(2));
    expect(outcomes.map(nameOf)).to.deep.equal(Array(2).fill('BLOCK_OUTPUT_LIMIT'));
    expect(sequences().flat()).to.have.length(8);
    expect(outcomes.map((one) => !one.ok && one.error.message).join()).to.match(/signed 4 times/);
  });

  it('tells each refusal, and uses its number again where it stands in no block', async () => {
    answers((bytes, turn, at) => {
      if (turn > 1) return good(bytes);
      if (at === 1) return bad(403, 'ROLE_MISSING')(bytes);
      return at === 2 ? bad(409, 'X', receiptOf(sha256Hex(bytes)))(bytes) : good(bytes);
    });
    const outcomes = await client.submitMany(party, lists(4));
    expect(outcomes.map(nameOf)).to.deep.equal(['OK', 'ROLE_MISSING', 'X', 'OK']);
    await client.submitMany(party, lists(2));
    expect(sequences()).to.deep.equal([
      [1, 2, 3, 4],
      [2, 5],
    ]);
  });

  it('sends those again, the same bytes, for which there was no room', async () => {
    answers((bytes, turn, at) =>
      turn === 1 && at > 0 ? bad(503, 'ENGINE_BUSY')(bytes) : good(bytes),
    );
    const outcomes = await client.submitMany(party, lists(3));
    expect(outcomes.map(nameOf)).to.deep.equal(['OK', 'OK', 'OK']);
    const [first, second] = fake.posted().map(envelopesOf);
    expect(second).to.deep.equal(first!.slice(1));
  });

  it('signs anew what can never be executed', async () => {
    answers((bytes, turn, at) =>
      turn === 1 && at === 0 ? bad(409, 'SEQUENCE_USED')(bytes) : good(bytes),
    );
    const submitted = client.submitMany(party, lists(2));
    fake.nextSequence = 7;
    expect((await submitted).map(nameOf)).to.deep.equal(['OK', 'OK']);
    expect(sequences().length).to.equal(2);
    expect(sequences()[1]).to.have.length(1);
  });

  it('looks for the receipt where the block takes long', async () => {
    answers((bytes, _turn, at) => (at === 0 ? bad(504, 'RECEIPT_NOT_READY')(bytes) : good(bytes)));
    fake.answers.set('GET /v1/transactions', (_sent, response) =>
      json(response, 200, { receipt: receiptOf('22'.repeat(32), 12) }),
    );
    const outcomes = await client.submitMany(party, lists(2));
    expect(outcomes[0]).to.deep.include({ ok: true });
    expect(outcomes[0]?.ok && outcomes[0].receipt.height).to.equal(12);
  });

  it('says of each that its outcome is unknown where nothing comes back', async () => {
    fake.answers.set(posting, (_sent, response) => response.destroy());
    const outcomes = await client.submitMany(party, lists(2));
    expect(outcomes.map(nameOf)).to.deep.equal(['SUBMISSION_UNKNOWN', 'SUBMISSION_UNKNOWN']);
    answers(good);
    await client.submitMany(party, lists(1));
    expect(sequences().at(-1)).to.deep.equal([3]);
  });

  it('sends a whole request again after a broken connection or a busy node', async () => {
    let turn = 0;
    fake.answers.set(posting, (sent, response) => {
      turn += 1;
      if (turn === 1) response.destroy();
      else if (turn === 2) problem(response, 503, 'ENGINE_BUSY');
      else json(response, 200, { outcomes: envelopesOf(sent).map(good) });
    });
    const outcomes = await client.submitMany(party, lists(2));
    expect(outcomes.map(nameOf)).to.deep.equal(['OK', 'OK']);
    expect(new Set(fake.posted().map(({ body }) => body.toString('hex'))).size).to.equal(1);
  });

  it('signs nothing where an operation is malformed', async () => {
    const malformed = [listOf('org-1'), [{ name: 'identity.suspend', command: { reason: 1 } }]];
    const error = await client.submitMany(party, malformed).catch((thrown: unknown) => thrown);
    expect(error).to.include({ code: 'OPERATION_MALFORMED' });
    expect(fake.posted()).to.have.length(0);
    expect(await client.submitMany(party, [])).to.deep.equal([]);
  });
});
