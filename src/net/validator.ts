/** One validator's application: its database, its machine, ABCI for CometBFT, HTTP for callers. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import path from 'node:path';
import { OperationalError } from '../base/operational-error.ts';
import { Application } from '../chain/abci/application.ts';
import { dispatchTo } from '../chain/abci/dispatch.ts';
import { startAbciServer } from '../chain/abci/server.ts';
import { openSnapshotShelf } from '../chain/abci/snapshot-shelf.ts';
import { CometEngine } from '../chain/engine/comet.ts';
import { openCometRpc } from '../chain/engine/comet-rpc.ts';
import { CachedState } from '../chain/machine/cached-state.ts';
import { Machine } from '../chain/machine/machine.ts';
import { exchangeParts, registry } from '../chain/rooms.ts';
import { readGenesis } from '../node/make-genesis.ts';
import { loadVerificationKeys, proofVerifierOf } from '../node/verification-keys.ts';
import { openBlockStore } from '../store/block-store.ts';
import { openDataSource } from '../store/data-source.ts';
import { createStateSource } from '../store/state-source.ts';
import { rpcAddressOf, type NetPlan, type ValidatorPlan } from './plan.ts';

export interface ValidatorOptions {
  readonly plan: NetPlan;
  readonly own: ValidatorPlan;
  readonly databaseUrl: string;
  /** The application cannot go on; the process is to end. */
  readonly onFailure: (error: OperationalError) => void;
  readonly log: (line: string) => void;
}

/** Values of the state that are kept in memory; four validators share a machine here. */
const stateCacheBytesMax = 64 * 1024 * 1024;

/** Runs until its process ends; CometBFT may come and go meanwhile. */
export async function runValidator(options: ValidatorOptions): Promise<void> {
  const { plan, own, databaseUrl: url, log, onFailure } = options;
  const genesis = await readGenesis(plan.genesisFile);
  const keys = await loadVerificationKeys(genesis, true, path.join(own.dir, 'circuit-keys'));
  const verifyProof = proofVerifierOf(keys);
  const dataSource = await openDataSource(url, { poolMax: 4 });
  const store = await openBlockStore({ dataSource, url, lockWaitMs: 10_000 });
  const makeMachine = () =>
    new Machine(genesis, { ...exchangeParts, verifyProof }, new CachedState(stateCacheBytesMax));
  const snapshots = await openSnapshotShelf({
    dir: path.join(own.dir, 'snapshots'),
    interval: plan.snapshotInterval,
    makeMachine,
    log,
  });
  const { initialHeight } = plan;
  const application = await Application.open({
    makeMachine,
    store,
    source: createStateSource(dataSource),
    registry,
    initialHeight,
    onFailure,
    onRejected: (height, why) => log(`proposal of height ${height} rejected: ${why}`),
  });
  const engine = new CometEngine({
    application,
    rpc: openCometRpc(`http://${rpcAddressOf(own)}`),
    pendingMax: 20_000,
    pendingPerKeyMax: 2_000,
    submitTimeoutMs: 30_000,
  });
  await startAbciServer({
    socketPath: own.appSocket,
    handle: dispatchTo(application, snapshots),
    onFault: (error) => log(`abci: ${error.name}: ${error.message}`),
  });
  await listen(createServer(serve(engine)), own.httpPort);
  log(`ready at height ${engine.status().height}`);
}

/** POST /envelopes takes an envelope's bytes and gives its receipt; GET /status. */
const serve =
  (engine: CometEngine) =>
  (request: IncomingMessage, response: ServerResponse): void => {
    const reply = (status: number, body: object): void => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    answer(engine, request, reply).catch((error: unknown) => {
      const { code = 'FAILED', message } = error as { code?: string; message: string };
      reply(503, { ok: false, code, detail: message });
    });
  };

async function answer(
  engine: CometEngine,
  request: IncomingMessage,
  reply: (status: number, body: object) => void,
): Promise<void> {
  const { method, url = '' } = request;
  if (method === 'GET' && url === '/status') return reply(200, engine.status());
  if (method === 'GET' && url.startsWith('/keys/')) {
    return reply(200, { nextSequence: await engine.nextSequence(url.slice('/keys/'.length)) });
  }
  if (method !== 'POST' || url !== '/envelopes') return reply(404, { ok: false });
  const bytes = await readBody(request);
  if (!bytes) return reply(413, { ok: false, code: 'ENVELOPE_TOO_LARGE' });
  const outcome = await engine.submit(bytes);
  if (outcome.ok) return reply(200, { ok: true, receipt: outcome.value });
  const { status, name } = outcome.result;
  return reply(status, { ok: false, code: name, detail: outcome.detail });
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

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      const problem = `Cannot listen on port ${port} (${cause.message}).`;
      const remedy = 'Another program took it: run `dxl net init` anew.';
      reject(new OperationalError('NET_PORT', `${problem} ${remedy}`, { cause }));
    });
    server.listen(port, '127.0.0.1', resolve);
  });
}
