import { expect } from 'chai';
import { apiResults } from '../../../src/api/results.ts';
import { admission, keyOf, operator, sign } from '../exchange.ts';
import type { Json } from '../../support/api-client.ts';
import { expectProblem, type Suite } from '../suite.ts';

interface Message {
  readonly id: number;
  readonly event: string;
  readonly data: Json;
}

/** An open stream, read until something has come. */
class OpenStream {
  readonly #abort = new AbortController();
  #text = '';
  #reader: ReadableStreamDefaultReader<Uint8Array> | null = null;

  async open(url: string, headers: Record<string, string> = {}): Promise<Response> {
    const response = await fetch(url, { headers, signal: this.#abort.signal });
    this.#reader = response.body?.getReader() ?? null;
    return response;
  }

  async until(enough: (text: string) => boolean): Promise<string> {
    while (!enough(this.#text)) {
      const { value, done } = await this.#reader!.read();
      if (done) break;
      this.#text += Buffer.from(value).toString('utf8');
    }
    return this.#text;
  }

  async messages(count: number): Promise<Message[]> {
    const whole = (text: string) => text.split('\n\n').filter((part) => part.startsWith('id: '));
    const text = await this.until(
      (found) => whole(`${found} `).length > count - 1 && found.endsWith('\n\n'),
    );
    return whole(text).map((part) => {
      const fields = Object.fromEntries(
        part.split('\n').map((line) => [line.split(': ')[0], line.slice(line.indexOf(': ') + 2)]),
      );
      return {
        id: Number(fields['id']),
        event: fields['event']!,
        data: JSON.parse(fields['data']),
      };
    });
  }

  close(): void {
    this.#abort.abort();
  }
}

export function eventSuite(suite: Suite): void {
  const happen = (name: string) =>
    suite.submit(sign(suite.exchange, operator, [admission(name, keyOf(name))]));

  describe('events', () => {
    it('come in log order, page by page', async () => {
      const all: Json[] = [];
      for (let query = 'limit=3'; ;) {
        const { json } = await suite.client.call('listEvents', { query });
        all.push(...json.data);
        if (json.next === null) break;
        query = `limit=3&after=${json.next}`;
      }
      const indexes = all.map(({ logIndex }) => logIndex);
      expect(indexes).to.deep.equal([...indexes].sort((a, b) => a - b));
      const [count] = await suite.exchange.query('SELECT count(*) FROM event');
      expect(all).to.have.length(Number(count!['count']));
      expect(all[0]).to.include({ name: 'identity.admitted', recordId: 'the-exchange' });
      expect(all[0].record.id).to.equal('the-exchange');
    });

    it('are filtered by stream, kind and record', async () => {
      const { json } = await suite.client.call('listEvents', {
        query: 'stream=identity&kind=organisation&recordId=the-seller',
      });
      expect(json.data).to.have.length(1);
      const none = await suite.client.call('listEvents', { query: 'stream=signing' });
      expect(none.json.data).to.deep.equal([]);
      await suite.refused(apiResults.INVALID_QUERY, 'listEvents', { query: 'stream=other' });
    });

    it('stream as they happen, from the present on, and keep the connection alive', async () => {
      await suite.exchange.settle();
      const stream = new OpenStream();
      const response = await stream.open(suite.client.urlOf('streamEvents', { query: 'kind=key' }));
      expect(response.headers.get('content-type')).to.match(/^text\/event-stream/);
      suite.coverage.add('streamEvents', response.status);
      await stream.until((text) => text.includes(': alive'));
      await happen('streamed-one');
      const [message] = await stream.messages(1);
      expect(message).to.include({ event: 'identity.key-added' });
      expect(message!.data.record.organisationId).to.equal('streamed-one');
      expect(message!.data.logIndex).to.equal(message!.id);
      stream.close();
    });

    it('go on after Last-Event-ID without a gap or a repeat', async () => {
      await happen('streamed-two');
      const first = new OpenStream();
      await first.open(suite.client.urlOf('streamEvents', { query: 'after=-1' }));
      const seen = await first.messages(4);
      first.close();
      const last = seen[3]!.id;
      const second = new OpenStream();
      await second.open(suite.client.urlOf('streamEvents', { query: 'after=0' }), {
        'last-event-id': String(last),
      });
      const [next] = await second.messages(1);
      second.close();
      const { json } = await suite.client.call('listEvents', { query: `after=${last}&limit=1` });
      expect(next!.data).to.deep.equal(json.data[0]);
    });

    it('refuse a Last-Event-ID that is none', async () => {
      const headers = { 'last-event-id': '-2' };
      await suite.refused(apiResults.INVALID_QUERY, 'streamEvents', { headers });
    });

    it('are streamed to so many and no more, and a place comes free', async () => {
      const client = await suite.clientOf({}, { eventStreamsMax: 1 });
      const first = new OpenStream();
      await first.open(client.urlOf('streamEvents'));
      expectProblem(await client.call('streamEvents'), apiResults.STREAMS_EXHAUSTED);
      first.close();
      const second = new OpenStream();
      for (;;) {
        const response = await second.open(client.urlOf('streamEvents'));
        if (response.status === 200) break;
      }
      second.close();
    });
  });
}
