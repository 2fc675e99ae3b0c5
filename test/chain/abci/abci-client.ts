/** CometBFT's side of an ABCI connection, as a test speaks it. */
import { connect, type Socket } from 'node:net';
import { BinaryWriter } from 'cosmjs-types/binary';
import {
  Request,
  Response,
  type RequestFinalizeBlock,
  type RequestInitChain,
} from 'cosmjs-types/tendermint/abci/types';
import { utf8 } from '../../../src/base/bytes.ts';
import { appStateOf } from '../../../src/chain/abci/app-state.ts';
import { encodeFrame, FrameReader } from '../../../src/chain/abci/frame.ts';
import type { Genesis } from '../../../src/chain/machine/genesis.ts';

export class AbciClient {
  readonly socket: Socket;
  readonly #waiting: ((response: Response | null) => void)[] = [];
  readonly #reader = new FrameReader();
  /** Every response, in the order of arrival. */
  readonly received: Response[] = [];
  closed = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk) => {
      for (const message of this.#reader.push(chunk)) {
        const response = Response.decode(message);
        this.received.push(response);
        this.#waiting.shift()?.(response);
      }
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.closed = true;
      for (const settle of this.#waiting.splice(0)) settle(null);
    });
  }

  static open(path: string): Promise<AbciClient> {
    return new Promise((resolve, reject) => {
      const socket = connect(path, () => resolve(new AbciClient(socket)));
      socket.once('error', reject);
    });
  }

  /** null where the connection ended instead. */
  ask(request: Request): Promise<Response | null> {
    if (this.closed) return Promise.resolve(null);
    this.socket.write(encodeFrame(Request.encode(request).finish()));
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** What comes back for raw bytes, or null where the connection ends first. */
  raw(bytes: Uint8Array): Promise<Response | null> {
    this.socket.write(bytes);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  close(): void {
    this.socket.destroy();
  }
}

export const requestBytes = (request: Request): Uint8Array =>
  Request.encode(request, BinaryWriter.create()).finish();

export const timeOf = (ms: number) => ({
  seconds: BigInt(Math.floor(ms / 1_000)),
  nanos: (ms % 1_000) * 1_000_000,
});

export const initChainOf = (
  genesis: Genesis,
  changed: Partial<RequestInitChain> = {},
): RequestInitChain => ({
  time: timeOf(genesis.timeMs),
  chainId: genesis.chainId,
  validators: [],
  appStateBytes: utf8(JSON.stringify(appStateOf(genesis))),
  initialHeight: 1n,
  ...changed,
});

/** A decided block, with the same facts of CometBFT's for the same height. */
export const decidedBlock = (
  height: number,
  timeMs: number,
  txs: Uint8Array[] = [],
): RequestFinalizeBlock => ({
  txs,
  decidedLastCommit: { round: 0, votes: [] },
  misbehavior: [],
  hash: new Uint8Array(32).fill(height),
  height: BigInt(height),
  time: timeOf(timeMs),
  nextValidatorsHash: new Uint8Array(32).fill(0xaa),
  proposerAddress: new Uint8Array(20).fill(0xbb),
});
