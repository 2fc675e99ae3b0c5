import { expect } from 'chai';
import { freshDatabase, type FreshDatabase } from '../../support/database.ts';
import { probeRecord, put, schedule } from '../probe-room.ts';
import { beginMs, operationOf, sign } from '../test-chain.ts';
import { heightsById, openNode, wordOf, type NodeOptions, type TestNode } from '../test-node.ts';

const second = 1_000;
const day = 86_400 * second;
const tenYears = 3_650 * day;

const note = (sequence: number) =>
  sign(operationOf(put, { id: 'probe-1', note: `words ${sequence}` }), { sequence });

/** The silence that accepts after 14 days. */
const silence = (sequence: number) =>
  sign(operationOf(schedule, { id: 'probe-7', atMs: beginMs + 14 * day }), { sequence });

describe('a node whose clock cannot be right makes no block', () => {
  let database: FreshDatabase;
  let node: TestNode | null = null;
  /** What people set, and what nobody sets: both move only by hand here. */
  let clocks: { wallMs: number; steadyMs: number };
  let told: (string | null)[];
  let whenTold: (hold: string | null) => void;

  beforeEach(async () => {
    database = await freshDatabase();
    clocks = { wallMs: beginMs + second, steadyMs: 77 * day };
    told = [];
    whenTold = () => undefined;
  });
  afterEach(async () => {
    await node?.close();
    node = null;
    await database.drop();
  });

  async function open(options: NodeOptions = {}): Promise<TestNode> {
    await node?.close();
    node = await openNode(database.url, {
      clock: () => clocks.wallMs,
      steadyClock: () => clocks.steadyMs,
      clockConfirmed: false,
      onClock: (hold) => {
        told.push(hold);
        whenTold(hold);
      },
      ...options,
    });
    return node;
  }
  /** The node looks at the clock by itself, and says what has changed. */
  const nextWord = (): Promise<string | null> => new Promise((resolve) => (whenTold = resolve));
  const firstBlock = (engine: TestNode['engine']): Promise<void> =>
    new Promise((resolve) => engine.onBlock(() => resolve()));

  it('too far from the newest block: reads are served, and nothing stands anywhere', async () => {
    clocks.wallMs = beginMs + 31 * day;
    const { engine, store } = await open();
    const outcome = await engine.submit(note(1));
    expect(wordOf(outcome)).to.equal('ENGINE_CLOCK');
    expect(engine.status()).to.include({ height: 0, timeMs: beginMs, pending: 0 });
    expect((await heightsById(store)).size).to.equal(0);
    expect(told).to.have.length(1);
    expect(told[0]).to.match(
      /^The clock says 2026-04-02 10:00:00 UTC\+08:00, the newest block 2026-03-02 10:00:00 UTC\+08:00: 31 days apart, more than 30 days\. .*long pause.*No block is made until.*--confirm-clock.*2027-01-31/,
    );
    expect(engine.clock()).to.deep.equal({ aheadMs: 31 * day, steppedMs: 0, hold: told[0] });
  });

  it('the same once a person has confirmed it, for that start', async () => {
    clocks.wallMs = beginMs + 31 * day;
    const confirmed = await open({ clockConfirmed: true });
    expect(wordOf(await confirmed.engine.submit(note(1)))).to.equal('OK');
    expect(confirmed.engine.status().timeMs).to.equal(clocks.wallMs);
    clocks.wallMs += 31 * day;
    const { engine } = await open();
    expect(wordOf(await engine.submit(note(2)))).to.equal('ENGINE_CLOCK');
  });

  it('behind the newest block: by 60 s blocks carry its time, by more there are none', async () => {
    const { engine } = await open();
    expect(wordOf(await engine.submit(note(1)))).to.equal('OK');
    const newestMs = engine.status().timeMs;
    clocks.wallMs = newestMs - 60 * second;
    expect(wordOf(await engine.submit(note(2)))).to.equal('OK');
    expect(engine.status().timeMs).to.equal(newestMs);
    clocks.wallMs -= 1;
    expect(await nextWord()).to.match(/the newest block .*: it is behind by 60 seconds, more than/);
    expect(wordOf(await engine.submit(note(3)))).to.equal('ENGINE_CLOCK');
    clocks.wallMs += 1;
    expect(await nextWord()).to.equal(null);
    expect(wordOf(await engine.submit(note(3)))).to.equal('OK');
  });

  it('ten years forward and back: silence has accepted nothing, and block time goes on', async () => {
    const { engine, machine } = await open();
    expect(wordOf(await engine.submit(silence(1)))).to.equal('OK');
    const { height } = engine.status();
    clocks.wallMs += tenYears;
    expect(await nextWord()).to.match(
      /^The clock stepped forward by 3650 days, to 2036-.*; 60 minutes is the most\. No block is made until it is set right\./,
    );
    expect(wordOf(await engine.submit(note(2)))).to.equal('ENGINE_CLOCK');
    clocks.wallMs -= tenYears;
    expect(await nextWord()).to.equal(null);
    expect(engine.status()).to.include({ height });
    expect(wordOf(await engine.submit(note(2)))).to.equal('OK');
    expect(engine.status().timeMs).to.equal(clocks.wallMs);
    expect(machine.readRecord(probeRecord, 'probe-7')?.note).to.not.equal('came due');
  });

  it('a step between two looks: the block that was to be made is not, and who waits is told', async () => {
    const { engine, store } = await open({ blockIntervalMs: 200 });
    await firstBlock(engine);
    const waiting = engine.submit(note(1));
    clocks.wallMs += tenYears;
    expect(wordOf(await waiting)).to.equal('ENGINE_CLOCK');
    expect((await heightsById(store)).size).to.equal(0);
    clocks.wallMs -= tenYears;
    if (engine.clock().hold !== null) await nextWord();
    expect(wordOf(await engine.submit(note(1)))).to.equal('OK');
  });

  it('meets the deadlines that have come as soon as the clock is right again', async () => {
    const { engine, machine } = await open();
    await engine.submit(silence(1));
    clocks.wallMs += 14 * day;
    expect(await nextWord()).to.match(/stepped forward by 14 days/);
    const { height } = engine.status();
    // As time would have passed, had nobody touched the clock.
    clocks.steadyMs += 14 * day;
    await firstBlock(engine);
    expect(engine.status()).to.include({ height: height + 1, timeMs: clocks.wallMs });
    expect(machine.readRecord(probeRecord, 'probe-7')?.note).to.equal('came due');
  });

  it('stops while it is held, with a deadline due', async () => {
    const { engine } = await open();
    await engine.submit(silence(1));
    const { height } = engine.status();
    clocks.wallMs += tenYears;
    await nextWord();
    await engine.stop();
    expect(engine.status().height).to.equal(height);
  });
});
