import { Agent, request } from 'node:http';
import { OperationalError } from '../../base/operational-error.ts';

/** CometBFT's JSON-RPC on loopback. */
export interface CometRpc {
  /** Puts an envelope into the mempool after CheckTx. Throws CometRpcError, or COMET_DOWN. */
  broadcast(envelope: Uint8Array): Promise<BroadcastResult>;
  /** Calls any method. Throws CometRpcError where CometBFT refuses, COMET_DOWN where it is silent. */
  call<Result>(method: string, params?: Record<string, unknown>): Promise<Result>;
  close(): void;
}

export interface BroadcastResult {
  readonly code: number;
  readonly log: string;
}

/** CometBFT answered, and refused. */
export class CometRpcError extends Error {
  override readonly name = 'CometRpcError';
}

const timeoutMs = 10_000;
const answerBytesMax = 64 * 1024 * 1024;

export function openCometRpc(url: string): CometRpc {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const call = async <Result>(method: string, params: Record<string, unknown> = {}) => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
    const text = await post(agent, url, body);
    const answer = parse(text, url) as RpcAnswer<Result>;
    if (answer.result !== undefined) return answer.result;
    const { message, data } = answer.error ?? { message: 'no result' };
    throw new CometRpcError(data ? `${message}: ${data}` : message);
  };
  return {
    call,
    broadcast: (envelope) =>
      call('broadcast_tx_sync', { tx: Buffer.from(envelope).toString('base64') }),
    close: () => agent.destroy(),
  };
}

interface RpcAnswer<Result> {
  readonly result?: Result;
  readonly error?: { readonly message: string; readonly data?: string };
}

function parse(text: string, url: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw down(url, 'its answer is not JSON', cause);
  }
}

function post(agent: Agent, url: string, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (cause: Error) => reject(down(url, cause.message, cause));
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    };
    const sent = request(url, { agent, method: 'POST', headers, timeout: timeoutMs }, (answer) => {
      const parts: Buffer[] = [];
      let size = 0;
      answer.on('data', (part: Buffer) => {
        size += part.length;
        if (size > answerBytesMax) sent.destroy(new Error('its answer is too large'));
        else parts.push(part);
      });
      answer.on('error', fail);
      answer.on('end', () => resolve(Buffer.concat(parts).toString()));
    });
    sent.on('timeout', () => sent.destroy(new Error(`no answer in ${timeoutMs} ms`)));
    sent.on('error', fail);
    sent.end(body);
  });
}

const down = (url: string, why: string, cause?: unknown): OperationalError =>
  new OperationalError(
    'COMET_DOWN',
    `CometBFT does not answer at ${url} (${why}). Start it beside this node; what was sent may ` +
      'or may not come into a block: send the same envelope again, it is applied once at most.',
    { cause },
  );
