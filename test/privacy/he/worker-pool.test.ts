import { expect } from 'chai';
import { toHex } from '../../../src/base/bytes.ts';
import { openSellerPool, type SellerPool } from '../../../src/privacy/he/worker/pool.ts';
import { failureOf, nameOf, taken } from './sample-job.ts';

const presetId = 'sum-4k';
const chunks = (count: number): Int32Array => new Int32Array(4096 * count).fill(3);

describe('pool of expendable processes', () => {
  // Silent for so long is a process of this pool only when it is stopped, however busy the machine is.
  const pool = openSellerPool({ presetId, size: 1, chunkTimeoutMs: 240_000 });
  let secretKey: Uint8Array = new Uint8Array();

  const encrypt = (
    count: number,
    options: { signal?: AbortSignal; onChunk?: () => void } = {},
    from: SellerPool = pool,
  ): ReturnType<typeof pool.run<'encrypt'>> =>
    from.run('encrypt', { secretKey, values: chunks(count) }, options);

  before(async () => {
    ({ secretKey } = taken(await pool.run('makeKey', {})));
  });

  after(() => pool.close());

  it('keeps one warm process for many tasks and reports each chunk', async () => {
    const [processId] = pool.processIds();
    let done = 0;
    const encrypted = taken(await encrypt(5, { onChunk: () => (done += 1) }));
    expect(encrypted.records).to.have.length(5);
    expect(done).to.equal(5);
    expect(pool.processIds()).to.deep.equal([processId]);
  });

  it('makes another key and another ciphertext each time', async () => {
    const other = taken(await pool.run('makeKey', {}));
    const [first, second] = taken(await encrypt(2)).records;
    expect(toHex(other.secretKey)).to.not.equal(toHex(secretKey));
    expect(toHex(first ?? secretKey)).to.not.equal(toHex(second ?? secretKey));
  });

  it('does not grow over 2,000 ciphertexts', async () => {
    for (let round = 0; round < 40; round += 1) taken(await encrypt(16));
    const before = pool.residentBytesMax;
    for (let round = 0; round < 125; round += 1) taken(await encrypt(16));
    // 2,000 that were kept would be 250 MiB; a collector that waits for its turn may leave some.
    const ofOne = 4096 * 2 * 8 * 2;
    expect(pool.residentBytesMax - before).to.be.lessThan((2_000 * ofOne) / 4);
  });

  it('rejects the task of a killed process and goes on with another', async () => {
    const [processId] = pool.processIds();
    const lost = encrypt(600, {
      onChunk: () => {
        if (processId !== undefined && pool.processIds().includes(processId)) {
          process.kill(processId, 'SIGKILL');
        }
      },
    });
    const queued = encrypt(1);
    expect(await failureOf(lost)).to.equal('HE_WORKER_POISONED');
    expect(nameOf(await queued)).to.equal('ok');
    expect(pool.processIds()).to.have.length(1).and.not.include(processId);
  });

  it('discards a process that was silent for too long', async () => {
    const impatient = openSellerPool({ presetId, size: 1, chunkTimeoutMs: 1_500 });
    try {
      taken(await impatient.run('makeKey', {}));
      const [processId] = impatient.processIds();
      if (processId === undefined) throw new Error('no process');
      process.kill(processId, 'SIGSTOP');
      expect(await failureOf(encrypt(1, {}, impatient))).to.equal('HE_WORKER_TIMEOUT');
      await new Promise(setImmediate);
      expect(impatient.processIds()).to.not.include(processId);
    } finally {
      impatient.close();
    }
  });

  it('discards a process whose library threw', async () => {
    const [processId] = pool.processIds();
    const junk = pool.run('encrypt', { secretKey: new Uint8Array(32_856), values: chunks(1) });
    expect(await failureOf(junk)).to.equal('HE_WORKER_POISONED');
    expect(nameOf(await encrypt(1))).to.equal('ok');
    expect(pool.processIds()).to.not.include(processId);
  });

  it('cancels a running, a waiting and a late task', async () => {
    const running = new AbortController();
    const waiting = new AbortController();
    const first = encrypt(600, { signal: running.signal, onChunk: () => running.abort() });
    const second = encrypt(1, { signal: waiting.signal });
    waiting.abort();
    expect(await failureOf(second)).to.equal('HE_CANCELLED');
    expect(await failureOf(first)).to.equal('HE_CANCELLED');
    expect(await failureOf(encrypt(1, { signal: running.signal }))).to.equal('HE_CANCELLED');
    expect(nameOf(await encrypt(1))).to.equal('ok');
  });

  it('says why a process does not start', async () => {
    // 8 MiB: enough for the WebAssembly that reads the source, too little for SEAL, which asks for 16.
    const small = openSellerPool({ presetId, size: 1, wasmMemoryPages: 128 });
    expect(await failureOf(small.run('makeKey', {}))).to.equal('HE_RUNTIME_UNSUPPORTED');
    const unknown = openSellerPool({ presetId: 'sum-1k', size: 1 });
    expect(await failureOf(unknown.run('makeKey', {}))).to.equal('HE_WORKER_POISONED');
    small.close();
    unknown.close();
  });

  it('rejects everything once it is closed', async () => {
    const closing = openSellerPool({ presetId, size: 1 });
    const tasks = [encrypt(1, {}, closing), encrypt(1, {}, closing)];
    const failures = Promise.all(tasks.map(failureOf));
    closing.close();
    expect(await failures).to.deep.equal(['HE_CANCELLED', 'HE_CANCELLED']);
    expect(await failureOf(encrypt(1, {}, closing))).to.equal('HE_CANCELLED');
  });
});
