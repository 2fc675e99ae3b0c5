/** Double entry, kept by the auditor on its own. */
import type { View } from '../view.ts';
import { must } from './must.ts';

const halfUp = (dividend: bigint, divisor: bigint): bigint =>
  (2n * dividend + divisor) / (2n * divisor);

/** 6 % VAT on top of the price, 2.5 % fee out of it, VAT of the fee within it. */
export const vatOf = (priceFen: bigint): bigint => halfUp(priceFen * 6n, 100n);
export const feeOf = (priceFen: bigint): bigint => halfUp(priceFen * 25n, 1000n);
export const feeKept = (feeFen: bigint, keptFen: bigint, totalFen: bigint): bigint =>
  halfUp(feeFen * keptFen, totalFen);
export const netOf = (grossFen: bigint): bigint => halfUp(grossFen * 100n, 106n);

export class Books {
  readonly #balances = new Map<string, bigint>();

  /** Assets by debits, all others by credits: both are kept as positive numbers here. */
  move(accountId: string, amountFen: bigint): void {
    const balance = (this.#balances.get(accountId) ?? 0n) + amountFen;
    must(balance >= 0n, `account ${accountId} stays at or above zero`);
    this.#balances.set(accountId, balance);
  }

  compare(view: View): void {
    const shown = new Map(
      view.all('account').map(({ id, balanceFen }) => [id, balanceFen as bigint]),
    );
    let assetsFen = 0n;
    let liabilitiesFen = 0n;
    for (const [id, balance] of this.#balances) {
      must((shown.get(id) ?? 0n) === balance, `account ${id} holds ${balance}`);
      if (id.startsWith('client-money-')) assetsFen += balance;
      else liabilitiesFen += balance;
    }
    must(assetsFen === liabilitiesFen, 'the banks hold what is owed and earned');
    for (const [id, balance] of shown) {
      must(balance === (this.#balances.get(id) ?? 0n), `account ${id} holds ${balance}`);
    }
  }
}
