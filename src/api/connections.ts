import type { Socket } from 'node:net';
import { networkOf, type IsProxy } from './address.ts';
import type { ApiLimits } from './limits.ts';

type Bounds = Pick<ApiLimits, 'connectionsMax' | 'connectionsPerAddressMax'>;

export interface ConnectionsOptions {
  readonly limits: Bounds;
  readonly isProxy: IsProxy;
  /** Whether a request of it is in hand. */
  readonly isBusy: (socket: Socket) => boolean;
  /** Whether all that is in hand of it waits for the rest of a body. */
  readonly isHalfSent: (socket: Socket) => boolean;
}

export type Refusal = 'connections' | 'connections-of-address';

/**
 * The connections of one server. Where there are as many as may be, an idle one of the address that
 * has most gives way to an address that has fewer, else one whose body has not come: whoever takes all
 * places keeps none of them. What waits for its answer stays.
 */
export class Connections {
  readonly #options: ConnectionsOptions;
  readonly #byAddress = new Map<string, Set<Socket>>();
  #count = 0;

  constructor(options: ConnectionsOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#count;
  }

  /** Why it is not taken; else whom it made give way, who is to be ended by the caller. */
  admit(socket: Socket): { readonly refused: Refusal } | { readonly evicted: Socket | null } {
    const { limits, isProxy } = this.#options;
    const from = socket.remoteAddress ?? '';
    const address = networkOf(from);
    const own = this.#byAddress.get(address) ?? new Set<Socket>();
    if (own.size >= limits.connectionsPerAddressMax && !isProxy(from)) {
      return { refused: 'connections-of-address' };
    }
    const full = this.#count >= limits.connectionsMax;
    const evicted = full ? this.#leastOfLargest(own.size + 1) : null;
    if (full && !evicted) return { refused: 'connections' };
    if (evicted) this.#remove(evicted);
    own.add(socket);
    this.#byAddress.set(address, own);
    this.#count += 1;
    socket.once('close', () => this.#remove(socket, address));
    return { evicted };
  }

  /** Of each kind the one that has been there longest. */
  #leastOfLargest(moreThan: number): Socket | null {
    const { isProxy, isBusy, isHalfSent } = this.#options;
    let largest: ReadonlySet<Socket> = new Set();
    for (const sockets of this.#byAddress.values()) {
      const [first] = sockets;
      if (sockets.size > largest.size && !isProxy(first?.remoteAddress ?? '')) largest = sockets;
    }
    if (largest.size <= moreThan) return null;
    for (const socket of largest) if (!isBusy(socket)) return socket;
    for (const socket of largest) if (isHalfSent(socket)) return socket;
    return null;
  }

  #remove(socket: Socket, address = networkOf(socket.remoteAddress ?? '')): void {
    const own = this.#byAddress.get(address);
    if (own?.delete(socket) !== true) return;
    this.#count -= 1;
    if (own.size === 0) this.#byAddress.delete(address);
  }
}
