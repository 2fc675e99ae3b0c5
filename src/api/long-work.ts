import { Problem } from './problem.ts';
import { apiResults } from './results.ts';
import { ThreadShare } from './thread-share.ts';
import { Turns } from './turns.ts';

/** Up to so many claims a file is a small one: about as much work as a plain read. */
const smallClaims = 32;

/** A body that asks for a small file has no more bytes than this. */
const smallBodyBytes = 2_048;

/**
 * Long work, of which a stranger can ask for any amount: the making of proof files, and reading the
 * entries of tiles. All of it together has a share of the thread. Large proof files are made one at a time,
 * addresses in turns, and few of one address may wait; small ones never wait behind large ones, be they
 * of the same address.
 */
export class LongWork {
  readonly share: ThreadShare;
  readonly #large = new Turns({ atOnce: 1, perAddressMax: 4, allMax: 64 });
  // A small one may wait for the block that is being written: that costs nothing.
  readonly #small = new Turns({ atOnce: 16, perAddressMax: 64, allMax: 512 });

  readonly #pages = new Turns({ atOnce: 1, perAddressMax: 64, allMax: 512 });

  constructor(msPerSecond: number) {
    this.share = new ThreadShare(msPerSecond);
  }

  /** Throws Problem RATE_LIMITED where so much waits already that this is not to wait too. */
  run<Value>(address: string, claims: number, work: () => Promise<Value>): Promise<Value> {
    return this.#turnsOf(claims).run(address, work, tooMany);
  }

  /** What is left of it, after a wait for which no turn was kept. */
  goOn<Value>(address: string, claims: number, work: () => Promise<Value>): Promise<Value> {
    return this.#turnsOf(claims).goOn(address, work);
  }

  #turnsOf(claims: number): Turns {
    return claims > smallClaims ? this.#large : this.#small;
  }

  /** A page of entries; one query at a time. Throws Problem RATE_LIMITED as above. */
  read<Value>(address: string, page: () => Promise<Value>): Promise<Value> {
    return this.#pages.run(address, () => this.share.run(page), tooMany);
  }

  /**
   * Before a body is read: throws Problem RATE_LIMITED where it asks for more than a small file, and
   * would be refused when it is read.
   * @param bytes that it is said to have
   */
  admit(address: string, bytes: number): void {
    if (bytes > smallBodyBytes && this.#large.isFullFor(address)) throw tooMany();
  }
}

const tooMany = (): Problem =>
  new Problem(
    apiResults.RATE_LIMITED,
    'Too many proofs and tiles wait to be made, most of this address.',
    {
      headers: { 'Retry-After': '2', Connection: 'close' },
    },
  );
