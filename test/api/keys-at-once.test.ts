/** Who may sign requests is what the ledger says, also where nobody keeps the read models. */
import { expect } from 'chai';
import { apiResults } from '../../src/api/results.ts';
import { utf8, type Hex } from '../../src/base/bytes.ts';
import type { SigningKey } from '../../src/chain/tx/signing-key.ts';
import { revokeKey } from '../../src/identity/revoke-key.ts';
import { suspend } from '../../src/identity/change-standing.ts';
import { admission, idOf, keyOf, openExchange, operationOf, operator, sign } from './exchange.ts';
import type { SignedOperation, TestExchange } from './exchange.ts';
import { contentDigest, signed } from './suite.ts';

const rounds = 20;

describe('keys of signed requests, with the read models stopped', () => {
  let exchange: TestExchange;
  let url = '';

  before(async () => {
    exchange = await openExchange({ projects: false });
    url = await exchange.serve();
  });

  after(() => exchange.close());

  /** As a client does: it waits for the receipt and for nothing else. */
  async function submit(operation: SignedOperation): Promise<void> {
    const response = await fetch(`${url}/v1/transactions`, {
      method: 'POST',
      headers: { 'content-type': 'application/cose' },
      body: sign(exchange, operator, [operation]),
    });
    expect(response.status, await response.text()).to.equal(201);
  }

  const nameOf = (round: number): string => `at-once-${round}`;
  const bytesOf = (round: number, what: string): Uint8Array => utf8(`${what} of round ${round}`);

  async function put(
    key: SigningKey,
    bytes: Uint8Array,
  ): Promise<{ status: number; name: string }> {
    const target = `${url}/v1/blobs/${idOf(bytes)}`;
    const headers = { 'content-digest': contentDigest(idOf(bytes)) };
    const response = await fetch(target, {
      method: 'PUT',
      headers: {
        'content-type': 'application/octet-stream',
        ...(await signed('PUT', target, { key, headers })),
      },
      body: bytes,
    });
    const { name = '' } = (await response.json()) as { name?: string };
    return { status: response.status, name };
  }

  const isKept = (digest: Hex): Promise<boolean> => exchange.parts.content.has(digest);

  it(`an acknowledged admission uploads at once, ${rounds} times`, async () => {
    for (let round = 0; round < rounds; round += 1) {
      await submit(admission(nameOf(round), keyOf(nameOf(round))));
      const bytes = bytesOf(round, 'first content');
      expect(await put(keyOf(nameOf(round)), bytes)).to.deep.equal({ status: 201, name: '' });
      expect(await isKept(idOf(bytes))).to.equal(true);
    }
    const [cursor] = await exchange.query('SELECT height FROM projection_cursor');
    expect(Number(cursor?.['height']), 'the read models have seen nothing').to.equal(0);
  });

  it(`a revoked key is refused at once, ${rounds} times, and nothing of it is kept`, async () => {
    for (let round = 0; round < rounds; round += 1) {
      const { keyId } = keyOf(nameOf(round));
      await submit(operationOf(revokeKey, { keyId, reason: 'Lost.' }));
      const bytes = bytesOf(round, 'content after the revocation');
      expect(await put(keyOf(nameOf(round)), bytes)).to.deep.equal({
        status: 403,
        name: apiResults.REQUEST_KEY_REFUSED.name,
      });
      expect(await isKept(idOf(bytes))).to.equal(false);
    }
  });

  it('a suspended organisation is refused at once', async () => {
    await submit(admission('at-once-suspended', keyOf('at-once-suspended')));
    await submit(operationOf(suspend, { organisationId: 'at-once-suspended', reason: 'Asked.' }));
    const bytes = utf8('content after the suspension');
    expect((await put(keyOf('at-once-suspended'), bytes)).status).to.equal(403);
    expect(await isKept(idOf(bytes))).to.equal(false);
  });
});
