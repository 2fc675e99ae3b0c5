/**
 * A validator whose application lies: it stands between CometBFT and a sound application, and
 * changes what that one answers. CometBFT itself is as it is, so that nothing but the other
 * validators' applications stands in its way.
 */
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import {
  Request,
  Response,
  ResponseProcessProposal_ProposalStatus as Status,
} from 'cosmjs-types/tendermint/abci/types';
import { encodeFrame, FrameReader } from '../../../src/chain/abci/frame.ts';

export interface Lies {
  /** What to propose instead; null: nothing else. */
  readonly propose: (height: number, txs: readonly Uint8Array[]) => readonly Uint8Array[] | null;
  /** True where FinalizeBlock is to answer another app hash. */
  readonly denyHash: (height: number) => boolean;
}

export interface Liar {
  readonly socketPath: string;
  close(): Promise<void>;
}

/** Listens on `socketPath`; the sound application listens on `upstream`. */
export async function startLiar(socketPath: string, upstream: string, lies: Lies): Promise<Liar> {
  const sockets = new Set<Socket>();
  const server = createServer((comet) => {
    const app = createConnection(upstream);
    for (const socket of [comet, app]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        comet.destroy();
        app.destroy();
        sockets.delete(socket);
      });
    }
    relay(comet, app, lies);
  });
  await listen(server, socketPath);
  return {
    socketPath,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

const listen = (server: Server, socketPath: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(socketPath, resolve);
  });

/** One of CometBFT's connections; its answers come in the order of its requests. */
function relay(comet: Socket, app: Socket, lies: Lies): void {
  const asked: Request[] = [];
  const requests = new FrameReader();
  const responses = new FrameReader();
  comet.on('data', (chunk: Buffer) => {
    for (const message of requests.push(chunk)) asked.push(Request.decode(message));
    app.write(chunk);
  });
  app.on('data', (chunk: Buffer) => {
    for (const message of responses.push(chunk)) {
      const request = asked.shift();
      const lie = request && lieAbout(request, Response.decode(message), lies);
      comet.write(encodeFrame(lie ? Response.encode(lie).finish() : message));
    }
  });
}

function lieAbout(request: Request, response: Response, lies: Lies): Response | null {
  const { prepareProposal, finalizeBlock } = request;
  if (prepareProposal && response.prepareProposal) {
    const height = Number(prepareProposal.height);
    const txs = lies.propose(height, response.prepareProposal.txs);
    return txs && { prepareProposal: { txs: [...txs] } };
  }
  // It votes for whatever is proposed, and so for its own.
  if (response.processProposal) return { processProposal: { status: Status.ACCEPT } };
  if (finalizeBlock && response.finalizeBlock && lies.denyHash(Number(finalizeBlock.height))) {
    return { finalizeBlock: { ...response.finalizeBlock, appHash: new Uint8Array(32).fill(0xee) } };
  }
  return null;
}
