/** Content that this node lacks, from other nodes of the chain: each client speaks to one of them. */
import type { Request } from 'express';
import { Readable } from 'node:stream';
import type { Services } from './route.ts';

/** Marks a request that a node passed on: it is answered from the node's own store alone. */
const passedOnHeader = 'dxl-passed-on';

const peerTimeoutMs = 30_000;

/**
 * Asks each peer in turn with the client's own signed request, which each judges for itself: the
 * nonce is fresh there. `keep` must check what comes, as nothing here does; the first peer whose
 * bytes it keeps ends the search. Returns whether one did.
 */
export async function fetchFromPeers(
  { contentPeers = [], log }: Pick<Services, 'contentPeers' | 'log'>,
  request: Request,
  keep: (body: Readable) => Promise<unknown>,
): Promise<boolean> {
  if (request.headers[passedOnHeader] !== undefined) return false;
  const { signature = '', 'signature-input': input = '' } = request.headers;
  const headers = {
    signature: String(signature),
    'signature-input': String(input),
    [passedOnHeader]: '1',
  };
  for (const peer of contentPeers) {
    try {
      const answer = await fetch(new URL(request.path, peer), {
        headers,
        redirect: 'error',
        signal: AbortSignal.timeout(peerTimeoutMs),
      });
      if (answer.ok && answer.body) {
        await keep(Readable.fromWeb(answer.body));
        return true;
      }
      await answer.body?.cancel();
    } catch (error) {
      log.warn({ err: error, peer }, 'a peer gave no content');
    }
  }
  return false;
}
