import { expect } from 'chai';
import { sha256Hex } from '../../src/base/hash.ts';
import { OperationalError } from '../../src/base/operational-error.ts';
import { ExchangeClient } from '../../src/client/exchange-client.ts';
import { partyFromSeeds, randomSeed } from '../../src/client/party.ts';
import { ProblemError } from '../../src/client/problem-error.ts';
import {
  envelopeOf,
  FakeExchange,
  json,
  problem,
  receiptOf,
  type Answer,
  type Sent,
} from './fake-exchange.ts';

const party = partyFromSeeds('org-one', { signing: randomSeed(), sealing: randomSeed() });
const suspend = {
  name: 'identity.suspend',
  command: { organisationId: 'org-two', reason: 'a test' },
};
const operations = [suspend];
const posting = 'POST /v1/transactions';

async function failure(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'no error';
  } catch (error) {
    if (error instanceof ProblemError) return error.resultName;
    if (error instanceof OperationalError) return error.code;
    throw error;
  }
}

describe('exchange client', () => {
  let fake: FakeExchange;
  let client: ExchangeClient;

  beforeEach(async () => {
    fake = new FakeExchange();
    const transport = { pauseMs: 1, attempts: 4, timeoutMs: 20_000 };
    const submit = { roomAttempts: 3, roomPauseMs: 1 };
    client = new ExchangeClient(await fake.start(), { transport, submit });
  });
  afterEach(() => fake.stop());

  const refuses =
    (status: number, name: string, more = {}): Answer =>
    (_sent, response) =>
      problem(response, status, name, more);
  const accepts: Answer = (sent, response) => json(response, 201, receiptOf(sha256Hex(sent.body)));
  const breaksOff: Answer = (_sent, response) => response.destroy();
  const sequences = (): number[] => fake.posted().map((sent) => envelopeOf(sent).sequence);

  it('signs for the chain and shows the receipt', async () => {
    const receipt = await client.submit(party, operations);
    const [sent] = fake.posted();
    expect(receipt.envelopeId).to.equal(sha256Hex(sent!.body));
    expect(sent!.headers).to.include({
      'content-type': 'application/cose',
      'idempotency-key': receipt.envelopeId,
    });
    const envelope = envelopeOf(sent!);
    expect(envelope.keyId).to.equal(party.signingKey.keyId);
    expect(envelope.expiryHeight).to.be.above(fake.height);
  });

  const spans = [
    { expirySpanMax: 100_000, blocks: 2_000 },
    { expirySpanMax: 2_000, blocks: 1_800 },
    { expirySpanMax: 100, blocks: 90 },
    { expirySpanMax: 5, blocks: 5 },
    { expirySpanMax: 1, blocks: 1 },
  ];
  for (const { expirySpanMax, blocks } of spans) {
    it(`asks for ${blocks} blocks where the chain allows ${expirySpanMax}`, async () => {
      fake.expirySpanMax = expirySpanMax;
      await client.submit(party, operations);
      const [sent] = fake.posted();
      expect(envelopeOf(sent!).expiryHeight).to.equal(fake.height + blocks);
    });
  }

  it('asks for no more than it was told to, whatever the chain allows', async () => {
    const own = new ExchangeClient(client.url, { submit: { expiryBlocks: 7 } });
    await own.submit(party, operations);
    expect(envelopeOf(fake.posted()[0]!).expiryHeight).to.equal(fake.height + 7);
  });

  it('signs nothing where the exchange does not tell what the chain allows', async () => {
    for (const told of [undefined, null, 0, -5, 1.5, '100', []]) {
      fake.expirySpanMax = told;
      expect(await failure(client.submit(party, operations))).to.equal('EXCHANGE_ANSWER');
    }
    expect(fake.posted()).to.deep.equal([]);
  });

  it('reads the sequence number once and counts, also when many submit at once', async () => {
    fake.nextSequence = 7;
    await Promise.all(Array.from({ length: 100 }, () => client.submit(party, operations)));
    expect(sequences().sort((a, b) => a - b)).to.deep.equal(
      Array.from({ length: 100 }, (_, index) => index + 7),
    );
    expect(fake.sent.filter(({ path }) => path.endsWith('/sequence'))).to.have.length(1);
    expect(fake.sent.filter(({ path }) => path === '/v1/genesis')).to.have.length(1);
  });

  it('sends the same bytes under the same key after a broken connection or a busy node', async () => {
    fake.inTurn(posting, breaksOff, refuses(503, 'ENGINE_BUSY'), accepts);
    await client.submit(party, operations);
    const [first, ...others] = fake.posted();
    expect(others).to.have.length(2);
    for (const other of others) {
      expect(other.body.equals(first!.body)).to.equal(true);
      expect(other.headers['idempotency-key']).to.equal(first!.headers['idempotency-key']);
    }
  });

  it('waits for the first request with its key to end', async () => {
    fake.inTurn(posting, refuses(409, 'IDEMPOTENCY_IN_PROGRESS'), accepts);
    await client.submit(party, operations);
    expect(fake.posted()).to.have.length(2);
  });

  it('does not repeat what was refused, and uses its number again', async () => {
    fake.inTurn(posting, refuses(403, 'ROLE_MISSING'), accepts);
    expect(await failure(client.submit(party, operations))).to.equal('ROLE_MISSING');
    await client.submit(party, operations);
    expect(sequences()).to.deep.equal([1, 1]);
  });

  it('does not use a number again that stands in a block', async () => {
    const receipt = { ...receiptOf('11'.repeat(32)), resultCode: 1002, resultName: 'X' };
    fake.inTurn(posting, refuses(409, 'X', { receipt }), accepts);
    expect(await failure(client.submit(party, operations))).to.equal('X');
    await client.submit(party, operations);
    expect(sequences()).to.deep.equal([1, 2]);
  });

  it('signs anew where another process has used the number', async () => {
    fake.inTurn(posting, refuses(409, 'SEQUENCE_USED'), accepts);
    const submitted = client.submit(party, operations);
    fake.nextSequence = 1;
    await submitted;
    expect(fake.posted()).to.have.length(2);
    expect(fake.sent.filter(({ path }) => path.endsWith('/sequence'))).to.have.length(2);
  });

  it('signs anew where the expiry height has passed, not where the number is too far', async () => {
    fake.inTurn(posting, refuses(409, 'ENVELOPE_EXPIRED'), accepts);
    await client.submit(party, operations);
    expect(fake.posted()).to.have.length(2);
    fake.inTurn(posting, refuses(409, 'SEQUENCE_TOO_FAR'), accepts);
    expect(await failure(client.submit(party, operations))).to.equal('SEQUENCE_TOO_FAR');
  });

  const receiptOfRefusal = (sent: Sent, height: number) => ({
    ...receiptOf(sha256Hex(sent.body), height),
    resultCode: 120,
    resultName: 'BLOCK_OUTPUT_LIMIT',
    detail: 'Too much.',
  });
  const hasNoRoom =
    (height: number): Answer =>
    (sent, response) =>
      problem(response, 429, 'BLOCK_OUTPUT_LIMIT', { receipt: receiptOfRefusal(sent, height) });

  it('signs anew what a block had no room for, and sends nothing twice', async () => {
    fake.inTurn(posting, hasNoRoom(5), hasNoRoom(6), accepts);
    const receipt = await client.submit(party, operations);
    expect(sequences()).to.deep.equal([1, 2, 3]);
    expect(receipt.envelopeId).to.equal(sha256Hex(fake.posted()[2]!.body));
  });

  it('does so also where the answer was lost and the repeat says it', async () => {
    const keptReceipt: Answer = (sent, response) => json(response, 200, receiptOfRefusal(sent, 5));
    fake.inTurn(posting, breaksOff, keptReceipt, accepts);
    await client.submit(party, operations);
    expect(sequences()).to.deep.equal([1, 1, 2]);
  });

  it('gives up after some blocks without room, and says which', async () => {
    let height = 4;
    fake.answers.set(posting, (sent, response) => hasNoRoom((height += 1))(sent, response));
    const error = await client.submit(party, operations).catch((it: unknown) => it);
    expect(error).to.be.instanceOf(ProblemError);
    const { problem: found } = error as ProblemError;
    expect(found).to.include({ name: 'BLOCK_OUTPUT_LIMIT' });
    expect(found.detail).to.match(/signed 3 times, into blocks 5 to 7; nothing of it was applied/);
    expect(found.remedy).to.match(/^Send fewer large changes at once/);
    expect(sequences()).to.deep.equal([1, 2, 3]);
    await failure(client.submit(party, operations));
    expect(sequences()).to.deep.equal([1, 2, 3, 4, 5, 6]);
  });

  it('does not sign anew what nobody says stands in a block: the same bytes are sent again', async () => {
    fake.inTurn(posting, refuses(429, 'BLOCK_OUTPUT_LIMIT'), accepts);
    await client.submit(party, operations);
    expect(sequences()).to.deep.equal([1, 1]);
    expect(new Set(fake.posted().map(({ body }) => sha256Hex(body))).size).to.equal(1);
  });

  it('takes the receipt of a repeat for its answer', async () => {
    fake.inTurn(posting, breaksOff, (sent, response) =>
      problem(response, 409, 'SEQUENCE_USED', { receipt: receiptOf(sha256Hex(sent.body), 77) }),
    );
    expect((await client.submit(party, operations)).height).to.equal(77);
  });

  it('refuses a kept receipt that says refused', async () => {
    const refused = { resultCode: 100, resultName: 'ENVELOPE_TOO_LARGE', detail: 'Why.' };
    fake.answers.set(posting, (sent, response) =>
      json(response, 201, { ...receiptOf(sha256Hex(sent.body)), ...refused }),
    );
    expect(await failure(client.submit(party, operations))).to.equal('ENVELOPE_TOO_LARGE');
  });

  it('looks for the receipt where the block takes long', async () => {
    fake.answers.set(posting, refuses(504, 'RECEIPT_NOT_READY'));
    fake.inTurn('GET /v1/transactions', refuses(404, 'NOT_FOUND'), (_sent, response) =>
      json(response, 200, { receipt: receiptOf('22'.repeat(32), 12) }),
    );
    expect((await client.submit(party, operations)).height).to.equal(12);
    expect(fake.posted()).to.have.length(1);
  });

  it('asks again for a height that a busy exchange does not show yet, while its patience lasts', async () => {
    const reading = 'GET /v1/listings';
    const record = { kind: 'listing', id: 'a', height: 7 };
    const early = refuses(504, 'HEIGHT_NOT_REACHED');
    fake.inTurn(reading, early, early, (_sent, response) => json(response, 200, record));
    expect(await client.get('listings', 'a', { minHeight: 7 })).to.deep.equal(record);
    fake.answers.set(reading, early);
    expect(await failure(client.get('listings', 'a', { minHeight: 8 }))).to.equal(
      'HEIGHT_NOT_REACHED',
    );
    const asked = fake.sent.filter(({ path }) => path.startsWith('/v1/listings/a'));
    expect(asked).to.have.length(3 + 4);
  });

  it('says that the outcome is unknown, and does not use the number again', async () => {
    fake.inTurn(posting, breaksOff, breaksOff, breaksOff, breaksOff, accepts);
    expect(await failure(client.submit(party, operations))).to.equal('SUBMISSION_UNKNOWN');
    await client.submit(party, operations);
    expect(new Set(sequences())).to.deep.equal(new Set([1, 2]));
  });

  it('signs nothing for another chain', async () => {
    const url = client.url;
    const strict = new ExchangeClient(url, { chainId: 'dxl-mine', transport: { attempts: 1 } });
    expect(await failure(strict.submit(party, operations))).to.equal('OTHER_CHAIN');
    await client.submit(party, operations);
    fake.chainId = 'dxl-changed';
    expect(await failure(client.status())).to.equal('OTHER_CHAIN');
    expect(fake.posted()).to.have.length(1);
  });

  it('refuses what does not fit the schema before anything is sent', async () => {
    const wrong = { name: 'identity.suspend', command: { organisationId: 'org-two' } };
    expect(await failure(client.submit(party, [wrong]))).to.equal('OPERATION_MALFORMED');
    const unknown = { name: 'identity.vanish', command: {} };
    expect(await failure(client.submit(party, [unknown]))).to.equal('OPERATION_UNKNOWN');
    expect(fake.sent).to.deep.equal([]);
  });

  it('tells a foreign server from an exchange, and no server from both', async () => {
    fake.answers.set('GET /v1/status', (_sent, response) => response.end('<html>'));
    expect(await failure(client.status())).to.equal('EXCHANGE_ANSWER');
    await fake.stop();
    expect(await failure(client.status())).to.equal('EXCHANGE_UNREACHABLE');
    fake = new FakeExchange();
    await fake.start();
  });

  describe('watching', () => {
    const event = (logIndex: number): string =>
      `id: ${logIndex}\nevent: x\ndata: ${JSON.stringify({ logIndex, name: 'x' })}\n\n`;
    const streaming =
      (...pieces: string[]): Answer =>
      (_sent, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        for (const piece of pieces) response.write(piece);
        setTimeout(() => response.destroy(), 20);
      };

    async function collect(count: number, after?: number): Promise<number[]> {
      const seen: number[] = [];
      const place = after === undefined ? {} : { after };
      for await (const { logIndex } of client.watch({ ...place, pauseMs: 1 })) {
        seen.push(logIndex);
        if (seen.length === count) break;
      }
      return seen;
    }

    it('goes on after a broken connection with what it saw last, showing nothing twice', async () => {
      fake.inTurn(
        'GET /v1/events/stream',
        streaming(event(8), event(9), event(10).slice(0, -3)),
        refuses(503, 'STREAMS_EXHAUSTED'),
        streaming(': alive\n\n', event(9), event(10), event(11)),
      );
      expect(await collect(4)).to.deep.equal([8, 9, 10, 11]);
      const asked = fake.sent.filter(({ path }) => path === '/v1/events/stream');
      expect(asked.map(({ headers }) => headers['last-event-id'])).to.deep.equal(['7', '9', '9']);
    });

    it('begins after the event that it is told', async () => {
      fake.answers.set('GET /v1/events/stream', streaming(event(3)));
      expect(await collect(1, 2)).to.deep.equal([3]);
      expect(fake.sent.at(-1)!.headers['last-event-id']).to.equal('2');
    });

    it('ends quietly when told to, and with an error where it is refused', async () => {
      const stop = new AbortController();
      fake.answers.set('GET /v1/events/stream', (_sent, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': alive\n\n');
        setTimeout(() => stop.abort(), 10);
      });
      for await (const _ of client.watch({ signal: stop.signal })) expect.fail('no event is sent');
      fake.answers.set('GET /v1/events/stream', refuses(400, 'INVALID_QUERY'));
      expect(await failure(client.watch().next())).to.equal('INVALID_QUERY');
    });

    it('takes a silent connection for dead', async () => {
      fake.inTurn(
        'GET /v1/events/stream',
        (_sent, response) => {
          response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': alive\n\n');
        },
        streaming(event(8)),
      );
      const seen = await client.watch({ silenceMs: 50, pauseMs: 1 }).next();
      expect(seen.value).to.include({ logIndex: 8 });
    });
  });
});
