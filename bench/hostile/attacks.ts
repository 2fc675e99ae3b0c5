/** What strangers do to a node, as bytes over connections. None needs a key, and none is a secret. */
import type { Socket } from 'node:net';

export interface Line {
  readonly socket: Socket;
  /** Ends it from here. */
  readonly close: () => void;
  /** Acts later, if the connection and the attack still stand. */
  readonly after: (delayMs: number, act: () => void) => void;
}

/** One connection, and the one after it in its place. */
export interface Place {
  readonly act: (line: Line) => void;
  /** At least so long from one opening to the next. */
  readonly everyMs: number;
}

export interface Attack {
  readonly what: string;
  readonly connections: number;
  /** @param at which of the connections it is */
  place(at: number): Place;
}

const head = (line: string, headers: Readonly<Record<string, string | number>> = {}): string => {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${line} HTTP/1.1\r\nHost: node\r\n${lines.join('')}\r\n`;
};

const mebibyte = 1024 * 1024;
const batchBytes = 4 * mebibyte;
const unfinishedBatch = Buffer.alloc(batchBytes - 1);
const halfBody = Buffer.alloc(30_000);
const claims = Array.from({ length: 1_000 }, (_, at) => at);
const costlyBody = JSON.stringify({
  logIndexes: claims.slice(0, 200),
  keys: claims.map((at) => `registration/bench-0-${at}`),
});
const costlyProof =
  head('POST /v1/proofs', {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(costlyBody),
  }) + costlyBody;

/** Many requests at once on a connection whose answers nobody takes. */
const unread = head('GET /tile/entries/000').repeat(16);

const proofEveryMs = 100;

export const attacks = {
  'unread answers': {
    what: '64 connections ask for 16 tiles of entries each and read nothing; anew after 3 s',
    connections: 64,
    place: () => ({
      everyMs: 3_000,
      act({ socket, close, after }) {
        socket.pause();
        socket.write(unread);
        after(3_000, close);
      },
    }),
  },
  'unfinished batches': {
    what: '16 batches of 4 MiB but for the last byte; anew when refused, not within 1 s',
    connections: 16,
    place: () => ({
      everyMs: 1_000,
      act({ socket }) {
        socket.write(
          head('POST /v1/transactions:batch', {
            'Content-Type': 'application/cbor-seq',
            'Content-Length': batchBytes,
          }),
        );
        socket.write(unfinishedBatch);
      },
    }),
  },
  'half-sent bodies': {
    what: '1,000 bodies of 60,000 bytes of which half comes; anew when refused, not within 1 s',
    connections: 1_000,
    place: () => ({
      everyMs: 1_000,
      act({ socket }) {
        socket.write(
          head('POST /v1/transactions', {
            'Content-Type': 'application/cose',
            'Content-Length': 2 * halfBody.length,
          }),
        );
        socket.write(halfBody);
      },
    }),
  },
  'event streams': {
    what: '200 event streams from the beginning on, read; anew when refused, not within 1 s',
    connections: 200,
    place: () => ({
      everyMs: 1_000,
      act({ socket }) {
        socket.write(head('GET /v1/events/stream', { 'Last-Event-ID': 0 }));
      },
    }),
  },
  'costly proofs': {
    what: '4 connections ask for 200 leaves and 1,000 keys in one proof, every 100 ms each',
    connections: 4,
    place: () => ({
      everyMs: 1_000,
      act({ socket, after }) {
        const ask = (): void => {
          // Where nobody takes them, no more are asked for: the memory is that of the attack.
          if (socket.writableLength < mebibyte) socket.write(costlyProof);
          after(proofEveryMs, ask);
        };
        ask();
      },
    }),
  },
  'early closers': {
    what: '50 connections that ask, or HEAD a stream, or begin a body, and close after 20 ms',
    connections: 50,
    place: (at) => ({
      everyMs: 100,
      act({ socket, close, after }) {
        const first = [
          head('HEAD /v1/events/stream'),
          head('GET /v1/blocks'),
          head('GET /v1/events/stream'),
          head('POST /v1/transactions', {
            'Content-Type': 'application/cose',
            'Content-Length': 500,
          }),
          head('GET /healthz', { Cookie: 'x'.repeat(20_000) }),
        ][at % 5]!;
        socket.write(first);
        after(20, close);
      },
    }),
  },
} satisfies Record<string, Attack>;

export type AttackName = keyof typeof attacks;

export const attackNames = Object.keys(attacks) as AttackName[];
