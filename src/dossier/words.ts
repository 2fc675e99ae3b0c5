/** How a report for people names moments, sums of money, and who did something. */
import { momentText } from '../base/moment-text.ts';
import { causeOf, type Evidence, type LoggedEvent } from './evidence.ts';
import { signerOf } from './claims/envelopes.ts';

/** A moment in the exchange's zone. */
export const whenText = ({ genesis }: Evidence, atMs: number): string =>
  momentText(atMs, genesis.rules.calendar.offsetMinutes);

/** `15 days`, `60 seconds`: whole units, cut off; not negative. */
export function lengthText(lengthMs: number): string {
  const units = [
    ['day', 86_400_000],
    ['hour', 3_600_000],
  ] as const;
  const [unit, ms] = units.find(([, ms]) => lengthMs >= 2 * ms) ?? ['second', 1000];
  const count = Math.floor(lengthMs / ms);
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

/** 10 350 000 fen as `CNY 103,500.00`; not negative. */
export function cnyText(amountFen: bigint): string {
  const whole = String(amountFen / 100n).replace(/\B(?=(?:[0-9]{3})+$)/g, ',');
  return `CNY ${whole}.${String(amountFen % 100n).padStart(2, '0')}`;
}

/** `1.03`: two decimals, cut off; null where there is nothing to divide by. */
export function ratioText(dividend: bigint, divisor: bigint): string | null {
  if (divisor === 0n) return null;
  const hundredths = (dividend * 100n) / divisor;
  return `${hundredths / 100n}.${String(hundredths % 100n).padStart(2, '0')}`;
}

/** The organisation whose key signed what caused an event; null for deadlines and genesis. */
export function doerOf(evidence: Evidence, event: LoggedEvent): string | null {
  const { envelopeId } = event.leaf;
  if (envelopeId === null) return null;
  const read = evidence.envelopes.get(envelopeId);
  const receipt = evidence.receipts.get(envelopeId);
  return read && receipt ? (signerOf(evidence, read, receipt)?.organisationId ?? null) : null;
}

/** `revoked by the-exchange on 2026-03-05 14:30:00 UTC+08:00: “It was stolen.”` */
export function stepText(evidence: Evidence, event: LoggedEvent): string {
  const { name, envelopeId, height, timeMs } = event.leaf;
  const verb = name.slice(name.indexOf('.') + 1).replaceAll('-', ' ');
  const byItself = height === 0 ? 'genesis' : 'a deadline';
  const who = envelopeId === null ? byItself : (doerOf(evidence, event) ?? 'nobody known');
  const reason = causeOf(evidence, event)?.command['reason'];
  const why = typeof reason === 'string' ? `: “${reason}”` : '';
  return `${verb} by ${who} on ${whenText(evidence, timeMs)}${why}`;
}
