/** Trades, licences and jobs by the rules alone: states, clocks, escrow, uses. */
import { testRules } from '../../support/rules.ts';
import type { View } from '../view.ts';
import { clocks, steps, totalOf, type Deal, type Job, type Licence } from './deal.ts';
import type { AccessAuditor } from './access.ts';
import { Books } from './books.ts';
import { must } from './must.ts';
import { Payments } from './payments.ts';
import type { RightsAuditor } from './rights.ts';

type Command = Record<string, unknown>;

export class MoneyAuditor {
  readonly #access: AccessAuditor;
  readonly #rights: RightsAuditor;
  readonly #books = new Books();
  readonly #payments = new Payments(this.#books);
  readonly #deals = new Map<string, Deal>();
  readonly #licences = new Map<string, Licence>();
  readonly #jobs = new Map<string, Job>();
  #isSecond = false;
  #nowMs = 0;

  constructor(access: AccessAuditor, rights: RightsAuditor) {
    this.#access = access;
    this.#rights = rights;
  }

  /**
   * What time alone does, in order of time; at one time licences come first.
   * @param isSecond whether the block is executed by machine version 2
   */
  passTime(timeMs: number, isSecond: boolean): void {
    this.#isSecond = isSecond;
    this.#nowMs = timeMs;
    this.#payments.passTime(timeMs, isSecond);
    const due: { atMs: number; order: number; run: () => void }[] = [];
    for (const licence of this.#licences.values()) {
      const live = ['ISSUED', 'ACTIVE', 'SUSPENDED'].includes(licence.state);
      if (!live || licence.untilMs > timeMs) continue;
      const run = (): void => this.#runOut(this.#deal(licence.id), licence, timeMs);
      due.push({ atMs: licence.untilMs, order: 0, run });
    }
    for (const deal of this.#deals.values()) {
      if (deal.dueMs === null || deal.dueMs > timeMs) continue;
      const run = (): void => {
        // A term that ended at the same time may have decided.
        if (deal.dueMs !== null && deal.dueMs <= timeMs) this.#miss(deal, timeMs);
      };
      due.push({ atMs: deal.dueMs, order: 1, run });
    }
    for (const deal of this.#deals.values()) {
      if (deal.payDueMs === null || deal.payDueMs > timeMs) continue;
      due.push({ atMs: deal.payDueMs, order: 1, run: () => this.#payments.default(deal) });
    }
    due.sort((left, right) => left.atMs - right.atMs || left.order - right.order);
    for (const { run } of due) run();
  }

  /** The end of a term: by version 2 of one that has begun, and what was not delivered is refunded. */
  #runOut(deal: Deal, licence: Licence, timeMs: number): void {
    if (!['ISSUED', 'ACTIVE', 'SUSPENDED'].includes(licence.state)) return;
    const isUndelivered = ['FUNDED', 'DELIVERING', 'SUSPENDED'].includes(deal.state);
    if (this.#isSecond && licence.state === 'ISSUED' && !isUndelivered) {
      licence.untilMs = Infinity;
      return;
    }
    licence.state = 'EXPIRED';
    if (this.#isSecond && isUndelivered) this.#miss(deal, timeMs);
  }

  #miss(deal: Deal, timeMs: number): void {
    switch (deal.state) {
      case 'FUNDED':
      case 'DELIVERING':
      case 'SUSPENDED':
        this.#release(deal, totalOf(deal));
        this.#move(deal, 'EXPIRED', timeMs);
        break;
      case 'DELIVERED':
        this.#activate(deal);
        this.#move(deal, 'ACCEPTED_BY_BUYER', timeMs);
        break;
      case 'ACCEPTED_BY_BUYER':
        this.#release(deal, 0n);
        this.#move(deal, 'SETTLED', timeMs);
        break;
      case 'REJECTED':
      case 'DISPUTED':
        this.#release(deal, totalOf(deal));
        this.#move(deal, 'REFUNDED', timeMs);
        break;
      default:
        this.#move(deal, 'EXPIRED', timeMs);
    }
  }

  apply(name: string, by: string, command: Command, timeMs: number): void {
    const [room = '', verb = ''] = name.split('.');
    if (room === 'licence') this.#applyLicence(verb, by, command);
    else if (room === 'job') this.#applyJob(verb, by, command, timeMs);
    else if (room === 'trading') this.#applyTrade(verb, by, command, timeMs);
  }

  #applyTrade(verb: string, by: string, command: Command, timeMs: number): void {
    if (verb === 'request') return this.#request(by, command, timeMs);
    if (verb === 'pay-out') return this.#payments.payOut(by, command);
    if (verb === 'reverse-pay-out') return this.#payments.reverse(by, command);
    const deal = this.#deal(String(command['tradeId']));
    const step = steps[verb];
    must(step, `${verb} is a step of a trade`);
    must(step[1].includes(deal.state), `${verb} of ${deal.id}, which is ${deal.state}`);
    must(this.#mayTake(step[0], by, deal), `${verb} of ${deal.id} by ${by}`);
    const to = this.#take(verb, by, deal, command) ?? step[2];
    if (to !== null) this.#move(deal, to, timeMs);
  }

  #mayTake(who: string, by: string, { buyer, seller, agreedBank }: Deal): boolean {
    if (who === 'buyer') return by === buyer;
    if (who === 'seller') return by === seller;
    if (who === 'party') return by === buyer || by === seller;
    if (who === 'operator') return by === 'operator';
    if (who === 'bank') return by === agreedBank;
    return !this.#access.areRelated(by, buyer) && !this.#access.areRelated(by, seller);
  }

  /** The effects of a step; the next state where the step alone does not tell. */
  #take(verb: string, by: string, deal: Deal, command: Command): string | null {
    switch (verb) {
      case 'offer':
      case 'counter':
        this.#mustBeOffered(deal);
        this.#setTerms(deal, command);
        return null;
      case 'clear':
        this.#mustBeOffered(deal);
        this.#mustHaveBank(deal);
        return null;
      case 'sign':
        return this.#sign(deal, by);
      case 'fund':
        this.#fund(deal, by, command);
        return null;
      case 'start-delivery':
        if (deal.compute) this.#activate(deal);
        return null;
      case 'deliver': {
        const id = this.#rights.registrationOf(deal.listingId);
        must(!deal.compute && this.#rights.isActive(id), `${deal.id} can be delivered`);
        must(this.#rights.fingerprintFits(id, command), `${deal.id}: what is registered`);
        return null;
      }
      case 'accept-delivery':
        this.#activate(deal);
        return null;
      case 'rule-dispute':
        return this.#rule(deal, command['refundFen'] as bigint);
      case 'settle':
        this.#release(deal, 0n);
        return null;
      case 'cancel':
        return ['AGREED', 'VERIFIED'].includes(deal.state) ? 'TERMINATED' : 'CANCELLED';
      default:
        return null;
    }
  }

  #move(deal: Deal, to: string, timeMs: number): void {
    deal.state = to;
    const clock = clocks[to];
    if (!clock) deal.dueMs = null;
    else if (clock[1]) deal.dueMs = timeMs + testRules.periods[clock[0]].count;
  }

  #deal(id: string): Deal {
    const deal = this.#deals.get(id);
    must(deal, `trade ${id} is there`);
    return deal;
  }

  #licence(id: string): Licence {
    const licence = this.#licences.get(id);
    must(licence, `licence ${id} is there`);
    return licence;
  }

  #request(by: string, command: Command, timeMs: number): void {
    const id = String(command['tradeId']);
    const listingId = String(command['listingId']);
    const seller = this.#rights.sellerOf(listingId);
    must(!this.#deals.has(id) && seller !== by, `${by} may request ${id}`);
    must(this.#access.isActive(seller), `${seller} is in good standing`);
    const deal: Deal = {
      id,
      compute: command['purpose'] === 'COMPUTE',
      buyer: by,
      seller,
      listingId,
      revision: Number(command['listingRevision']),
      priceFen: 0n,
      durationDays: 0,
      usesMax: null,
      state: 'REQUESTED',
      dueMs: null,
      signed: new Set(),
      agreedBank: '',
      bank: null,
      computed: false,
      postings: 0,
      owed: null,
      payDueMs: null,
      isOverdue: false,
    };
    this.#mustBeOffered(deal);
    this.#setTerms(deal, command);
    this.#move(deal, 'REQUESTED', timeMs);
    this.#deals.set(id, deal);
    this.#payments.add(deal);
  }

  #mustBeOffered({ id, listingId, revision }: Deal): void {
    must(this.#rights.isOffered(listingId, revision), `${listingId} of ${id} is on the market`);
  }

  #setTerms(deal: Deal, command: Command): void {
    deal.priceFen = command['priceFen'] as bigint;
    const terms = command['terms'] as { durationDays: number; usesMax: number | null };
    deal.durationDays = terms.durationDays;
    deal.usesMax = terms.usesMax;
    must(deal.priceFen > 0n, `${deal.id} has a price`);
    deal.agreedBank = String(command['bank']);
    this.#mustHaveBank(deal);
  }

  /** It is a bank in good standing, and of neither party's house. */
  #mustHaveBank({ id, agreedBank, buyer, seller }: Deal): void {
    const bank = this.#access.organisations.get(agreedBank);
    must(bank?.active && bank.roles.includes('BANK'), `${agreedBank} of ${id} is a bank`);
    const unrelated = [buyer, seller].every((it) => !this.#access.areRelated(agreedBank, it));
    must(unrelated, `${agreedBank} is no relation of the parties of ${id}`);
    this.#payments.mustPay(agreedBank);
  }

  #sign(deal: Deal, by: string): string | null {
    this.#mustBeOffered(deal);
    this.#mustHaveBank(deal);
    must(!deal.signed.has(by), `${by} signs ${deal.id} once`);
    must(
      this.#access.isActive(deal.buyer) && this.#access.isActive(deal.seller),
      `the parties of ${deal.id} are in good standing`,
    );
    deal.signed.add(by);
    return deal.signed.size === 2 ? 'AGREED' : null;
  }

  #fund(deal: Deal, by: string, command: Command): void {
    this.#payments.mustPay(by);
    must(command['amountFen'] === totalOf(deal), `${deal.id} is funded with its total`);
    this.#books.move(`client-money-${by}`, totalOf(deal));
    this.#books.move(`escrow-${deal.id}`, totalOf(deal));
    deal.bank = by;
    deal.postings = 1;
    const untilMs = this.#isSecond ? Infinity : this.#termEndMs(deal);
    this.#licences.set(deal.id, { id: deal.id, state: 'ISSUED', uses: 0, nonce: 0, untilMs });
  }

  /** The end of the last day of a term that begins now. */
  #termEndMs({ durationDays }: Deal): number {
    const offsetMs = 8 * 3_600_000;
    const day = Math.floor((this.#nowMs + offsetMs) / 86_400_000) + durationDays;
    return (day + 1) * 86_400_000 - offsetMs;
  }

  /** The escrow goes to the buyer in part, the rest to the seller and the exchange. */
  #release(deal: Deal, refundFen: bigint): void {
    const totalFen = totalOf(deal);
    must(deal.owed === null && refundFen <= totalFen, `the escrow of ${deal.id} is released once`);
    this.#payments.release(deal, refundFen);
    const licence = this.#licence(deal.id);
    const live = ['ISSUED', 'ACTIVE', 'SUSPENDED'].includes(licence.state);
    if (refundFen === totalFen && live) licence.state = 'TERMINATED';
  }

  #rule(deal: Deal, refundFen: bigint): string {
    this.#release(deal, refundFen);
    if (refundFen === totalOf(deal)) return 'REFUNDED';
    this.#activate(deal);
    return refundFen === 0n ? 'SETTLED' : 'PARTIAL_REFUND';
  }

  #activate(deal: Deal): void {
    const licence = this.#licence(deal.id);
    if (licence.state !== 'ISSUED') return;
    licence.state = 'ACTIVE';
    if (this.#isSecond) licence.untilMs = this.#termEndMs(deal);
  }

  #applyLicence(verb: string, by: string, command: Command): void {
    const id = String(command['licenceId']);
    const licence = this.#licence(id);
    const { buyer, compute, usesMax } = this.#deal(id);
    const ended = ['EXHAUSTED', 'EXPIRED', 'REVOKED', 'TERMINATED'];
    const rules: Readonly<Record<string, readonly [readonly string[], string, string]>> = {
      suspend: [['ACTIVE'], 'operator', 'SUSPENDED'],
      resume: [['SUSPENDED'], 'operator', 'ACTIVE'],
      revoke: [['ACTIVE', 'SUSPENDED'], 'operator', 'REVOKED'],
      'attest-deletion': [ended, buyer, 'DELETION_ATTESTED'],
      use: [['ACTIVE'], buyer, 'ACTIVE'],
    };
    const rule = rules[verb];
    must(
      rule && rule[0].includes(licence.state) && by === rule[1],
      `${verb} of licence ${id} by ${by}`,
    );
    licence.state = rule[2];
    if (verb !== 'use') return;
    must(!compute && command['nonce'] === licence.nonce, `a use of ${id} counts once`);
    this.#spend(licence, Number(command['count']), usesMax);
  }

  #spend(licence: Licence, count: number, usesMax: number | null): void {
    licence.uses += count;
    licence.nonce += 1;
    must(usesMax === null || licence.uses <= usesMax, 'no use beyond the quota');
    if (licence.uses === usesMax) licence.state = 'EXHAUSTED';
  }

  #applyJob(verb: string, by: string, command: Command, timeMs: number): void {
    const id = String(command['jobId']);
    if (verb === 'request') {
      const tradeId = String(command['licenceId']);
      const deal = this.#deal(tradeId);
      must(deal.compute && deal.buyer === by, `${by} may compute under ${tradeId}`);
      must(this.#licence(tradeId).state === 'ACTIVE', `licence ${tradeId} is active`);
      must(!this.#jobs.has(id), `job ${id} is requested once`);
      this.#jobs.set(id, { tradeId, attested: new Map(), proposed: null });
      return;
    }
    const job = this.#jobs.get(id);
    must(job, `job ${id} is there`);
    const deal = this.#deal(job.tradeId);
    if (verb === 'attest') {
      must(!job.attested.has(by), `${by} attests ${id} once`);
      job.attested.set(by, String(command['resultDigest']));
    }
    if (verb === 'propose-release') {
      must(by === deal.seller, `${by} proposes the release of ${id}`);
      job.proposed = String(command['commitment']);
    }
    if (verb === 'release') this.#releaseJob(id, job, deal, by, command, timeMs);
  }

  #releaseJob(
    id: string,
    { attested, proposed }: Job,
    deal: Deal,
    by: string,
    command: Command,
    timeMs: number,
  ): void {
    const digests = new Set(attested.values());
    must(attested.size >= 2 && digests.size === 1, `two workers agree on ${id}`);
    must(proposed === command['commitment'], `what is released of ${id} was proposed`);
    must(this.#mayTake('stranger', by, deal), `${by} is no relation of the parties of ${id}`);
    const licence = this.#licence(deal.id);
    must(licence.state === 'ACTIVE', `licence ${deal.id} is active`);
    this.#spend(licence, 1, deal.usesMax);
    if (deal.computed) return;
    must(deal.state === 'DELIVERING', `${deal.id} is under delivery`);
    deal.computed = true;
    this.#move(deal, 'DELIVERED', timeMs);
  }

  /** The ledger's records say what this model says, and no hold is stuck. */
  compare(view: View, timeMs: number): void {
    const trades = view.all('trade');
    must(trades.length === this.#deals.size, `there are ${this.#deals.size} trades`);
    for (const { id, state, dueAtMs, totalFen, bank } of trades) {
      const deal = this.#deal(id);
      must(deal.state === state, `trade ${id} is ${String(state)}, not ${deal.state}`);
      must(deal.dueMs === dueAtMs, `trade ${id} is due at ${String(deal.dueMs)}`);
      must(totalOf(deal) === totalFen, `trade ${id} costs ${totalOf(deal)}`);
      must(deal.agreedBank === bank, `the escrow of ${id} is with ${deal.agreedBank}`);
      const holds = deal.bank !== null && deal.owed === null;
      must(!holds || (deal.dueMs ?? 0) > timeMs, `the hold of ${id} ends in time`);
    }
    for (const { id, state, uses } of view.all('licence')) {
      const licence = this.#licence(id);
      must(licence.state === state, `licence ${id} is ${String(state)}, not ${licence.state}`);
      must(licence.uses === uses, `licence ${id} has ${licence.uses} uses`);
    }
    this.#books.compare(view);
  }
}
