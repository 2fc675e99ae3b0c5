/** Files of more than one part: sent, cut off, gone on with, fetched by part, from peers too. */
import { expect } from 'chai';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sha256Hex } from '../../src/base/hash.ts';
import { utf8 } from '../../src/base/bytes.ts';
import { getFile } from '../../src/client/content-file/get-file.ts';
import { putFile } from '../../src/client/content-file/put-file.ts';
import { describeFile } from '../../src/client/content-file/describe.ts';
import type { Party } from '../../src/client/party.ts';
import { Transport } from '../../src/client/transport.ts';
import { partBytes } from '../../src/content/manifest.ts';
import { admission, genesis, keyOf, openExchange, operator, sign } from '../api/exchange.ts';
import type { TestExchange } from '../api/exchange.ts';
import { CutTransport } from './cut-transport.ts';

const size = 2 * partBytes + 100_000;

describe('client: files of several parts', function () {
  let exchange: TestExchange;
  let folder = '';
  let url = '';
  const party = { signingKey: keyOf('file-seller') } as unknown as Party;
  const signer = { party, chainId: genesis.chainId };
  const at = (name: string): string => path.join(folder, name);

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'dxl-content-file-'));
    exchange = await openExchange();
    const bytes = sign(exchange, operator, [admission('file-seller', keyOf('file-seller'))]);
    await exchange.engine.submit(bytes);
    url = await exchange.serve();
    // Sparse: zeros but for a word in each part.
    const handle = await open(at('file'), 'w');
    await handle.truncate(size);
    for (const part of [0, 1, 2]) await handle.write(utf8(`part ${part}`), 0, 6, part * partBytes);
    await handle.close();
  });

  after(async () => {
    await exchange.close();
    await rm(folder, { recursive: true, force: true });
  });

  let digest = '';

  it('are sent by part; the same call goes on after the program was ended', async () => {
    const first = new CutTransport(url, 'PATCH', 1);
    const ended = await putFile(first, signer, { file: at('file') }).catch(
      (error: unknown) => error,
    );
    expect(ended).to.be.instanceOf(Error);
    const done: number[] = [];
    const second = new CutTransport(url, 'none', 0);
    digest = await putFile(second, signer, {
      file: at('file'),
      onProgress: ({ bytes, of }) => done.push(bytes / of),
    });
    expect(second.seen.filter((line) => line.startsWith('PATCH'))).to.have.length(2);
    expect(done.at(-1)).to.equal(1);
    expect(digest).to.equal((await describeFile(at('file'))).digest);
    const third = new CutTransport(url, 'none', 0);
    expect(await putFile(third, signer, { file: at('file') })).to.equal(digest);
    expect(third.seen.filter((line) => line.startsWith('PATCH'))).to.deep.equal([]);
  });

  it('are fetched by part; the same call goes on at the part where it was cut', async () => {
    const target = at('fetched');
    const cut = new CutTransport(url, 'GET', 2);
    const ended = await getFile(cut, signer, { digest, target }).catch((error: unknown) => error);
    expect(String(ended)).to.include('ended');
    const rest = new CutTransport(url, 'none', 0);
    await getFile(rest, signer, { digest, target });
    const parts = rest.seen.filter((line) => /parts\/\d$/.test(line));
    expect(parts.map((line) => line.slice(-1))).to.deep.equal(['1', '2']);
    expect(await hashOf(target)).to.equal(await hashOf(at('file')));
  });

  it('are fetched from a peer where the node gives a part wrongly, and refused if no one has it', async () => {
    const { content } = exchange.parts;
    const [first, second] = (await describeFile(at('file'))).parts;
    const wrong: typeof content = {
      ...content,
      get: (asked) => content.get(asked === second!.sha256 ? first!.sha256 : asked),
    };
    const bad = new Transport(await exchange.serve({ content: wrong }), { attempts: 1 });
    const refused = await getFile(bad, signer, { digest, target: at('wrong') }).catch(
      (error: unknown) => error as { code?: string },
    );
    expect(refused).to.include({ code: 'CONTENT_ALTERED' });
    await getFile(bad, signer, { digest, target: at('wrong'), peers: [new Transport(url)] });
    expect(await hashOf(at('wrong'))).to.equal(await hashOf(at('file')));
  });

  it('of one part are blobs, as ever', async () => {
    await writeFile(at('small'), 'small content');
    const transport = new Transport(url);
    const small = await putFile(transport, signer, { file: at('small') });
    expect(small).to.equal(sha256Hex(utf8('small content')));
    await getFile(transport, signer, { digest: small, target: at('small again') });
    expect(await readFile(at('small again'), 'utf8')).to.equal('small content');
    const again = await getFile(transport, signer, {
      digest: small,
      target: at('small again'),
    }).catch((error: unknown) => error as { code?: string });
    expect(again).to.include({ code: 'FILE_EXISTS' });
  });

  const hashOf = async (file: string): Promise<string> => (await describeFile(file)).digest;
});
