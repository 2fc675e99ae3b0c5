/**
 * What a settlement owes is paid out within the rule pack's period. A bank that lets it pass is in
 * default until it has paid, for everybody to read, and holds no new money meanwhile.
 */
import { periodEndMs } from '../../base/calendar.ts';
import { sinceMachineVersion } from '../../base/machine-version.ts';
import type { Ledger } from '../../base/room.ts';
import { overdueMax, type BankStanding, type Trade } from '../schema.ts';
import { bankStandingRecord, tradeRecord } from '../state.ts';

export const payOutDue = 'trading.pay-out-due';

const isApplied = ({ machineVersion }: Ledger): boolean =>
  machineVersion >= sinceMachineVersion.payOutDeadline;

/** Whether the settlement owes something that no pay-out in force covers. */
export function isUnpaid({ settlement }: Pick<Trade, 'settlement'>): boolean {
  if (settlement === null) return false;
  const { sellerFen, sellerPostingId, refundFen, refundPostingId } = settlement;
  return (
    (sellerFen > 0n && sellerPostingId === null) || (refundFen > 0n && refundPostingId === null)
  );
}

/** Begins the period, or begins it again after a reversal; what is paid needs none. */
export function watchPayOut(ledger: Ledger, trade: Trade): void {
  if (!isApplied(ledger)) return;
  if (!isUnpaid(trade)) {
    ledger.unschedule(payOutDue, trade.id);
    cure(ledger, trade);
    return;
  }
  const { periods, calendar } = ledger.rules;
  const dueMs = periodEndMs(ledger.timeMs, periods.payout, calendar);
  ledger.schedule(payOutDue, trade.id, dueMs);
}

/** The period is over and something is still owed. */
export function markDefault(ledger: Ledger, trade: Trade): void {
  const bank = trade.funding?.bank;
  if (bank === undefined || !isUnpaid(trade)) return;
  ledger.write(tradeRecord, { ...trade, changedAtMs: ledger.timeMs }, 'trading.pay-out-overdue');
  const { overdue } = standingOf(ledger, bank);
  const named = overdue.includes(trade.id) || overdue.length >= overdueMax;
  writeStanding(ledger, bank, named ? overdue : [...overdue, trade.id]);
}

function cure(ledger: Ledger, { id, funding }: Trade): void {
  if (!funding) return;
  const { overdue } = standingOf(ledger, funding.bank);
  if (!overdue.includes(id)) return;
  writeStanding(
    ledger,
    funding.bank,
    overdue.filter((other) => other !== id),
  );
}

const standingOf = (ledger: Ledger, bank: string): Pick<BankStanding, 'overdue'> =>
  ledger.read(bankStandingRecord, bank) ?? { overdue: [] };

function writeStanding(ledger: Ledger, bank: string, overdue: BankStanding['overdue']): void {
  const state = overdue.length === 0 ? 'PAYING' : 'IN_DEFAULT';
  const event = overdue.length === 0 ? 'trading.bank-paying' : 'trading.bank-in-default';
  const standing = { id: bank, state, overdue, changedAtMs: ledger.timeMs } as const;
  ledger.write(bankStandingRecord, standing, event);
}

/** Whether the bank may hold new money. */
export const isInDefault = (ledger: Ledger, bank: string): boolean =>
  isApplied(ledger) && ledger.read(bankStandingRecord, bank)?.state === 'IN_DEFAULT';
