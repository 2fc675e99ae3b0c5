/**
 * One validator of a network for trying out: the whole node beside a CometBFT that `dxl net` starts,
 * and two short cuts past the API for programs that disturb and measure the network.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Engine } from '../chain/engine/engine.ts';
import type { Config } from '../config.ts';
import { openExchange, type Exchange } from '../main.ts';
import type { NetPlan, ValidatorPlan } from './plan.ts';

export interface ValidatorOptions {
  readonly plan: NetPlan;
  readonly own: ValidatorPlan;
  readonly databaseUrl: string;
  /** What the environment sets, for all that the plan does not. */
  readonly config: Config;
  readonly version: string;
}

/** Throws what opening an exchange throws. */
export function openValidator(options: ValidatorOptions): Promise<Exchange> {
  const { plan, own, databaseUrl, config, version } = options;
  const peers = plan.validators.filter(({ name }) => name !== own.name);
  return openExchange(
    {
      ...config,
      ...{ engine: 'comet', cometHome: own.cometHome, cometAttach: true },
      ...{ dataDir: own.dir, databaseUrl, genesisPath: plan.genesisFile },
      ...{ host: '127.0.0.1', port: own.httpPort },
      // Who tries a network out and who measures it are at one address.
      requestsPerMinute: 10_000_000,
      limits: new Map([...manyOfOneAddress, ...config.limits]),
      snapshotInterval: plan.snapshotInterval,
      contentPeers: peers.map(({ httpPort }) => `http://127.0.0.1:${httpPort}`),
    },
    { version, around: withShortCuts },
  );
}

const manyOfOneAddress = new Map([
  ['connectionsMax', 5_000],
  ['connectionsPerAddressMax', 5_000],
  ['requestsPerAddressMax', 50_000],
]);

/** POST /envelopes takes an envelope's bytes and gives its receipt; GET /status, GET /keys/…. */
const withShortCuts = (engine: Engine, api: RequestListener): RequestListener => {
  const paths = /^\/(envelopes|status|keys\/[0-9a-f]+)$/;
  return (request, response) => {
    if (!paths.test(request.url ?? '')) {
      api(request, response);
      return;
    }
    answer(engine, request, response).catch((error: unknown) => {
      const { code = 'FAILED', message } = error as { code?: string; message: string };
      reply(response, 503, { ok: false, code, detail: message });
    });
  };
};

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

async function answer(
  engine: Engine,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method, url = '' } = request;
  if (method === 'GET' && url === '/status') return reply(response, 200, engine.status());
  if (method === 'GET' && url.startsWith('/keys/')) {
    const nextSequence = await engine.nextSequence(url.slice('/keys/'.length));
    return reply(response, 200, { nextSequence });
  }
  if (method !== 'POST' || url !== '/envelopes') return reply(response, 404, { ok: false });
  const bytes = await readBody(request);
  if (!bytes) return reply(response, 413, { ok: false, code: 'ENVELOPE_TOO_LARGE' });
  const outcome = await engine.submit(bytes);
  if (outcome.ok) return reply(response, 200, { ok: true, receipt: outcome.value });
  const { status, name } = outcome.result;
  return reply(response, status, { ok: false, code: name, detail: outcome.detail });
}

/** Above the largest envelope that any genesis may allow. */
const bodyBytesMax = 4 * 1024 * 1024 + 1;

async function readBody(request: IncomingMessage): Promise<Uint8Array | null> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > bodyBytesMax) return null;
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts));
}
