/**
 * Whether the time of a note's block can be right, by the witness's own clock. Pure. A note that is old
 * because the exchange stands still is as good as ever: what is refused is the future, time that runs
 * backwards, and a new block older than a moment at which the witness knows there was no such block.
 */

export interface NoteTimes {
  /** Of the note's block, in ms; null where the note does not say. */
  readonly noteMs: number | null;
  /** The very text that was cosigned last. */
  readonly isRepeated: boolean;
  /** What was cosigned last; null where nothing was. */
  readonly last: { readonly noteMs: number | null; readonly cosignedS: number } | null;
  /** When what was cosigned last was still the newest that the log had, in s; null where not known. */
  readonly newestAtS: number | null;
  /** By how much the own clock was set since the start, in s. */
  readonly steppedS: number;
  readonly nowS: number;
  /** By how much clocks may differ. */
  readonly toleranceS: number;
}

export interface TimeRefusal {
  /** Stable, for programs. */
  readonly name:
    | 'WITNESS_CLOCK'
    | 'NOTE_TIME_MISSING'
    | 'NOTE_TIME_AHEAD'
    | 'NOTE_TIME_BACK'
    | 'NOTE_TIME_BEHIND';
  readonly why: string;
}

export function judgeNoteTime(times: NoteTimes): TimeRefusal | null {
  const { noteMs, isRepeated, last, newestAtS, nowS, toleranceS } = times;
  const own = ownClockFault(times);
  if (own !== null) return { name: 'WITNESS_CLOCK', why: own };
  if (noteMs === null) {
    if (last === null || last.noteMs === null) return null;
    const why = 'the note does not say when its block was made, and the one before did';
    return { name: 'NOTE_TIME_MISSING', why };
  }
  const note = `its block is of ${dateOf(noteMs / 1_000)}`;
  const here = `the witness's clock says ${dateOf(nowS)}, and ${toleranceS} s are allowed`;
  if (noteMs > (nowS + toleranceS) * 1_000) {
    return { name: 'NOTE_TIME_AHEAD', why: `${note}, in the future: ${here}` };
  }
  if (isRepeated) return null;
  if (last && last.noteMs !== null && noteMs < last.noteMs) {
    const why = `${note}, before the one that was cosigned, ${dateOf(last.noteMs / 1_000)}`;
    return { name: 'NOTE_TIME_BACK', why };
  }
  if (newestAtS !== null && noteMs < (newestAtS - toleranceS) * 1_000) {
    const why = `${note}, and at ${dateOf(newestAtS)} there was no such block yet: ${here}`;
    return { name: 'NOTE_TIME_BEHIND', why };
  }
  return null;
}

function ownClockFault({ last, steppedS, nowS, toleranceS }: NoteTimes): string | null {
  if (Math.abs(steppedS) > toleranceS) {
    return (
      `the witness's own clock was set by ${Math.round(steppedS)} s while it ran: its ` +
      'administrator sets it right, or starts the witness anew where it is right now'
    );
  }
  if (last === null || nowS >= last.cosignedS - toleranceS) return null;
  return (
    `the witness's own clock says ${dateOf(nowS)}, and its last cosignature is of ` +
    `${dateOf(last.cosignedS)}: its administrator sets it right`
  );
}

const dateMaxS = 8_640_000_000_000;

const dateOf = (atS: number): string =>
  new Date(Math.min(atS, dateMaxS) * 1_000).toISOString().replace('.000', '');
