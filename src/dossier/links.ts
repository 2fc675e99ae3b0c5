/** What the numbers of events say of whether a record is told whole (M-134). */
import { encodeCbor } from '../base/cbor.ts';
import { valueDigest } from '../base/linked-record.ts';
import type { Evidence, LoggedEvent } from './evidence.ts';
import { nameOf, reachOf, type RecordName } from './reach.ts';
import { isShared } from './rules/events.ts';

export interface Links {
  /** What is missing, or does not follow from the event before. */
  readonly problems: readonly string[];
  /** Records of which every event is here, by their numbers. */
  readonly whole: readonly RecordName[];
  /** Records that began before machine version 2: no number shows whether a step was left out. */
  readonly unnumbered: readonly RecordName[];
}

/** Of all reached records but shared ones, of which a dossier holds some events only. */
export function linksOf(
  evidence: Evidence,
  reached: ReadonlySet<RecordName> = reachOf(evidence),
): Links {
  const problems: string[] = [];
  const whole: RecordName[] = [];
  const unnumbered: RecordName[] = [];
  for (const [name, history] of evidence.histories) {
    const [first] = history;
    if (!first || !reached.has(name)) continue;
    if (isShared(first.leaf.kind, first.leaf.id)) {
      problems.push(...sharedFaults(history));
      continue;
    }
    problems.push(...faultsOf(history));
    if (first.link?.number === 1 && first.link.previous === null) whole.push(name);
    else if (first.link === null) unnumbered.push(name);
  }
  return { problems, whole, unnumbered };
}

function faultsOf(history: readonly LoggedEvent[]): string[] {
  return history.flatMap((event, at) => {
    const before = history[at - 1] ?? null;
    const { link } = event;
    if (link === null) {
      return before?.link ? [`${leafOf(event)} has no number, and the one before it has`] : [];
    }
    const wanted = (before?.link?.number ?? 0) + 1;
    if (link.number !== wanted) return [missing(event, wanted, link.number)];
    if (before === null && link.previous !== null) {
      return [`${nameOf(event)}: what came before its event 1 is not here`];
    }
    return isAfter(event, before) ? [] : [`${leafOf(event)} does not follow the event before it`];
  });
}

/** Of shared records the numbers rise, and where two follow each other the second names the first. */
const sharedFaults = (history: readonly LoggedEvent[]): string[] =>
  history.flatMap((event, at) => {
    const before = history[at - 1];
    if (!event.link || !before?.link) return [];
    const step = event.link.number - before.link.number;
    if (step < 1) return [`${leafOf(event)} has a number that does not rise`];
    return step > 1 || isAfter(event, before)
      ? []
      : [`${leafOf(event)} does not follow the event before it`];
  });

const isAfter = ({ link }: LoggedEvent, before: LoggedEvent | null): boolean =>
  link?.previous === (before && valueDigest(encodeCbor(before.leaf.record)));

function missing(event: LoggedEvent, wanted: number, found: number): string {
  if (found < wanted) return `${leafOf(event)} has number ${found} where ${wanted} belongs`;
  const gap = found - 1 === wanted ? `event ${wanted}` : `events ${wanted} to ${found - 1}`;
  return `${nameOf(event)}: ${gap} of it ${found - 1 === wanted ? 'is' : 'are'} not here`;
}

const leafOf = (event: LoggedEvent): string => `leaf ${event.logIndex} (${nameOf(event)})`;
