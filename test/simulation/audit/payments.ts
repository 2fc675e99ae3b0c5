/** What a settlement owes, what banks pay of it, and which of them are late. */
import { testRules } from '../../support/rules.ts';
import { feeKept, feeOf, netOf, type Books } from './books.ts';
import { totalOf, type Deal, type Leg } from './deal.ts';
import { must } from './must.ts';

type Command = Record<string, unknown>;

export class Payments {
  readonly #books: Books;
  readonly #deals = new Map<string, Deal>();
  #isSecond = false;
  #nowMs = 0;

  constructor(books: Books) {
    this.#books = books;
  }

  /** @param isSecond whether the block is executed by machine version 2 */
  passTime(timeMs: number, isSecond: boolean): void {
    this.#nowMs = timeMs;
    this.#isSecond = isSecond;
  }

  add(deal: Deal): void {
    this.#deals.set(deal.id, deal);
  }

  default(deal: Deal): void {
    deal.payDueMs = null;
    deal.isOverdue = true;
  }

  mustPay(bank: string): void {
    const isLate = [...this.#deals.values()].some((deal) => deal.bank === bank && deal.isOverdue);
    must(!this.#isSecond || !isLate, `${bank} has paid what it owes`);
  }

  /** Out of the escrow: a part to the buyer, the rest to the seller and the exchange. */
  release(deal: Deal, refundFen: bigint): void {
    const totalFen = totalOf(deal);
    const keptFen = totalFen - refundFen;
    const feeFen = feeKept(feeOf(deal.priceFen), keptFen, totalFen);
    const netFen = netOf(feeFen);
    this.#books.move(`escrow-${deal.id}`, -totalFen);
    this.#books.move(`buyer-refund-${deal.buyer}`, refundFen);
    this.#books.move(`seller-payable-${deal.seller}`, keptFen - feeFen);
    this.#books.move('fee-income', netFen);
    this.#books.move('output-vat', feeFen - netFen);
    deal.postings += 1;
    deal.owed = {
      SELLER: { amountFen: keptFen - feeFen, paidBy: null },
      BUYER: { amountFen: refundFen, paidBy: null },
    };
    this.#watch(deal);
  }

  /** By version 2 what is owed is paid within a period, or the bank is in default until it is. */
  #watch(deal: Deal): void {
    if (!this.#isSecond || deal.owed === null) return;
    const { SELLER, BUYER } = deal.owed;
    const isUnpaid = [SELLER, BUYER].some(
      ({ amountFen, paidBy }) => amountFen > 0n && paidBy === null,
    );
    deal.payDueMs = isUnpaid ? this.#nowMs + testRules.periods.payout.count : null;
    if (!isUnpaid) deal.isOverdue = false;
  }

  #deal(id: string): Deal {
    const deal = this.#deals.get(id);
    must(deal, `trade ${id} is there`);
    return deal;
  }

  payOut(by: string, command: Command): void {
    const deal = this.#deal(String(command['tradeId']));
    const leg = command['to'] as Leg;
    const owed = deal.owed?.[leg];
    must(deal.bank === by && owed && owed.amountFen > 0n, `${by} owes money of ${deal.id}`);
    must(owed.paidBy === null, `${deal.id} is paid out once`);
    deal.postings += 1;
    owed.paidBy = `${deal.id}-posting-${deal.postings}`;
    this.#pay(deal, leg, owed.amountFen);
    this.#watch(deal);
  }

  reverse(by: string, command: Command): void {
    const id = String(command['postingId']);
    for (const deal of this.#deals.values()) {
      for (const leg of ['SELLER', 'BUYER'] as const) {
        const owed = deal.owed?.[leg];
        if (owed?.paidBy !== id) continue;
        must(deal.bank === by, `${by} reverses its own pay-out`);
        deal.postings += 1;
        owed.paidBy = null;
        this.#pay(deal, leg, -owed.amountFen);
        this.#watch(deal);
        return;
      }
    }
    must(false, `posting ${id} is a pay-out in force`);
  }

  #pay({ bank, seller, buyer }: Deal, leg: Leg, amountFen: bigint): void {
    const account = leg === 'SELLER' ? `seller-payable-${seller}` : `buyer-refund-${buyer}`;
    this.#books.move(account, -amountFen);
    this.#books.move(`client-money-${bank}`, -amountFen);
  }
}
