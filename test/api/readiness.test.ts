import { expect } from 'chai';
import { makeReadiness, watchReadiness, type ReadinessCheck } from '../../src/api/readiness.ts';

/** A check whose answers are given one by one. */
function handCheck(name = 'thing') {
  const asked: ((answer: string | null) => void)[] = [];
  const check: ReadinessCheck = {
    name,
    check: () => new Promise((resolve) => asked.push(resolve)),
  };
  return { check, asked };
}

describe('readiness', () => {
  const holds: ReadinessCheck = { name: 'holds', check: () => null };

  it('names what fails, by whatever way it fails', async () => {
    const checks: ReadinessCheck[] = [
      holds,
      { name: 'says', check: () => 'It is full. Empty it.' },
      { name: 'rejects', check: async () => Promise.reject(new Error('It broke.')) },
      {
        name: 'throws',
        check() {
          throw new Error('It broke at once.');
        },
      },
      { name: 'wordless', check: async () => Promise.reject(new AggregateError([])) },
    ];
    const readiness = makeReadiness({ checks });
    expect(await readiness.ask()).to.deep.equal([
      { name: 'says', detail: 'It is full. Empty it.' },
      { name: 'rejects', detail: 'It broke.' },
      { name: 'throws', detail: 'It broke at once.' },
      { name: 'wordless', detail: 'It failed and gives no reason.' },
    ]);
    expect([...readiness.newest().keys()]).to.deep.equal(checks.map(({ name }) => name));
    expect(readiness.newest().get('holds')).to.equal(null);
  });

  it('calls late what does not answer, asks it once, and believes its next answer', async () => {
    const { check, asked } = handCheck();
    const readiness = makeReadiness({ checks: [holds, check], checkMsMax: 20 });
    for (let times = 0; times < 3; times += 1) {
      const [failing, ...others] = await readiness.ask();
      expect(others).to.deep.equal([]);
      expect(failing?.detail).to.match(/^It has not answered for \d+ ms\./);
    }
    expect(asked).to.have.length(1);
    asked[0]?.(null);
    await new Promise(setImmediate);
    const next = readiness.ask();
    expect(asked).to.have.length(2);
    asked[1]?.(null);
    expect(await next).to.deep.equal([]);
  });

  it('joins those who ask at once', async () => {
    const { check, asked } = handCheck();
    const readiness = makeReadiness({ checks: [check] });
    const both = Promise.all([readiness.ask(), readiness.ask()]);
    expect(asked).to.have.length(1);
    asked[0]?.('It is away.');
    const failing = [{ name: 'thing', detail: 'It is away.' }];
    expect(await both).to.deep.equal([failing, failing]);
  });

  it('tells once when a check begins to fail, and once when it holds again', async () => {
    const told: [string, string | null][] = [];
    const answers = [null, 'away', 'still away', null, null, 'away again'];
    let at = 0;
    const readiness = makeReadiness({
      checks: [{ name: 'thing', check: () => answers[at] ?? null }, holds],
      onChange: (name, detail) => told.push([name, detail]),
    });
    for (; at < answers.length; at += 1) await readiness.ask();
    expect(told).to.deep.equal([
      ['thing', 'away'],
      ['thing', null],
      ['thing', 'away again'],
    ]);
  });

  it('asks by itself until it is ended', async () => {
    let asked = 0;
    let askedThrice: () => void = () => undefined;
    const thrice = new Promise<void>((resolve) => (askedThrice = resolve));
    const check = () => {
      asked += 1;
      if (asked === 3) askedThrice();
      return null;
    };
    const unwatch = watchReadiness(makeReadiness({ checks: [{ name: 'thing', check }] }));
    await thrice;
    unwatch();
    expect(asked).to.equal(3);
  });

  it('has one check of a name', () => {
    expect(() => makeReadiness({ checks: [holds, holds] })).to.throw('named holds once');
  });
});
