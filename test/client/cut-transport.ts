import { Transport, type RequestParts } from '../../src/client/transport.ts';

/** Ends the run at the n-th request of a method, as if the program were killed there. */
export class CutTransport extends Transport {
  left: number;
  readonly method: string;
  /** Every request, as `METHOD path`. */
  readonly seen: string[] = [];

  constructor(url: string, method: string, left: number) {
    super(url);
    this.method = method;
    this.left = left;
  }

  override send(parts: RequestParts): Promise<Response> {
    this.seen.push(`${parts.method} ${parts.path}`);
    if (parts.method === this.method && (this.left -= 1) < 0) {
      // A failure of the connection is tried again: the program's end is no such.
      return Promise.reject(new Error('the program was ended'));
    }
    return super.send(parts);
  }
}
