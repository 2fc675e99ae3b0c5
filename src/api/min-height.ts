import type { ResultCode } from '../base/result.ts';
import { Type } from '../base/schema.ts';
import type { ApiParts } from './parts.ts';
import { Problem } from './problem.ts';
import { positionMax } from './receipt.ts';
import { apiResults } from './results.ts';
import { withTimeout } from './wait.ts';

/** Query parameter of every read of the read model. */
export const heightQuery = {
  minHeight: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: positionMax,
      description: 'Wait until the answer shows this height: that of the receipt of a write',
    }),
  ),
};

export const heightProblems: readonly ResultCode[] = [apiResults.HEIGHT_NOT_REACHED];

/**
 * Resolves when the read model shows `minHeight`. Throws Problem HEIGHT_NOT_REACHED after the time
 * that `limits.heightWaitMs` allows.
 */
export async function waitForHeight(
  { projector, limits }: Pick<ApiParts, 'projector' | 'limits'>,
  minHeight: number | undefined,
): Promise<void> {
  if (minHeight === undefined) return;
  let stop = (): void => undefined;
  const reached = new Promise<void>((resolve, reject) => {
    stop = projector.onAdvance(({ height }) => {
      if (height >= minHeight) resolve();
    });
    // After subscribing, so that no advance falls between the look and the wait.
    projector.readCursor().then(({ height }) => {
      if (height >= minHeight) resolve();
    }, reject);
  });
  try {
    await withTimeout(reached, limits.heightWaitMs, () => {
      const waited = `waited ${limits.heightWaitMs} ms`;
      return new Problem(apiResults.HEIGHT_NOT_REACHED, `Height ${minHeight}; ${waited}.`);
    });
  } finally {
    stop();
  }
}
