import { dayMs, dayOfDate, endOfDayMs, lastKnownDay } from '../base/calendar.ts';
import { sinceMachineVersion } from '../base/machine-version.ts';
import { refuse, success, type Outcome } from '../base/result.ts';
import { defineOperation, type Context } from '../base/room.ts';
import { governanceResults } from './results.ts';
import { confirmNoNoticeCommand } from './schema.ts';
import { noNoticeId, noNoticeRecord } from './state.ts';

/** Earlier, nobody can know that no notice comes. */
export const daysAheadMax = 90;

/**
 * The operator says that no notice comes for a year: from then on its weekdays alone count, and deadlines
 * that waited for it take effect. A notice that comes after all moves those that are still to come.
 */
export const confirmNoNotice = defineOperation({
  number: 807,
  name: 'governance.confirm-no-notice',
  title: 'Confirm that no notice of working days comes for a year',
  command: confirmNoNoticeCommand,
  since: sinceMachineVersion.rulesDecided,
  roles: ['OPERATOR'],
  apply(context, { year, reason }) {
    const lacking = checkLacking(context, year);
    if (!lacking.ok) return lacking;
    const { actor, timeMs: confirmedAtMs } = context;
    const confirmedBy = actor.organisationId;
    context.write(
      noNoticeRecord,
      { id: noNoticeId(year), year, confirmedBy, reason, confirmedAtMs },
      'governance.no-notice-confirmed',
    );
    return success;
  },
});

function checkLacking(context: Context, year: number): Outcome {
  const { rules, timeMs } = context;
  const { calendar } = rules;
  if (dayOfDate(year, 12, 31) <= lastKnownDay(calendar)) {
    return refuse(
      governanceResults.NOTICE_NOT_LACKING,
      `${year}: ${calendar.version} knows all days to ${calendar.to}.`,
    );
  }
  if (context.read(noNoticeRecord, noNoticeId(year))) {
    return refuse(governanceResults.NOTICE_NOT_LACKING, `${year} is confirmed already.`);
  }
  const beginMs = endOfDayMs(dayOfDate(year, 1, 1) - 1, calendar);
  return timeMs >= beginMs - daysAheadMax * dayMs
    ? success
    : refuse(
        governanceResults.NOTICE_NOT_LACKING,
        `${year} is confirmed from ${daysAheadMax} days before it on.`,
      );
}
