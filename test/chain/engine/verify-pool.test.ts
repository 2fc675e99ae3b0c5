import { expect } from 'chai';
import { fromHex, utf8 } from '../../../src/base/bytes.ts';
import { sha256 } from '../../../src/base/hash.ts';
import { nodeSha256 } from '../../../src/chain/engine/sha256.ts';
import { checksIn, packChecks, type Check } from '../../../src/chain/engine/verify-batch.ts';
import { VerifyPool } from '../../../src/chain/engine/verify-pool.ts';
import { signingKeyFromSeed } from '../../../src/chain/tx/signature.ts';

const key = signingKeyFromSeed(sha256(utf8('verify pool')));

/** Every fifth is not good: its signature is of another message. */
const isGood = (at: number): boolean => at % 5 !== 3;

function checkAt(at: number): Check {
  const message = utf8(`message ${at} `.padEnd(10 + (at % 300), '.'));
  const signature = key.sign(isGood(at) ? message : utf8(`another ${at}`));
  return { publicKey: fromHex(key.publicKey), message, signature };
}

const checks = (count: number): Check[] => Array.from({ length: count }, (_, at) => checkAt(at));

async function answers(pool: VerifyPool, count: number) {
  const order: number[] = [];
  const found = await Promise.all(
    checks(count).map(async (check, at) => {
      const good = await pool.verify(check);
      order.push(at);
      return good;
    }),
  );
  return { found, order };
}

describe('chain/engine: the verify pool', function () {
  this.timeout(300_000);
  let pool: VerifyPool;
  beforeEach(() => (pool = new VerifyPool(2)));
  afterEach(() => pool.close());

  for (const [count, threads] of [
    [1, 0],
    [16, 0],
    [17, 1],
    [1_000, 2],
  ] as const) {
    it(`says of ${count} at once which are good, in their order, on ${threads} threads`, async () => {
      const { found, order } = await answers(pool, count);
      expect(found).to.deep.equal(Array.from({ length: count }, (_, at) => isGood(at)));
      expect(order).to.deep.equal([...order.keys()]);
      expect(pool.threads).to.equal(threads);
    });
  }

  it('keeps the order where few come after many', async () => {
    const many = answers(pool, 400);
    await new Promise((resolve) => setImmediate(resolve));
    let manyAreDone = false;
    const done = many.then(() => (manyAreDone = true));
    await pool.verify(checkAt(0));
    await new Promise((resolve) => setImmediate(resolve));
    expect(manyAreDone).to.equal(true);
    await done;
  });

  it('answers what a thread that is lost, or a pool that is closed, had and did not say', async () => {
    const lost = answers(pool, 600);
    await new Promise((resolve) => setImmediate(resolve));
    await pool.close();
    expect((await lost).found).to.deep.equal(Array.from({ length: 600 }, (_, at) => isGood(at)));
    expect(await pool.verify(checkAt(3))).to.equal(false);
    expect(await pool.verify(checkAt(4))).to.equal(true);
  });
});

describe('chain/engine: checks in one buffer', () => {
  it('come out as they went in', () => {
    const some = checks(40);
    expect(checksIn(packChecks(some)).map((check) => ({ ...check }))).to.deep.equal(some);
    expect(checksIn(packChecks([]))).to.deep.equal([]);
  });
});

describe('chain/engine: SHA-256 of the node', () => {
  it('is that of the portable library, for every length to three blocks', () => {
    for (let length = 0; length <= 200; length += 1) {
      const bytes = Uint8Array.from({ length }, (_, at) => (at * 7 + length) & 0xff);
      expect(nodeSha256(bytes)).to.deep.equal(sha256(bytes));
      expect(nodeSha256(new Uint8Array([9, ...bytes]).subarray(1))).to.deep.equal(sha256(bytes));
    }
  });
});
