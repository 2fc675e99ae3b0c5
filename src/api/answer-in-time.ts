import type { Response } from 'express';
import { Problem } from './problem.ts';
import { apiResults } from './results.ts';
import type { Reply, Route, Services } from './route.ts';

/**
 * The handler’s reply, or Problem ANSWER_TIMEOUT where it has not begun its answer within
 * `answerMsMax`. Nothing can end the handler itself: it goes on without the bytes and the place of its
 * request, and what it brings in the end is let go. One that reads its body as it comes has the
 * body’s own bounds.
 */
export async function answerInTime(
  route: Route,
  { limits }: Pick<Services, 'limits'>,
  response: Response,
  handled: Promise<Reply>,
): Promise<Reply> {
  if (route.body?.stream !== undefined) return handled;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      // A stream of events is an answer that has begun.
      if (response.headersSent) return;
      reject(timeoutOf(route, limits.answerMsMax));
      letGo(handled);
    }, limits.answerMsMax);
  });
  try {
    return await Promise.race([handled, late]);
  } finally {
    clearTimeout(timer);
  }
}

function letGo(handled: Promise<Reply>): void {
  handled.then(
    (reply) => {
      if (reply !== 'written' && 'stream' in reply) reply.stream.destroy();
    },
    () => undefined,
  );
}

/** What was handed on for a block may come to stand in one. */
function timeoutOf({ problems }: Route, answerMsMax: number): Problem {
  const submits = problems.includes(apiResults.RECEIPT_NOT_READY);
  return new Problem(apiResults.ANSWER_TIMEOUT, `${answerMsMax} ms have passed.`, {
    headers: { 'Retry-After': '5' },
    ...(submits ? { mayStandInABlock: true } : {}),
  });
}
