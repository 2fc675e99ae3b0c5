import { expect } from 'chai';
import { bytesText, openTransfer } from '../../src/cli/transfer-progress.ts';

describe('transfer progress', () => {
  for (const [bytes, words] of [
    [0, '0 bytes'],
    [999, '999 bytes'],
    [1_000, '1.0 kB'],
    [85_300_000, '85.3 MB'],
    [10_000_000_000, '10.0 GB'],
    [100 * 2 ** 30, '107.4 GB'],
  ] as const) {
    it(`says ${words}`, () => expect(bytesText(bytes)).to.equal(words));
  }

  it('tells bytes, share, rate and what is left, counted from where it went on', async () => {
    const lines: string[] = [];
    let nowMs = 0;
    const terminal = { isTTY: false } as unknown as NodeJS.WriteStream;
    const transfer = await openTransfer({
      ...{ label: 'put', quiet: false, terminal },
      clock: () => nowMs,
      line: (text) => lines.push(text),
    });
    transfer.update({ bytes: 4_000_000, of: 10_000_000 });
    nowMs = 10_000;
    transfer.update({ bytes: 6_000_000, of: 10_000_000 });
    transfer.end();
    expect(lines).to.deep.equal(['put: 6.0 MB of 10.0 MB, 200.0 kB/s, 60%, 20 s left']);
  });
});
