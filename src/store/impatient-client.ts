import pg from 'pg';
import type { Duplex } from 'node:stream';

/** Of a database that is paused, unreachable or out of its mind: its own time limits do not hold. */
export class DatabaseSilent extends Error {
  override readonly name = 'DatabaseSilent';
}

/**
 * A client whose connection is given up where a statement is not answered within `msMax`. The
 * driver's own limit leaves the connection, still waiting, to the next user of the pool.
 */
export function impatientClient(msMax: number): typeof pg.Client {
  class ImpatientClient extends pg.Client {
    constructor(config?: string | pg.ClientConfig) {
      super(config);
      const ask = this.query.bind(this) as (...words: unknown[]) => unknown;
      this.query = ((...words: unknown[]): unknown => {
        const answer = ask(...words);
        if (!(answer instanceof Promise)) return answer;
        const timer = setTimeout(() => this.#giveUp(), msMax);
        return answer.finally(() => clearTimeout(timer));
      }) as typeof this.query;
    }

    #giveUp(): void {
      const { stream } = (this as unknown as { connection: { stream: Duplex } }).connection;
      stream.destroy(new DatabaseSilent(`no answer for ${msMax} ms`));
    }
  }
  return ImpatientClient;
}
