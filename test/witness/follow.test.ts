import { expect } from 'chai';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fromHex, toHex } from '../../src/base/bytes.ts';
import { checkpointKeyClaim, originOf } from '../../src/chain/checkpoint/ledger-note.ts';
import { logKeyOf } from '../../src/chain/checkpoint/log-signature.ts';
import { formatVerifierKey } from '../../src/chain/checkpoint/note.ts';
import { encodeGenesis, genesisHash } from '../../src/chain/machine/genesis.ts';
import { followLog } from '../../src/witness/follow.ts';
import { keyOf, testGenesis } from '../chain/test-chain.ts';

const signer = keyOf('block signer');
const genesis = { ...testGenesis(), blockSigner: signer.publicKey };
const hash = genesisHash(genesis);
const origin = originOf(genesis.chainId, hash);
const operator = keyOf('checkpoint signer');
const logKey = formatVerifierKey(logKeyOf(origin, operator));
const keyClaim = toHex(signer.sign(checkpointKeyClaim(origin, hash, operator.publicKey)));
const genesisBytes = Buffer.from(encodeGenesis(genesis)).toString('base64url');

type Answers = Readonly<Record<string, unknown>>;

describe('following a log', () => {
  let folder: string;
  let file: string;
  let server: Server;
  let url: string;
  let answers: Answers;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'dxl-follow-'));
    file = path.join(folder, 'logs');
    answers = { '/v1/genesis': { genesisBytes }, '/v1/log': { logKey, keyClaim } };
    server = createServer(({ url: place = '' }, response) => {
      if (place in answers) response.end(JSON.stringify(answers[place]));
      else response.writeHead(404).end('{}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rm(folder, { recursive: true, force: true });
  });

  const codeOf = async (expected: string | null = hash): Promise<string> => {
    try {
      await followLog(file, url, expected);
      return 'none';
    } catch (error) {
      return (error as { code?: string }).code ?? `a fault: ${(error as Error).message}`;
    }
  };

  it('pins the key that the block signer of genesis vouches for', async () => {
    const pinned = await followLog(file, url, hash);
    expect(pinned).to.deep.equal({ origin, genesisHash: hash, logKey, claimed: true });
    expect(await readFile(file, 'utf8')).to.equal(`log ${logKey} ${url}\n`);
  });

  it('keeps the logs that are followed already', async () => {
    await writeFile(file, '# mine\nlog a+b+c http://other.example\n');
    await followLog(file, url, null);
    expect(await readFile(file, 'utf8')).to.equal(
      `# mine\nlog a+b+c http://other.example\nlog ${logKey} ${url}\n`,
    );
  });

  it('does not write over a list that it cannot read', async () => {
    await mkdir(file);
    expect(await codeOf()).to.equal('WITNESS_LOGS');
  });

  it('says so where nobody vouches for the key', async () => {
    answers = { ...answers, '/v1/log': { logKey, keyClaim: null } };
    expect((await followLog(file, url, hash)).claimed).to.equal(false);
  });

  const wrong: readonly [what: string, log: unknown, code: string][] = [
    [
      'a claim that does not verify',
      { logKey, keyClaim: `00${keyClaim.slice(2)}` },
      'LOG_KEY_UNPROVEN',
    ],
    ['a claim that is cut short', { logKey, keyClaim: keyClaim.slice(2) }, 'LOG_KEY_UNPROVEN'],
    [
      'the key of another log',
      { logKey: formatVerifierKey(logKeyOf('dxl/other/0', operator)), keyClaim },
      'PEER_ANSWER',
    ],
    ['an answer without a claim', { logKey }, 'PEER_ANSWER'],
    ['an answer without a key', { keyClaim }, 'PEER_ANSWER'],
    ['null', null, 'PEER_ANSWER'],
    ['a number', 7, 'PEER_ANSWER'],
  ];
  for (const [what, log, code] of wrong) {
    it(`refuses ${what}, and follows nothing`, async () => {
      answers = { ...answers, '/v1/log': log };
      expect(await codeOf()).to.equal(code);
      expect(await readFile(file, 'utf8').catch(() => null)).to.equal(null);
    });
  }

  it('refuses another chain, and what is no genesis', async () => {
    expect(await codeOf(toHex(fromHex('ab'.repeat(32))))).to.equal('LOG_OTHER_GENESIS');
    for (const bytes of ['', 'AAAA', genesisBytes.slice(4)]) {
      answers = { ...answers, '/v1/genesis': { genesisBytes: bytes } };
      expect(await codeOf()).to.equal('PEER_ANSWER');
    }
    answers = {};
    expect(await codeOf()).to.equal('PEER_ANSWER');
  });
});
