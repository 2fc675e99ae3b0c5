import { expect } from 'chai';
import fc from 'fast-check';
import { performance } from 'node:perf_hooks';
import { HeldBytes } from '../../src/api/held-bytes.ts';
import { limitsWith } from '../../src/api/limits.ts';
import { ThreadShare } from '../../src/api/thread-share.ts';
import { Turns } from '../../src/api/turns.ts';

const refusal = (): Error => new Error('full');

describe('api: a share of the thread', () => {
  const nowMs = (): number => performance.now();
  const busy = (ms: number): void => {
    for (const start = nowMs(); nowMs() - start < ms;);
  };

  it('is not passed, whatever is asked of it, but for half a second’s worth at first', async () => {
    const msPerSecond = 250;
    const share = new ThreadShare(msPerSecond);
    const startMs = nowMs();
    let spentMs = 0;
    const step = (): void => {
      const beginMs = nowMs();
      busy(5);
      spentMs += nowMs() - beginMs;
    };
    // The last step is begun when the time of those before has been earned.
    let before = 0;
    for (let at = 0; at < 40; at += 1) {
      before = spentMs;
      await share.run(step);
    }
    const earnedMs = ((nowMs() - startMs) * msPerSecond) / 1_000 + msPerSecond / 2;
    expect(before).to.be.lessThan(earnedMs + 1);
  });

  it('lets others of the thread come between two steps', async () => {
    const share = new ThreadShare(900);
    const order: string[] = [];
    const steps = ['a', 'b', 'c'].map((name) =>
      share.run(() => {
        order.push(name);
        setImmediate(() => order.push('another'));
      }),
    );
    await Promise.all(steps);
    expect(order.slice(0, 3)).to.deep.equal(['a', 'another', 'b']);
  });

  it('goes on after a step that failed, which is told to whoever asked for it', async () => {
    const share = new ThreadShare(900);
    const failed = share.run(() => {
      throw new Error('of the step');
    });
    const after = share.run(() => 7);
    expect(await failed.catch((error: unknown) => (error as Error).message)).to.equal(
      'of the step',
    );
    expect(await after).to.equal(7);
  });
});

describe('api: turns', () => {
  const turnsOf = (bounds: { perAddressMax: number; allMax: number }) => {
    const turns = new Turns({ atOnce: 1, ...bounds });
    const done: string[] = [];
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const first = turns.run('first', () => gate, refusal);
    const ask = (address: string, name: string): Promise<string> =>
      turns
        .run(address, async () => void done.push(name), refusal)
        .then(
          () => 'done',
          (error: unknown) => (error as Error).message,
        );
    return { turns, done, first, ask, open };
  };

  it('go round the addresses, each in its own order', async () => {
    const { done, ask, open } = turnsOf({ perAddressMax: 9, allMax: 99 });
    const all = ['a1', 'a2', 'a3', 'b1', 'c1', 'b2'].map((name) => ask(name.slice(0, 1), name));
    open();
    await Promise.all(all);
    expect(done).to.deep.equal(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
  });

  it('let the last of whoever has most give way to one who has fewer, and to none who has not', async () => {
    const { turns, done, ask, open } = turnsOf({ perAddressMax: 3, allMax: 4 });
    const crowd = ['a1', 'a2', 'a3'].map((name) => ask('a', name));
    const [b1, c1] = [ask('b', 'b1'), ask('c', 'c1')];
    expect(turns.isFullFor('a')).to.equal(false);
    const more = ask('a', 'a4');
    open();
    expect(await Promise.all([...crowd, b1, c1, more])).to.deep.equal([
      ...['done', 'done', 'full', 'done', 'done', 'full'],
    ]);
    expect(done).to.deep.equal(['a1', 'b1', 'c1', 'a2']);
  });

  it('have what goes on before the rest of its address, also where no more may wait', async () => {
    const { turns, done, ask, open } = turnsOf({ perAddressMax: 2, allMax: 3 });
    const all = ['b1', 'a1', 'a2'].map((name) => ask(name.slice(0, 1), name));
    const rest = turns.goOn('a', async () => void done.push('rest'));
    expect(await ask('a', 'a3')).to.equal('full');
    open();
    await Promise.all([...all, rest]);
    expect(done).to.deep.equal(['b1', 'rest', 'a1', 'a2']);
  });

  it('take no more of an address than may wait', async () => {
    const { turns, ask, open } = turnsOf({ perAddressMax: 2, allMax: 99 });
    const [one, two] = [ask('a', 'a1'), ask('a', 'a2')];
    expect(turns.isFullFor('a')).to.equal(true);
    expect(turns.isFullFor('b')).to.equal(false);
    expect(await ask('a', 'a3')).to.equal('full');
    open();
    expect(await Promise.all([one, two])).to.deep.equal(['done', 'done']);
    expect(turns.isFullFor('a')).to.equal(false);
  });
});

describe('api: bytes that are held', () => {
  it('are a quarter for one address alone, and always leave a newcomer a quarter of the rest', () => {
    const takes = fc.array(
      fc.record({ from: fc.integer({ min: 0, max: 30 }), bytes: fc.integer({ min: 1, max: 400 }) }),
      { maxLength: 200 },
    );
    fc.assert(
      fc.property(takes, (asked) => {
        const held = new HeldBytes(1_000);
        const own = new Map<number, number>();
        for (const { from, bytes } of asked) {
          if (held.take(String(from), bytes)) own.set(from, (own.get(from) ?? 0) + bytes);
        }
        const sum = [...own.values()].reduce((left, right) => left + right, 0);
        expect(held.count).to.equal(sum);
        expect(Math.max(0, ...own.values())).to.be.at.most(250);
        const free = 1_000 - sum;
        expect(held.hasRoom('newcomer', Math.floor(free / 4))).to.equal(true);
        expect(held.hasRoom('newcomer', Math.floor(free / 4) + 1)).to.equal(false);
      }),
    );
  });

  it('are given back', () => {
    const held = new HeldBytes(1_000);
    const holding = held.open('a');
    expect(holding.take(250)).to.equal(true);
    expect(holding.take(1)).to.equal(false);
    holding.release();
    expect(held.count).to.equal(0);
    expect(held.open('a').take(250)).to.equal(true);
  });
});

describe('api: limits that do not fit together', () => {
  it('are refused at the start, with what to do', () => {
    for (const [changes, message] of [
      [{ answerMsMax: 30_000 }, /answerMsMax 30000 and submitWaitMs 30000.*answerMsMax=60000/],
      [{ submitWaitMs: 90_000 }, /answerMsMax 60000 and submitWaitMs 90000/],
      [{ heightWaitMs: 60_000 }, /heightWaitMs 60000/],
      [{ longWorkMsPerSecond: 1_000 }, /longWorkMsPerSecond 1000, all of the thread/],
    ] as const) {
      expect(() => limitsWith(new Map(Object.entries(changes)))).to.throw(message);
    }
    const sound = new Map(Object.entries({ submitWaitMs: 90_000, answerMsMax: 90_001 }));
    expect(limitsWith(sound)).to.include({ submitWaitMs: 90_000, answerMsMax: 90_001 });
  });
});
