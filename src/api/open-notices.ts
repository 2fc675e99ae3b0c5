import type { Logger } from 'pino';
import { makeNotices, tellDaily, type NoticeParts, type Notices } from './notices.ts';

export interface OpenNoticeParts extends NoticeParts {
  readonly log: Logger;
  /** Between two looks. */
  readonly everyMs?: number;
}

/** Looks at once and then now and then; one log line a day for each notice. */
export async function openNotices(
  { log, everyMs = 10_000, ...parts }: OpenNoticeParts,
  undo: (() => Promise<unknown>)[],
): Promise<Notices> {
  const notices = makeNotices(parts);
  const tell = tellDaily(
    ({ name, detail }) => log.warn({ notice: name, detail }, 'notice'),
    parts.now,
  );
  let ended = false;
  let timer: NodeJS.Timeout | undefined;
  const look = async (): Promise<void> => {
    try {
      tell(await notices.look());
    } catch (err) {
      log.warn({ err }, 'the state could not be read for notices');
    }
    if (!ended) timer = setTimeout(lookAgain, everyMs);
  };
  const lookAgain = (): void => {
    looking = look();
  };
  let looking = look();
  await looking;
  undo.push(async () => {
    ended = true;
    clearTimeout(timer);
    await looking;
  });
  return notices;
}
