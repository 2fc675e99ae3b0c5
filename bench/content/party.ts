/**
 * One party's program, as a process of its own: reads its order from standard input, tells how far it is
 * by lines of JSON, and what came of it with the peak of its resident set.
 */
import { text } from 'node:stream/consumers';
import { fromHex, type Hex } from '../../src/base/bytes.ts';
import { ExchangeClient } from '../../src/client/exchange-client.ts';
import { partyFromSeeds } from '../../src/client/party.ts';
import { ProblemError } from '../../src/client/problem-error.ts';

export interface Order {
  readonly url: string;
  readonly organisationId: string;
  readonly seeds: { readonly signing: Hex; readonly sealing: Hex };
  readonly tradeId: string;
  /** What is sent, or where it goes. */
  readonly file: string;
  /** To whom it is sent; absent: it is received. */
  readonly recipient?: Hex;
  readonly delivery?: { readonly ciphertextDigest: Hex; readonly wrappedKeyDigest: Hex };
}

export interface Line {
  readonly doing?: string;
  readonly bytes?: number;
  readonly refused?: string;
  readonly result?: object;
  readonly peakMiB?: number;
}

const order = JSON.parse(await text(process.stdin)) as Order;
const { url, organisationId, seeds, tradeId, file, recipient, delivery } = order;
const party = partyFromSeeds(organisationId, {
  signing: fromHex(seeds.signing),
  sealing: fromHex(seeds.sealing),
});
const client = new ExchangeClient(url);
let saidMs = 0;

function say(line: Line): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function progress(doing: string, bytes = 0): void {
  if (performance.now() - saidMs < 50) return;
  saidMs = performance.now();
  say({ doing, bytes });
}

async function run(): Promise<object> {
  if (recipient !== undefined) {
    return client.sendDelivery(party, {
      ...{ tradeId, source: file, recipient, sealedFile: `${file}.sealed` },
      onProgress: (doing, { bytes }) => progress(doing, bytes),
    });
  }
  if (!delivery) throw new Error('neither a recipient nor a delivery is given');
  return client.receiveDelivery(party, {
    ...{ tradeId, delivery, target: file },
    onProgress: ({ bytes }) => progress('receive', bytes),
  });
}

try {
  const result = await run();
  say({ result, peakMiB: process.resourceUsage().maxRSS / 1_024 });
} catch (error) {
  if (!(error instanceof ProblemError)) throw error;
  say({ refused: error.problem.name });
}
