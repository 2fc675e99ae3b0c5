/** What a node's operator is to do in time, long before anything fails: told in /readyz and in the log. */
import { dateOfDay, dayMs, dayNumber, lastKnownDay } from '../base/calendar.ts';
import { machineVersionMax, sinceMachineVersion } from '../base/machine-version.ts';
import type { RulePack } from '../base/rules.ts';
import type { Engine } from '../chain/engine/engine.ts';
import {
  machineVersionRecord,
  noNoticeId,
  noNoticeRecord,
  rulesId,
  rulesVersionRecord,
  versionId,
} from '../governance/state.ts';

/** The node serves with it: it is no failing check. */
export interface Notice {
  /** In lower-case letters and hyphens, and stable. */
  readonly name: string;
  /** What is to come and what to do, in a few sentences. */
  readonly detail: string;
}

export interface Notices {
  /** Reads the state anew; rejects where it cannot be had. */
  look(): Promise<readonly Notice[]>;
  /** What was found last. */
  newest(): readonly Notice[];
}

export interface NoticeParts {
  readonly engine: Pick<Engine, 'status' | 'readRecord'>;
  readonly genesis: { readonly version: number; readonly rules: RulePack };
  /** Of this machine's clock: a chain that nobody uses has no newer block. */
  readonly now: () => number;
  /** The highest machine version that the program knows. */
  readonly known?: number;
}

/** From how many days before the calendar's last one on its end is told. */
const daysAhead = 90;

interface DecidedRules {
  readonly fromHeight: number;
  readonly pack: RulePack;
}

export function makeNotices(parts: NoticeParts): Notices {
  /** What is decided stays so: only what comes after it is read again. */
  const decided: DecidedRules[] = [];
  let newest: readonly Notice[] = [];
  return {
    async look() {
      for (;;) {
        // Genesis has the first.
        const id = rulesId(decided.length + 2);
        const next = await parts.engine.readRecord(rulesVersionRecord, id);
        if (!next) break;
        decided.push(next);
      }
      const found = [await calendarNotice(parts, decided), await versionNotice(parts)];
      return (newest = found.filter((notice) => notice !== null));
    },
    newest: () => newest,
  };
}

async function calendarNotice(
  parts: NoticeParts,
  decided: readonly DecidedRules[],
): Promise<Notice | null> {
  const next = parts.engine.status().height + 1;
  const inForce = decided.findLast(({ fromHeight }) => fromHeight <= next);
  const { calendar } = inForce?.pack ?? parts.genesis.rules;
  const last = lastKnownDay(calendar);
  const left = last - dayNumber(parts.now(), calendar);
  if (left > daysAhead) return null;
  const later = decided.find(({ pack }) => lastKnownDay(pack.calendar) > last);
  const what = later
    ? `A calendar that knows days to ${later.pack.calendar.to} is decided and holds from block ` +
      `${later.fromHeight} on.`
    : await calendarRemedy(parts, dateOfDay(last + 1).year);
  const when = left < 0 ? 'which is past' : `days left: ${left}`;
  return {
    name: 'calendar',
    detail: `The calendar in force, ${calendar.version}, knows days to ${calendar.to} (${when}). ${what}`,
  };
}

async function calendarRemedy(parts: NoticeParts, year: number): Promise<string> {
  const { engine } = parts;
  const first = (await holdsVersion(parts, sinceMachineVersion.rulesDecided))
    ? ''
    : `Raise the machine version to ${sinceMachineVersion.rulesDecided} first (governance.propose). `;
  const confirmed = await engine.readRecord(noNoticeRecord, noNoticeId(year));
  const otherwise = confirmed
    ? `It is confirmed that none comes for ${year}; where one does after all, it still counts.`
    : 'Where none comes, say so by governance.confirm-no-notice.';
  return (
    `${first}When the notice on the working days of ${year} is there, propose it by ` +
    `governance.propose-calendar-year. ${otherwise}`
  );
}

/** Whether the next block is executed by this version or a later one. */
async function holdsVersion({ engine, genesis }: NoticeParts, version: number): Promise<boolean> {
  if (genesis.version >= version) return true;
  const step = await engine.readRecord(machineVersionRecord, versionId(version));
  return step !== null && step.fromHeight <= engine.status().height + 1;
}

async function versionNotice({
  engine,
  known = machineVersionMax,
}: NoticeParts): Promise<Notice | null> {
  const step = await engine.readRecord(machineVersionRecord, versionId(known + 1));
  if (!step) return null;
  const left = Math.max(0, step.fromHeight - 1 - engine.status().height);
  return {
    name: 'machine-version',
    detail:
      `Machine version ${step.version} is decided and holds from block ${step.fromHeight} on; this program ` +
      `knows versions 1 to ${known}. Blocks that it can still execute: ${left}. Install the newer release ` +
      '(CHANGELOG.md names the version) before that and start it on the same data folder; else the node ' +
      'ends there with MACHINE_VERSION_UNKNOWN.',
  };
}

/** Says each notice once a day, and a new one at once. Returns what to call after each look. */
export function tellDaily(
  tell: (notice: Notice) => void,
  now: () => number,
): (notices: readonly Notice[]) => void {
  const toldOn = new Map<string, number>();
  return (notices) => {
    const day = Math.floor(now() / dayMs);
    for (const notice of notices) {
      if (toldOn.get(notice.name) === day) continue;
      toldOn.set(notice.name, day);
      tell(notice);
    }
  };
}
