import { expect } from 'chai';
import { PassThrough } from 'node:stream';
import { durationOf, openProgress } from '../../src/cli/progress.ts';

const stream = (isTTY: boolean): { terminal: NodeJS.WriteStream; shown: () => string } => {
  const parts: string[] = [];
  const pipe = new PassThrough();
  pipe.on('data', (chunk: Buffer) => parts.push(chunk.toString()));
  const terminal = Object.assign(pipe, {
    ...{ isTTY, columns: 120, rows: 20 },
    cursorTo: () => true,
    clearLine: () => true,
    moveCursor: () => true,
  }) as unknown as NodeJS.WriteStream;
  return { terminal, shown: () => parts.join('') };
};

describe('cli: progress', () => {
  it('is a line every five seconds where nobody sits at a terminal, with the time left', async () => {
    const lines: string[] = [];
    let nowMs = 1_000;
    const progress = await openProgress({
      ...{ label: 'import', quiet: false, terminal: stream(false).terminal },
      clock: () => nowMs,
      line: (text) => lines.push(text),
    });
    for (let done = 0; done <= 100; done += 1) {
      progress.update(done, 200, `block ${done}`);
      nowMs += 100;
    }
    progress.end();
    expect(lines).to.deep.equal([
      'import: block 50, 25%, 15 s left',
      'import: block 100, 50%, 10 s left',
    ]);
  });

  it('tells no time where nobody knows how much there is', async () => {
    const lines: string[] = [];
    let nowMs = 0;
    const progress = await openProgress({
      ...{ label: 'import', quiet: false, terminal: stream(false).terminal },
      clock: () => (nowMs += 6_000),
      line: (text) => lines.push(text),
    });
    progress.update(10, null, 'block 10');
    expect(lines).to.deep.equal(['import: block 10']);
  });

  it('is a bar on a terminal, and nothing for programs', async () => {
    const { terminal, shown } = stream(true);
    const bar = await openProgress({ label: 'audit', quiet: false, terminal });
    bar.update(1, 4, 'block 1 of 4');
    bar.update(4, 4, 'block 4 of 4');
    bar.end();
    expect(shown()).to.match(/audit .*block 4 of 4/);
    const silent = stream(true);
    const none = await openProgress({ label: 'audit', quiet: true, terminal: silent.terminal });
    none.update(1, 4, 'block 1');
    none.end();
    expect(silent.shown()).to.equal('');
  });

  it('puts times in words', () => {
    const words = [12, 1_400, 65_000, 7_500_000].map(durationOf);
    expect(words).to.deep.equal(['12 ms', '1 s', '1 min 5 s', '2 h 5 min']);
  });
});
