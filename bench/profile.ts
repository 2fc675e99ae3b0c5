import { Session } from 'node:inspector/promises';
import { round } from './harness.ts';

/** Runs `work` under V8's sampling profiler: where this thread was, in hundredths, most first. */
export async function profileOf(work: () => Promise<unknown>): Promise<Record<string, number>> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.start');
  await work();
  const { profile } = await session.post('Profiler.stop');
  session.disconnect();
  const names = new Map(
    profile.nodes.map(({ id, callFrame: { functionName, url } }) => {
      const file = url.split('/').slice(-2).join('/');
      return [id, `${functionName || 'anonymous'}${file === '' ? '' : ` ${file}`}`];
    }),
  );
  const spent = new Map<string, number>();
  let total = 0;
  for (const [index, id] of (profile.samples ?? []).entries()) {
    const name = names.get(id) ?? 'unknown';
    const micros = profile.timeDeltas?.[index] ?? 0;
    spent.set(name, (spent.get(name) ?? 0) + micros);
    total += micros;
  }
  const most = [...spent].sort(([, left], [, right]) => right - left).slice(0, 25);
  return Object.fromEntries(most.map(([name, micros]) => [name, round((100 * micros) / total, 1)]));
}
