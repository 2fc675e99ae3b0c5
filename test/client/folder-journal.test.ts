import { expect } from 'chai';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sha256Hex } from '../../src/base/hash.ts';
import { OperationalError } from '../../src/base/operational-error.ts';
import { signEnvelope } from '../../src/chain/tx/envelope.ts';
import { ExchangeClient } from '../../src/client/exchange-client.ts';
import type { EnvelopeJournal } from '../../src/client/journal/envelope-journal.ts';
import { FolderJournal } from '../../src/client/journal/folder-journal.ts';
import { partyFromSeeds, randomSeed } from '../../src/client/party.ts';
import { ProblemError } from '../../src/client/problem-error.ts';
import { SentEnvelope } from '../../src/client/see-to-end.ts';
import { FakeExchange, json, problem, receiptOf } from './fake-exchange.ts';

const makeParty = () => partyFromSeeds('org-one', { signing: randomSeed(), sealing: randomSeed() });
const [party, stranger] = [makeParty(), makeParty()];
const { keyId, publicKey } = party.signingKey;
const chainId = 'a-chain';
const signer = { chainId, keyId, publicKey };
const content = (sequence: number) => ({
  ...{ sequence, expiryHeight: 90 },
  operations: [{ number: 104, command: ['org-two', 'a test'] }],
});
const signed = (sequence: number, chain = chainId, by = party): Uint8Array =>
  signEnvelope(chain, by.signingKey, content(sequence));

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'no error',
    (error: unknown) => {
      if (error instanceof ProblemError) return error.resultName;
      return error instanceof OperationalError ? error.code : String(error);
    },
  );

describe('the journal of envelopes that are on their way', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(path.join(tmpdir(), 'dxl-sent-'))));
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('gives back what it keeps, in the order of numbers, until it is dropped', async () => {
    const journal = new FolderJournal(folder);
    const envelopes = [9, 3, 5].map((sequence) => new SentEnvelope(signed(sequence)));
    await journal.keep(envelopes);
    for (const name of await readdir(folder)) {
      const { mode } = await stat(path.join(folder, name));
      if (process.platform !== 'win32') expect(mode & 0o777).to.equal(0o600);
    }
    const left = await new FolderJournal(folder).left(signer);
    expect(left.map(({ sequence }) => sequence)).to.deep.equal([3, 5, 9]);
    expect(left[2]).to.deep.include({ id: envelopes[0]!.id, bytes: envelopes[0]!.bytes });
    await journal.drop([envelopes[1]!.id, envelopes[2]!.id]);
    expect((await journal.left(signer)).map(({ sequence }) => sequence)).to.deep.equal([9]);
    expect(await codeOf(journal.drop(['ab'.repeat(32)]))).to.equal('no error');
  });

  it('has nothing where there is no folder, and cannot keep there', async () => {
    const journal = new FolderJournal(path.join(folder, 'none'));
    expect(await journal.left(signer)).to.deep.equal([]);
    const kept = journal.keep([new SentEnvelope(signed(1))]);
    expect(await codeOf(kept)).to.equal('JOURNAL_UNWRITABLE');
  });

  it('keeps all of a batch or none', async () => {
    const [one, other] = [new SentEnvelope(signed(1)), new SentEnvelope(signed(2))];
    const inTheWay = path.join(folder, `${other.id}.new`);
    await mkdir(path.join(inTheWay, 'x'), { recursive: true });
    const journal = new FolderJournal(folder);
    const kept = journal.keep([one, other]);
    expect(await codeOf(kept)).to.equal('JOURNAL_UNWRITABLE');
    expect(await readdir(folder)).to.deep.equal([path.basename(inTheWay)]);
  });

  const own = signed(1);
  const rows: readonly (readonly [string, string, Uint8Array])[] = [
    ['of another key', `key ${stranger.signingKey.keyId} signed it`, signed(1, chainId, stranger)],
    ['of another chain', `not one for the chain ${chainId}`, signed(1, 'another-chain')],
    ['that is no envelope', 'it is no envelope', Buffer.from('x')],
    ['that is empty', 'it is no envelope', new Uint8Array()],
  ];
  for (const [what, words, bytes] of rows) {
    it(`refuses a file ${what}, and leaves it`, async () => {
      const file = path.join(folder, `${sha256Hex(bytes)}.cose`);
      await writeFile(file, bytes);
      const error = await new FolderJournal(folder).left(signer).catch((one: unknown) => one);
      expect(error).to.include({ code: 'JOURNAL_DAMAGED' });
      expect((error as Error).message)
        .to.include(words)
        .and.include(file);
      expect(await readFile(file)).to.deep.equal(Buffer.from(bytes));
    });
  }

  it('refuses an envelope with any byte changed, cut or lengthened', async () => {
    const file = path.join(folder, `${sha256Hex(own)}.cose`);
    const journal = new FolderJournal(folder);
    const damaged = [own.subarray(0, -1), Uint8Array.from([...own, 0])];
    for (let at = 0; at < own.length; at += 7) {
      damaged.push(own.map((byte, place) => (place === at ? byte ^ 1 : byte)));
    }
    for (const bytes of damaged) {
      await writeFile(file, bytes);
      expect(await codeOf(journal.left(signer))).to.equal('JOURNAL_DAMAGED');
    }
  });

  it('takes files of other names for none of its own', async () => {
    const names = ['lock', 'notes.txt', `${'ab'.repeat(32)}.new`, `${'AB'.repeat(32)}.cose`];
    for (const name of names) await writeFile(path.join(folder, name), 'x');
    const journal = new FolderJournal(folder);
    expect(await journal.left(signer)).to.deep.equal([]);
    await journal.clearUnfinished();
    expect((await readdir(folder)).sort()).to.deep.equal([names[0], names[1], names[3]].sort());
  });

  describe('in the client', () => {
    let fake: FakeExchange;
    let client: ExchangeClient;
    const operations = [
      { name: 'identity.suspend', command: { organisationId: 'org-two', reason: 'a test' } },
    ];
    const posting = 'POST /v1/transactions';

    beforeEach(async () => {
      fake = new FakeExchange();
      const transport = { pauseMs: 1, patienceMs: 200, timeoutMs: 20_000 };
      client = new ExchangeClient(await fake.start(), { transport });
    });
    afterEach(() => fake.stop());

    it('sends nothing before it is kept, and nothing at all where it cannot be', async () => {
      const order: string[] = [];
      const journal: EnvelopeJournal = {
        async keep(envelopes) {
          order.push(`keeps ${envelopes.length} after ${fake.posted().length} sent`);
          if (order.length === 1) throw new OperationalError('JOURNAL_UNWRITABLE', 'full');
        },
        drop: () => Promise.resolve(),
      };
      const refused = client.submit(party, operations, journal);
      expect(await codeOf(refused)).to.equal('JOURNAL_UNWRITABLE');
      fake.answers.set(posting, (sent, response) =>
        json(response, 201, receiptOf(sha256Hex(sent.body))),
      );
      await client.submit(party, operations, journal);
      expect(order).to.deep.equal(['keeps 1 after 0 sent', 'keeps 1 after 0 sent']);
      expect(fake.posted()).to.have.length(1);
    });

    it('keeps what was applied and what is unknown; drops what was refused and signed anew', async () => {
      const journal = new FolderJournal(folder);
      const chain = { ...signer, chainId: await client.chainId() };
      const numbers = async (): Promise<number[]> =>
        (await journal.left(chain)).map(({ sequence }) => sequence);
      fake.inTurn(posting, (_sent, response) => problem(response, 403, 'ROLE_MISSING'));
      expect(await codeOf(client.submit(party, operations, journal))).to.equal('ROLE_MISSING');
      expect(await numbers()).to.deep.equal([]);
      fake.nextSequence = 7;
      fake.inTurn(
        posting,
        (_sent, response) => problem(response, 409, 'SEQUENCE_USED'),
        (sent, response) => json(response, 201, receiptOf(sha256Hex(sent.body))),
      );
      const { envelopeId } = await client.submit(party, operations, journal);
      const [kept, ...others] = await journal.left(chain);
      expect([kept!.id, others]).to.deep.equal([envelopeId, []]);
      fake.answers.set(posting, (_sent, response) => response.destroy());
      const unknown = client.submit(party, operations, journal);
      expect(await codeOf(unknown)).to.equal('SUBMISSION_UNKNOWN');
      expect(await numbers()).to.have.length(2);
    });
  });
});
