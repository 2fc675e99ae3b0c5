/** HTTP as nobody's library sends it: bytes over a socket, and what came back. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  /** undefined where the body is no JSON. */
  readonly json: Record<string, unknown> | undefined;
}

export class RawClient {
  readonly socket: Socket;
  #text = '';
  #closed = false;
  #wake: () => void = () => undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      this.#text += text;
      this.#wake();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#closed = true;
      this.#wake();
    });
  }

  /** @param localAddress of this machine, to be taken for somebody else */
  static async open(baseUrl: string, localAddress = '127.0.0.1'): Promise<RawClient> {
    const { hostname, port } = new URL(baseUrl);
    const socket = connect({ host: hostname, port: Number(port), localAddress });
    const client = new RawClient(socket);
    await once(socket, 'connect');
    return client;
  }

  send(text: string): this {
    this.socket.write(text, 'latin1');
    return this;
  }

  /** Request line and headers; a body follows by `send`. */
  ask(line: string, headers: Readonly<Record<string, string | number>> = {}): this {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    return this.send(`${line} HTTP/1.1\r\nHost: node\r\n${lines.join('')}\r\n`);
  }

  /** Takes nothing of what comes from here on. */
  stopReading(): this {
    this.socket.pause();
    return this;
  }

  get received(): string {
    return this.#text;
  }

  async until(enough: (text: string) => boolean): Promise<string> {
    while (!enough(this.#text)) {
      if (this.#closed) throw new Error(`it was closed after ${JSON.stringify(this.#text)}`);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    return this.#text;
  }

  /** Resolves when the other side has ended the connection. */
  async ended(): Promise<void> {
    while (!this.#closed) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  /** The first answer; those of the API name their length. */
  async answer(): Promise<RawAnswer> {
    const text = await this.until((found) => {
      const [head = '', ...body] = found.split('\r\n\r\n');
      const length = /^content-length: (\d+)$/im.exec(head)?.[1];
      return body.length > 0 && body.join('\r\n\r\n').length >= Number(length ?? 0);
    });
    const [head = '', body = ''] = text.split('\r\n\r\n');
    const [line = '', ...lines] = head.split('\r\n');
    const headers = new Map(
      lines.map((one) => [one.split(': ', 1)[0]!.toLowerCase(), one.slice(one.indexOf(': ') + 2)]),
    );
    const json = /json/.test(headers.get('content-type') ?? '')
      ? (JSON.parse(Buffer.from(body, 'latin1').toString('utf8')) as Record<string, unknown>)
      : undefined;
    return { status: Number(line.split(' ')[1]), headers, json };
  }

  close(): void {
    this.socket.destroy();
  }
}
