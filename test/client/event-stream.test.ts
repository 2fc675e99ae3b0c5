import { expect } from 'chai';
import fc from 'fast-check';
import { serverEvents, type ServerEvent } from '../../src/client/event-stream.ts';

async function parse(text: string, size: number): Promise<ServerEvent[]> {
  const bytes = Buffer.from(text);
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  const events: ServerEvent[] = [];
  for await (const event of serverEvents(pieces())) events.push(event);
  return events;
}

describe('server-sent events', () => {
  for (const end of ['\n', '\r\n', '\r']) {
    it(`reads lines that end in ${JSON.stringify(end)}, however they are cut`, async () => {
      const text = ['id: 7', 'event: 目录', 'data: {"a":', 'data:1}', '', ': alive', '', 'x'].join(
        end,
      );
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 1, max: 60 }), async (size) => {
          expect(await parse(`${text}${end}${end}`, size)).to.deep.equal([
            { id: '7', type: '目录', data: '{"a":\n1}' },
          ]);
        }),
      );
    });
  }

  it('gives up on an event that does not end, be it one line or many', async () => {
    const long = 17 * 1024 * 1024;
    for (const line of ['x', `data: ${'x'.repeat(1000)}\n`]) {
      const text = line.repeat(Math.ceil(long / line.length));
      const failed = await parse(text, 65_536).catch((error: unknown) => error);
      expect(failed).to.include({ code: 'EXCHANGE_ANSWER' });
    }
    // Comments are events of no length, however many there are.
    expect(
      await parse(`: ${'x'.repeat(1000)}\n\n`.repeat(17_000) + 'data: 1\n\n', 1_000_000),
    ).to.have.length(1);
  });

  it('drops an event that is cut short', async () => {
    expect(await parse('data: whole\n\ndata: half\n', 100)).to.have.length(1);
  });
});
