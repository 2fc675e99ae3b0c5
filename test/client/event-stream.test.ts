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

  it('drops an event that is cut short', async () => {
    expect(await parse('data: whole\n\ndata: half\n', 100)).to.have.length(1);
  });
});
