/** Clients that a suite opens by hand, from addresses of their own, and that are closed after each test. */
import { RawClient } from '../support/raw-client.ts';
import { admission, keyOf, operator, sign } from './exchange.ts';
import { envelope, type Suite } from './suite.ts';

export const [stranger, another] = ['127.0.0.66', '127.0.0.67'] as const;

interface Node {
  readonly baseUrl: string;
}

export interface Strangers {
  /** @param from the address that it comes from; 127.0.0.1 unless told */
  readonly open: (node: Node, from?: string) => Promise<RawClient>;
  /** The operator's envelope that admits an organisation of this name. */
  readonly newcomer: (name: string) => ReturnType<typeof envelope>;
  /** Of the node's metrics; 0 where there is none. */
  readonly metric: (node: Node, name: string) => Promise<number>;
}

/** Opens the suite before the tests of the block it is called in, and closes it and all clients after. */
export function strangersOf(suite: Suite): Strangers {
  const clients: RawClient[] = [];
  before(() => suite.open());
  afterEach(() => {
    for (const client of clients.splice(0)) client.close();
  });
  after(() => suite.close());
  return {
    async open({ baseUrl }, from) {
      const client = await RawClient.open(baseUrl, from);
      clients.push(client);
      return client;
    },
    newcomer: (name) => envelope(sign(suite.exchange, operator, [admission(name, keyOf(name))])),
    async metric({ baseUrl }, name) {
      const text = await (await fetch(`${baseUrl}/metrics`)).text();
      const line = text.split('\n').find((one) => one.startsWith(`${name} `));
      return Number(line?.slice(name.length + 1) ?? 0);
    },
  };
}
