/** Who may put what on the market, told from the rules: registrations, reviews, listings. */
import { decisionCommitment } from '../../../src/compliance/decision.ts';
import { testRules } from '../../support/rules.ts';
import type { View } from '../view.ts';
import type { AccessAuditor } from './access.ts';
import { must } from './must.ts';

type Command = Record<string, unknown>;

interface Right {
  readonly applicant: string;
  operate: boolean;
  rowsRoot: string;
  contentCommitment: string;
  publicityEndsMs: number | null;
  readonly openObjections: Map<string, number>;
  /** Nothing brings it back. */
  ended: boolean;
  activeUntilMs: number | null;
  registrar: string | null;
}

interface Product {
  readonly seller: string;
  readonly registrationId: string;
  revision: number;
  /** Rows of its sample, and of its file. */
  sampleRows: number;
  fileRows: number;
  proved: boolean;
  /** Of which revision the whole file is told. */
  profiled: number;
  opinionUntilMs: number;
  state: 'OFF' | 'LISTED' | 'SUSPENDED' | 'DELISTED';
}

interface Review {
  readonly listingId: string;
  readonly endsMs: number;
  readonly commitments: Map<string, string>;
  readonly decisions: Map<string, string>;
  over: boolean;
}

function rowsOf(command: Command): Pick<Product, 'sampleRows' | 'fileRows'> {
  const { sample, quality } = command as Record<string, { readonly rows: number }>;
  return { sampleRows: sample?.rows ?? 0, fileRows: quality?.rows ?? 0 };
}

/** From how many rows of a file on a sample needs so many, as docs/circuits.md has it. */
const rowsNeeded = [
  [100_000, 2_048],
  [4_096, 512],
  [1_024, 128],
  [256, 64],
  [16, 16],
] as const;

const isLargeEnough = ({ sampleRows, fileRows }: Product): boolean =>
  sampleRows <= fileRows &&
  sampleRows >= (rowsNeeded.find(([from]) => from <= fileRows)?.[1] ?? Infinity);

const periodMs = (name: 'publicity' | 'objectionResolution' | 'complianceReview'): number =>
  testRules.periods[name].count;

/** The end of the day five years on, in China. */
function fiveYearsOn(timeMs: number): number {
  const offsetMs = 8 * 3_600_000;
  const day = new Date(timeMs + offsetMs);
  const year = day.getUTCFullYear() + testRules.periods.registration.count;
  const leap = new Date(Date.UTC(year, day.getUTCMonth(), day.getUTCDate()));
  const date = leap.getUTCMonth() === day.getUTCMonth() ? day.getUTCDate() : 28;
  return Date.UTC(year, day.getUTCMonth(), date + 1) - offsetMs;
}

export class RightsAuditor {
  readonly #access: AccessAuditor;
  readonly #rights = new Map<string, Right>();
  readonly #products = new Map<string, Product>();
  readonly #reviews = new Map<string, Review>();
  /** By machine version 2: what the whole file comes to is told before anybody reviews it. */
  #areFilesTold = false;

  constructor(access: AccessAuditor) {
    this.#access = access;
  }

  /** What time alone does, before a block's envelopes. */
  passTime(timeMs: number, areFilesTold: boolean): void {
    this.#areFilesTold = areFilesTold;
    for (const right of this.#rights.values()) {
      if (right.activeUntilMs !== null && right.activeUntilMs <= timeMs) this.#end(right);
      for (const dueMs of right.openObjections.values()) if (dueMs <= timeMs) this.#end(right);
    }
    for (const review of this.#reviews.values()) if (review.endsMs <= timeMs) review.over = true;
  }

  #end(right: Right): void {
    right.ended = true;
    right.activeUntilMs = null;
    right.openObjections.clear();
  }

  isActive(registrationId: string): boolean {
    return (this.#rights.get(registrationId)?.activeUntilMs ?? null) !== null;
  }

  /** The product is on the market in this revision, and its right is in force. */
  isOffered(listingId: string, revision: number): boolean {
    const product = this.#products.get(listingId);
    return product?.state === 'LISTED' && product.revision === revision;
  }

  registrationOf(listingId: string): string {
    return this.#products.get(listingId)?.registrationId ?? '';
  }

  sellerOf(listingId: string): string {
    return this.#products.get(listingId)?.seller ?? '';
  }

  fingerprintFits(registrationId: string, command: Command): boolean {
    const right = this.#rights.get(registrationId);
    return (
      right?.rowsRoot === command['rowsRoot'] &&
      right?.contentCommitment === command['contentCommitment']
    );
  }

  apply(name: string, by: string, command: Command, timeMs: number): void {
    const [room] = name.split('.');
    if (room === 'rights') this.#applyRight(name, by, command, timeMs);
    if (room === 'listing') this.#applyProduct(name, by, command, timeMs);
    if (room === 'compliance') this.#applyReview(name, by, command, timeMs);
  }

  #applyRight(name: string, by: string, command: Command, timeMs: number): void {
    if (name === 'rights.submit' || name === 'rights.resubmit') {
      this.#submit(name, by, command);
      return;
    }
    if (name === 'rights.resolve-objection' || name === 'rights.withdraw-objection') {
      const objectionId = String(command['objectionId']);
      const right = [...this.#rights.values()].find((it) => it.openObjections.has(objectionId));
      must(right, `objection ${objectionId} is open`);
      right.openObjections.delete(objectionId);
      if (command['decision'] === 'UPHELD') this.#end(right);
      return;
    }
    const id = String(command['registrationId']);
    const right = this.#rights.get(id);
    must(right && !right.ended, `${name}: registration ${id} has not ended`);
    if (name === 'rights.object') {
      const { publicityEndsMs } = right;
      must(publicityEndsMs !== null && timeMs < publicityEndsMs, `publicity of ${id} lasts`);
      must(by !== right.applicant, 'nobody objects to the own application');
      const dueMs = timeMs + periodMs('objectionResolution');
      right.openObjections.set(String(command['objectionId']), dueMs);
    } else if (name === 'rights.deregister') {
      must(right.activeUntilMs !== null, `registration ${id} is in force`);
      must(by === right.applicant || by === right.registrar, `${by} may give up ${id}`);
      this.#end(right);
    } else if (name === 'rights.state-table') {
      must(this.#areFilesTold && by === right.applicant, `${by} states its own table of ${id}`);
    } else {
      this.#register(name, by, right, timeMs);
    }
  }

  #submit(name: string, by: string, command: Command): void {
    const id = String(command['registrationId']);
    const known = this.#rights.get(id);
    must((known === undefined) === (name === 'rights.submit'), `${name} of ${id}`);
    must(known === undefined || known.applicant === by, `${by} resubmits its own`);
    const { rowsRoot, contentCommitment } = command['fingerprint'] as Right;
    const { operate } = command['rights'] as { operate: boolean };
    this.#rights.set(id, {
      applicant: by,
      operate,
      rowsRoot,
      contentCommitment,
      publicityEndsMs: null,
      openObjections: new Map(),
      ended: false,
      activeUntilMs: null,
      registrar: null,
    });
  }

  /** The registrar's part. */
  #register(name: string, by: string, right: Right, timeMs: number): void {
    must(!this.#access.areRelated(by, right.applicant), `${by} registers a stranger's data`);
    if (name === 'rights.refuse') this.#end(right);
    if (name === 'rights.open-publicity') right.publicityEndsMs = timeMs + periodMs('publicity');
    if (name === 'rights.waive-publicity') right.publicityEndsMs = timeMs;
    if (name !== 'rights.certify') return;
    must(this.#access.isActive(right.applicant), `${right.applicant} is in good standing`);
    must(right.publicityEndsMs !== null && right.publicityEndsMs <= timeMs, 'publicity is over');
    must(right.openObjections.size === 0, 'no objection is open');
    right.activeUntilMs = fiveYearsOn(timeMs);
    right.registrar = by;
  }

  #applyProduct(name: string, by: string, command: Command, timeMs: number): void {
    const id = String(command['listingId']);
    const opinion = command['legalOpinion'] as { validUntilMs: number } | undefined;
    if (name === 'listing.draft') {
      const registrationId = String(command['registrationId']);
      const right = this.#rights.get(registrationId);
      must(!this.#products.has(id), `listing ${id} is drafted once`);
      must(right?.applicant === by && right.operate, `${by} may operate ${registrationId}`);
      must(this.isActive(registrationId), `registration ${registrationId} is in force`);
      this.#products.set(id, {
        seller: by,
        registrationId,
        revision: 1,
        ...rowsOf(command),
        proved: false,
        profiled: 0,
        opinionUntilMs: opinion?.validUntilMs ?? 0,
        state: 'OFF',
      });
      return;
    }
    const product = this.#products.get(id);
    must(product?.seller === by, `${name}: listing ${id} is of ${product?.seller}, not ${by}`);
    must(product.state !== 'DELISTED', `listing ${id} is not gone`);
    if (name === 'listing.edit') {
      product.revision += 1;
      Object.assign(product, rowsOf(command));
      product.proved = false;
      product.opinionUntilMs = opinion?.validUntilMs ?? 0;
      product.state = 'OFF';
    }
    if (name === 'listing.prove-sample') {
      must(!this.#areFilesTold || isLargeEnough(product), `${id} has the sample that it needs`);
      product.proved = true;
    }
    if (name === 'listing.state-profile') {
      must(this.#areFilesTold && product.state === 'OFF', `listing ${id} is a draft`);
      must(isLargeEnough(product), `${id} has the sample that it needs`);
      product.profiled = product.revision;
    }
    if (name === 'listing.delist') product.state = 'DELISTED';
    if (name === 'listing.submit-for-review') {
      must(product.state === 'OFF' && this.#isSound(product, timeMs), `listing ${id} is sound`);
    }
    if (name === 'listing.suspend') {
      must(product.state === 'LISTED', `listing ${id} is on the market`);
      product.state = 'SUSPENDED';
    }
    if (name === 'listing.resume') {
      must(product.state === 'SUSPENDED' && this.#isSound(product, timeMs), `${id} is sound`);
      product.state = 'LISTED';
    }
  }

  /** What must hold of a product on its way to the market. */
  #isSound(product: Product, timeMs: number): boolean {
    const { registrationId, seller, proved, opinionUntilMs, profiled, revision } = product;
    return (
      proved &&
      (!this.#areFilesTold || (profiled === revision && isLargeEnough(product))) &&
      this.isActive(registrationId) &&
      this.#rights.get(registrationId)?.operate === true &&
      this.#access.isActive(seller) &&
      opinionUntilMs >= timeMs
    );
  }

  #applyReview(name: string, by: string, command: Command, timeMs: number): void {
    const id = String(command['reviewId']);
    if (name === 'compliance.open') {
      const listingId = String(command['listingId']);
      const product = this.#products.get(listingId);
      must(product?.state === 'OFF' && !this.#reviews.has(id), `review ${id} can be opened`);
      this.#reviews.set(id, {
        listingId,
        endsMs: timeMs + periodMs('complianceReview'),
        commitments: new Map(),
        decisions: new Map(),
        over: !this.#isSound(product, timeMs),
      });
      return;
    }
    const review = this.#reviews.get(id);
    must(review && !review.over, `${name}: review ${id} goes on`);
    const product = this.#products.get(review.listingId);
    must(product, 'a review is of a listing');
    if (name === 'compliance.reveal') {
      this.#reveal(id, review, product, by, command, timeMs);
      return;
    }
    must(!this.#access.areRelated(by, product.seller), `${by} is no relation of the seller`);
    const others = [...review.commitments.keys()];
    must(
      others.every((other) => !this.#access.areRelated(by, other)),
      `${by} decides beside strangers`,
    );
    if (name === 'compliance.commit') {
      must(review.commitments.size < 2, `review ${id} has two reviewers`);
      review.commitments.set(by, String(command['commitment']));
      return;
    }
    must(new Set(review.decisions.values()).size === 2, `review ${id} is split`);
    this.#conclude(review, product, command['decision'] === 'PASS', timeMs);
  }

  #reveal(
    id: string,
    review: Review,
    product: Product,
    by: string,
    command: Command,
    timeMs: number,
  ): void {
    const { decision, reason, salt } = command as {
      decision: 'PASS' | 'FAIL';
      reason: string;
      salt: string;
    };
    must(review.commitments.size === 2 && !review.decisions.has(by), `${by} reveals once`);
    const expected = decisionCommitment(salt, id, decision, reason);
    must(review.commitments.get(by) === expected, `${by} committed to what it reveals`);
    review.decisions.set(by, decision);
    const words = [...review.decisions.values()];
    if (words.length === 2 && words[0] === words[1]) {
      this.#conclude(review, product, decision === 'PASS', timeMs);
    }
  }

  #conclude(review: Review, product: Product, passed: boolean, timeMs: number): void {
    review.over = true;
    if (passed && this.#isSound(product, timeMs)) product.state = 'LISTED';
  }

  /** The ledger's records say what this model says. */
  compare(view: View): void {
    for (const { id, state, revision } of view.all('listing')) {
      const product = this.#products.get(id);
      const shown = state === 'DRAFT' || state === 'COMPLIANCE_REVIEW' ? 'OFF' : state;
      must(product, `listing ${id} was drafted`);
      must(product.state === shown, `listing ${id} is ${String(state)}, not ${product.state}`);
      must(product.revision === revision, `listing ${id} has revision ${product.revision}`);
    }
    for (const { id, state } of view.all('registration')) {
      must(this.isActive(id) === (state === 'ACTIVE'), `registration ${id} is ${String(state)}`);
    }
  }
}
