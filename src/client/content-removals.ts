import type { Hex } from '../base/bytes.ts';
import { signedHeaders, type RequestSigner } from './request-signature.ts';
import { readJson, type Transport } from './transport.ts';

/** Content that is due to be removed, or that was; times are block times, in ms. */
export interface ContentNotice {
  readonly digest: Hex;
  readonly bytes: number;
  /** `kind/id` whose deadline it was; null where no record needed it. */
  readonly record: string | null;
  /** Which deadline, in words. */
  readonly deadline: string;
  readonly neededUntilMs: number;
  readonly noticedAtMs: number;
  /** It is removed no earlier. */
  readonly dueAtMs: number;
  /** null: it can be fetched still. */
  readonly removedAtMs: number | null;
}

/**
 * What of its content the signer’s organisation is told of, in order of the notices, page by page.
 * Throws ProblemError for refusals, or as Transport.send.
 */
export async function* listContentRemovals(
  transport: Transport,
  signer: RequestSigner,
): AsyncGenerator<ContentNotice, void, undefined> {
  for (let next: string | null | undefined = undefined; next !== null;) {
    const response: Response = await transport.send({
      method: 'GET',
      path: '/v1/content-removals',
      query: { after: next },
      headers: (url) => signedHeaders(signer, { method: 'GET', url }),
    });
    const page = (await readJson(response)) as {
      readonly data: readonly ContentNotice[];
      readonly next: string | null;
    };
    yield* page.data;
    next = page.next;
  }
}
