/**
 * The strangers, a process of its own. What they send depends on the clock and on closed connections
 * alone, never on an answer: aimed at the sink they do the same work. Loopback only, bounded in
 * connections, in how often each is opened again, and in time.
 */
import { connect, type Socket } from 'node:net';
import { serveJobs } from '../http/serve-jobs.ts';
import { attacks, type AttackName, type Place } from './attacks.ts';

export interface AttackJob {
  readonly url: string;
  readonly names: readonly AttackName[];
  /** Each attack is made from so many network addresses, with its connections shared among them. */
  readonly strangers: number;
  readonly ms: number;
}

export interface Attacked {
  readonly connections: number;
  /** That the other side ended, or never took. */
  readonly ended: number;
  readonly sentBytes: number;
  readonly receivedBytes: number;
}

type Counts = { -readonly [Name in keyof Attacked]: number };

async function attack({ url, names, strangers, ms }: AttackJob): Promise<Attacked> {
  const { hostname, port } = new URL(url);
  if (hostname !== '127.0.0.1') throw new Error(`${hostname} is not this machine.`);
  const counts: Counts = { connections: 0, ended: 0, sentBytes: 0, receivedBytes: 0 };
  const open = new Set<Socket>();
  const timers = new Set<NodeJS.Timeout>();
  let over = false;
  const after = (delayMs: number, act: () => void): void => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      if (!over) act();
    }, delayMs);
    timers.add(timer);
  };
  const keep = (place: Place, localAddress: string): void => {
    const openedMs = performance.now();
    const socket = connect({ host: hostname, port: Number(port), localAddress });
    open.add(socket);
    counts.connections += 1;
    let ours = false;
    const close = (): void => {
      ours = true;
      socket.destroy();
    };
    socket.on('data', (bytes) => (counts.receivedBytes += bytes.length));
    socket.on('error', () => undefined);
    socket.once('close', () => {
      open.delete(socket);
      counts.sentBytes += socket.bytesWritten;
      if (!ours && !over) counts.ended += 1;
      const spentMs = performance.now() - openedMs;
      if (!over) after(Math.max(10, place.everyMs - spentMs), () => keep(place, localAddress));
    });
    const whileOpen = (delayMs: number, act: () => void): void =>
      after(delayMs, () => {
        if (!socket.destroyed) act();
      });
    socket.once('connect', () => place.act({ socket, close, after: whileOpen }));
  };
  for (const [at, name] of names.entries()) {
    const { connections, place } = attacks[name];
    for (let count = 0; count < connections; count += 1) {
      const address = `127.0.${2 + at}.${1 + (count % strangers)}`;
      // One after another, within half a second.
      after((500 * count) / connections, () => keep(place(count), address));
    }
  }
  await new Promise((resolve) => setTimeout(resolve, ms));
  over = true;
  for (const timer of timers) clearTimeout(timer);
  const closed = [...open].map((one) => new Promise((resolve) => one.once('close', resolve)));
  for (const socket of open) socket.destroy();
  await Promise.all(closed);
  return counts;
}

serveJobs(attack);
