import type { Request, RequestHandler, Response } from 'express';
import { MemoryStore, rateLimit, type RateLimitInfo } from 'express-rate-limit';
import { assert } from '../base/assert.ts';
import { Problem } from './problem.ts';
import { apiResults } from './results.ts';

const windowMs = 60_000;

export interface RateLimiter {
  /** Counts each request as one. */
  readonly handler: RequestHandler;
  /**
   * Counts `units` more for a request that does the work of several, all or none: what is over the
   * limit uses up nothing. Throws Problem RATE_LIMITED.
   */
  charge(request: Request, response: Response, units: number): Promise<void>;
}

/** Requests of one network address in a minute, and envelopes beyond the first of a request. */
export function makeRateLimiter(limit: number): RateLimiter {
  const store = new MemoryStore();
  const handler = rateLimit({
    windowMs,
    limit,
    standardHeaders: 'draft-7',
    legacyHeaders: false,
    store,
    handler: (_request, _response, next) => {
      next(new Problem(apiResults.RATE_LIMITED, `${limit} requests or envelopes a minute.`));
    },
  });
  return {
    handler,
    async charge(request, response, units) {
      if (units === 0) return;
      const { rateLimit: info } = request as Request & { rateLimit?: RateLimitInfo };
      assert(info, 'the limiter has seen the request');
      // The store is in memory: nothing else runs between these, so none is counted in vain.
      const counts = Array.from({ length: units }, () => store.increment(info.key));
      const { totalHits, resetTime } = (await Promise.all(counts)).at(-1) ?? { totalHits: 0 };
      const resetMs = (resetTime?.getTime() ?? Date.now() + windowMs) - Date.now();
      const resetSeconds = Math.max(1, Math.ceil(resetMs / 1_000));
      if (totalHits <= limit) {
        const left = `remaining=${limit - totalHits}, reset=${resetSeconds}`;
        response.setHeader('RateLimit', `limit=${limit}, ${left}`);
        return;
      }
      await Promise.all(Array.from({ length: units }, () => store.decrement(info.key)));
      throw new Problem(
        apiResults.RATE_LIMITED,
        `${limit} requests or envelopes a minute; this one has ${units + 1} and ` +
          `${Math.max(0, limit - (totalHits - units))} more may come until then.`,
        { headers: { 'Retry-After': String(resetSeconds) } },
      );
    },
  };
}
