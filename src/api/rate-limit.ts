import type { Request, RequestHandler, Response } from 'express';
import { performance } from 'node:perf_hooks';
import { clientNetwork } from './address.ts';
import type { ApiLimits } from './limits.ts';
import { Problem } from './problem.ts';
import { RateBuckets, type Taken } from './rate-bucket.ts';
import { apiResults } from './results.ts';

export interface RateLimiter {
  /** Counts each request as one, and those in hand; those of health in a bucket of their own. */
  readonly handler: RequestHandler;
  /**
   * Counts `units` more for a request that does the work of several, all or none: what is over the
   * limit uses up nothing. Throws Problem RATE_LIMITED.
   */
  charge(request: Request, response: Response, units: number): void;
}

/** What watches a node is answered also where its neighbours have used up their requests. */
const healthPaths = new Set(['/healthz', '/readyz', '/metrics']);

type Limits = Pick<
  ApiLimits,
  'requestsPerMinute' | 'healthRequestsPerMinute' | 'requestsPerAddressMax'
>;

/** Requests of one network address in a minute, and what they cost beyond the first unit. */
export function makeRateLimiter(limits: Limits): RateLimiter {
  const { requestsPerMinute, healthRequestsPerMinute, requestsPerAddressMax } = limits;
  const nowMs = () => performance.now();
  const buckets = new RateBuckets(requestsPerMinute, nowMs);
  const healthBuckets = new RateBuckets(healthRequestsPerMinute, nowMs);
  const inHand = new Map<string, number>();
  return {
    handler(request, response, next) {
      const address = clientNetwork(request);
      const health = healthPaths.has(request.path);
      const limit = health ? healthRequestsPerMinute : requestsPerMinute;
      const taken = (health ? healthBuckets : buckets).take(address, 1);
      response.setHeader('RateLimit-Policy', `${limit};w=60`);
      showLeft(response, limit, taken);
      if (!taken.taken) throw over(taken, `${limit} requests or envelopes a minute.`);
      const count = (inHand.get(address) ?? 0) + 1;
      if (count > requestsPerAddressMax) {
        const detail = `${requestsPerAddressMax} requests of this address are not answered yet.`;
        throw over({ ...taken, waitSeconds: 1 }, detail);
      }
      inHand.set(address, count);
      response.once('close', () => {
        const left = (inHand.get(address) ?? 0) - 1;
        if (left > 0) inHand.set(address, left);
        else inHand.delete(address);
      });
      next();
    },
    charge(request, response, units) {
      if (units <= 0) return;
      const taken = buckets.take(clientNetwork(request), units);
      showLeft(response, requestsPerMinute, taken);
      if (taken.taken) return;
      throw over(
        taken,
        `${requestsPerMinute} requests or envelopes a minute; this one counts as ${units + 1}, and ` +
          `${taken.remaining + 1} are left.`,
      );
    },
  };
}

function showLeft(response: Response, limit: number, { remaining, resetSeconds }: Taken): void {
  if (response.headersSent) return;
  const left = `limit=${limit}, remaining=${remaining}, reset=${resetSeconds}`;
  response.setHeader('RateLimit', left);
}

const over = ({ waitSeconds }: Pick<Taken, 'waitSeconds'>, detail: string): Problem =>
  new Problem(apiResults.RATE_LIMITED, detail, {
    headers: { 'Retry-After': String(waitSeconds) },
  });
