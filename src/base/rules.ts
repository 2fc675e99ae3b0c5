/** Rules that differ by place or year are data. A pack is part of genesis and bound by its hash. */
import {
  added,
  fen,
  flag,
  identifier,
  integer,
  list,
  nullable,
  oneOf,
  record,
  text,
} from './schema.ts';
import type { Static } from './schema.ts';

const date = () => text(10, 'YYYY-MM-DD');

/** A length of time: working days of the pack's calendar, calendar days, years, or ms. */
export const periodSchema = record({
  unit: oneOf(['working-day', 'day', 'year', 'ms']),
  count: integer(0, 1_000_000_000),
});
export type Period = Static<typeof periodSchema>;

export const calendarSchema = record({
  version: text(40),
  source: text(400),
  /** Minutes east of UTC: where a day begins. */
  offsetMinutes: integer(-840, 840),
  /** First and last day the calendar speaks of; beyond it only weekends are known. */
  from: date(),
  to: date(),
  /** Public holidays that fall on Monday to Friday. */
  holidays: list(date(), 0, 400),
  /** Saturdays and Sundays that are worked in exchange. */
  workedWeekends: list(date(), 0, 400),
});
export type Calendar = Static<typeof calendarSchema>;

/** A sample that a pack admits, and from how many rows of a file on it is the one that is needed. */
export const sampleSizeSchema = record({
  circuitId: identifier('Circuit of the statement over so many rows'),
  rows: integer(1, 65_536, 'Of the sample'),
  k: integer(2, 1000, 'Rows of each class of the sample, at least'),
  fileRowsMin: integer(1, 1_000_000_000, 'Rows of the smallest file that needs it'),
});
export type SampleSize = Static<typeof sampleSizeSchema>;

export const rulePackSchema = record({
  id: identifier(),
  version: text(40),
  title: text(200),
  source: text(400),
  asOf: date(),
  notice: text(400, 'Says that the pack is not legal advice'),
  calendar: calendarSchema,
  periods: record({
    acceptance: periodSchema,
    review: periodSchema,
    supplement: periodSchema,
    publicity: periodSchema,
    objectionResolution: periodSchema,
    registration: periodSchema,
    complianceReview: periodSchema,
    negotiation: periodSchema,
    funding: periodSchema,
    delivery: periodSchema,
    buyerAcceptance: periodSchema,
    disputeRuling: periodSchema,
    payout: periodSchema,
    computeJob: periodSchema,
  }),
  money: record({
    /** The exchange's fee, in basis points of the price, VAT-inclusive. */
    feeBasisPoints: integer(0, 10_000),
    /** VAT on the price, in basis points, on top of it. */
    vatBasisPoints: integer(0, 10_000),
    priceMaxFen: fen(),
  }),
  sample: record({
    circuitId: identifier(),
    rows: integer(1, 65_536),
    kMinimum: integer(2, 1000),
    /** Meanings of columns that together can point at a person or organisation. */
    quasiIdentifierMeanings: list(text(60), 0, 64),
    /** Meanings that may never stand in a sample. */
    forbiddenMeanings: list(text(60), 0, 64),
    /** From machine version 2 on instead of the one above, which is among them; see sample-sizes.ts. */
    sizes: added(list(sampleSizeSchema, 1, 16)),
  }),
  compute: record({
    cohortMinimum: integer(1, 1_000_000),
    workersRequired: integer(2, 7),
  }),
  review: record({
    reviewersRequired: integer(2, 2),
    legalOpinionRequired: flag(),
  }),
  certificatePrefix: nullable(text(10)),
});
export type RulePack = Static<typeof rulePackSchema>;
