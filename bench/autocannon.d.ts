/** What the benchmarks use of it: the package has no types of its own. */
declare module 'autocannon' {
  interface BuiltRequest {
    readonly body: Buffer;
  }
  interface Options {
    readonly url: string;
    readonly method: 'POST';
    readonly headers: Readonly<Record<string, string>>;
    readonly connections: number;
    /** Requests of all connections together. */
    readonly amount: number;
    /** Seconds that an answer may take. */
    readonly timeout: number;
    readonly requests: readonly {
      readonly setupRequest: (request: object) => BuiltRequest;
      readonly onResponse: (status: number, body: string) => void;
    }[];
  }
  interface Result {
    readonly errors: number;
    readonly timeouts: number;
    readonly '2xx': number;
    readonly non2xx: number;
    readonly statusCodeStats: Readonly<Record<string, unknown>>;
  }
  interface Instance extends PromiseLike<Result> {
    on(event: 'response', listener: () => void): void;
  }
  export default function autocannon(options: Options): Instance;
}
