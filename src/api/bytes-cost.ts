import type { ApiLimits } from './limits.ts';

/** Of content that are read, checked and sent for one unit of the rate limit. */
const bytesPerUnit = 64 * 1024;

/** What bytes cost beyond the request itself. A minute’s worth at most: the longest is for somebody, too. */
export const bytesCost = (bytes: number, { requestsPerMinute }: ApiLimits): number =>
  Math.min(Math.floor(bytes / bytesPerUnit), requestsPerMinute - 1);
