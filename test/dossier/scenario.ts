/** A whole trade of a file and one of a computation, by the rules of every room. */
import { fromHex, toHex, utf8 } from '../../src/base/bytes.ts';
import { commitment, sha256Hex } from '../../src/base/hash.ts';
import type { SampleSize } from '../../src/base/rules.ts';
import { decisionCommitment } from '../../src/compliance/decision.ts';
import { inputsCommitment, rerun } from '../../src/pricing/rerun.ts';
import { jobSpecHash } from '../../src/privacy/he/protocols/p2/job-spec.ts';
import { encodeRelease, releaseDigest } from '../../src/privacy/he/protocols/p2/release.ts';
import { listingBinding } from '../../src/privacy/zk/statements/k-anonymity.ts';
import { registrationRecord } from '../../src/rights/state.ts';
import { tradeRecord } from '../../src/trading/state.ts';
import { agreedTermsOf, termsHash } from '../../src/trading/types.ts';
import { sampleSpec } from '../privacy/he/sample-job.ts';
import {
  smallCircuitId,
  smallKey,
  smallParameters,
  smallProof,
} from '../privacy/zk/small-proof.ts';
import { admitAll, beginMs, chainId, makeGenesis, raise } from './cast.ts';
import { register, registerSource, registrationId, sourceId } from './register.ts';
import { saltOf, World } from './world.ts';

export const scenarioTrades = ['trade-file', 'trade-compute'];

export const listingId = 'listing-1';
const reviewId = 'review-1';
export const valuationId = 'valuation-1';

export const fileTerms = {
  purposes: ['RESEARCH'],
  permissions: ['USE', 'DERIVE'],
  territory: ['CN'],
  durationDays: 365,
  usesMax: null,
};

export const computeTerms = {
  ...fileTerms,
  permissions: ['EXECUTE'],
  durationDays: 30,
  usesMax: 1,
};

const column = (name: string, type: string, meaning: string, sensitivity: string) => ({
  name,
  type,
  meaning,
  sensitivity,
});

/** What its seller says of the whole file, where the rules ask: two rows can be told from all others. */
const wholeFile = {
  rows: 400,
  quality: {
    completeness: 9000,
    accuracy: 10_000,
    consistency: 10_000,
    regularity: 10_000,
    timeliness: 10_000,
    accessibility: 10_000,
  },
  anonymity: {
    leftOut: 4,
    k: 1,
    uniqueRows: 2,
    smallest: [
      { rows: 1, classes: 2 },
      { rows: 2, classes: 197 },
    ],
  },
};

async function list(
  world: World,
  { without = false, more = [] }: Columns = {},
  isFree = false,
): Promise<void> {
  const binding = listingBinding({
    chainId,
    circuitId: smallCircuitId,
    listingId,
    revision: 1n,
    sellerOrgId: 'seller',
  });
  const { publics, proof } = await smallProof(binding);
  const meanings = without ? [] : world.machine.genesis.rules.sample.quasiIdentifierMeanings;
  const quasi = meanings.map((meaning) => ({
    ...column(meaning.replace('.', ' '), 'TEXT', meaning, 'QUASI_IDENTIFIER'),
  }));
  world.submit('seller', [
    'listing.draft',
    {
      listingId,
      registrationId,
      kind: 'DATASET',
      title: 'Strikes',
      summary: 'Reported strikes.',
      industry: 'G56',
      coverage: { from: '1990-01-01', to: '2002-12-31', region: 'CN', population: 'Strikes' },
      columns: [
        ...quasi,
        column('cost_total', 'INTEGER', 'money.cost', 'GENERAL'),
        column('operator', 'TEXT', 'thing.size', 'GENERAL'),
        ...more.map((named) => column(...named)),
      ],
      updateFrequency: 'ONCE',
      delivery: ['FILE', 'COMPUTE'],
      quality: {
        rows: wholeFile.rows,
        ...wholeFile.quality,
        reportCommitment: commitment(saltOf('report'), utf8('report')),
      },
      sample: {
        circuitId: smallCircuitId,
        rows: smallParameters.rows,
        commitment: (publics[0] ?? 0n).toString(16).padStart(64, '0'),
        quasiIdentifiers: quasi.map(({ name }) => name),
      },
      level: 'GENERAL',
      personalInformation: { contains: false, sensitive: false, peopleCount: 0 },
      legalOpinion: {
        digest: sha256Hex(utf8('opinion')),
        issuer: 'Lark and Partners',
        validUntilMs: beginMs + 365 * 86_400_000,
      },
      price: isFree ? { model: 'FREE', amountFen: 0n } : { model: 'FIXED', amountFen: 10_000_000n },
      computeOffer: {
        functionId: 'group-sum',
        valueColumn: 'cost_total',
        groupColumn: 'operator',
        amountFen: 1_000_000n,
        usesMax: 1,
      },
      terms: fileTerms,
    },
  ]);
  if (world.machine.nextVersion() >= 2) {
    const anonymity = { columns: quasi.map(({ name }) => name), ...wholeFile.anonymity };
    world.submit('seller', ['listing.state-profile', { listingId, ...wholeFile, anonymity }]);
  }
  world.submit(
    'seller',
    ['listing.prove-sample', { listingId, proof: toHex(proof) }],
    ['listing.submit-for-review', { listingId }],
  );
}

function review(world: World, decisions: MarketChanges['decisions'] = ['PASS', 'PASS']): void {
  world.submit('reviewer-a', ['compliance.open', { reviewId, listingId }]);
  const opinions = ['reviewer-a', 'reviewer-b'].map((reviewer, at) => {
    const decision = decisions[at] ?? 'PASS';
    const reason = `In order, says ${reviewer}.`;
    const salt = toHex(saltOf(`decision/${reviewer}`));
    return { reviewer, decision, reason, salt };
  });
  for (const { reviewer, decision, reason, salt } of opinions) {
    const committed = decisionCommitment(salt, reviewId, decision, reason);
    world.submit(reviewer, ['compliance.commit', { reviewId, commitment: committed }]);
  }
  for (const { reviewer, decision, reason, salt } of opinions) {
    world.submit(reviewer, ['compliance.reveal', { reviewId, decision, reason, salt }]);
  }
  if (decisions[0] !== decisions[1]) {
    const reason = 'The first is right.';
    world.submit('reviewer-c', ['compliance.chair', { reviewId, decision: 'PASS', reason }]);
  }
}

export const costInputs = {
  totalCostFen: 12_000_000n,
  returnRate: '0.2',
  quality: '0.9',
  circulation: '0.8',
  monopoly: '0.1',
  risk: '0.15',
};

function value(world: World): void {
  const result = rerun('COST', 1, costInputs);
  const committed = inputsCommitment(saltOf('valuation'), 'COST', 1, costInputs);
  if (!result.ok || !committed.ok) throw new Error('the inputs fit the method');
  world.submit('appraiser', [
    'pricing.submit-valuation',
    {
      valuationId,
      subjectId: listingId,
      subjectRevision: 1,
      method: 'COST',
      methodVersion: 1,
      inputsCommitment: committed.value,
      holders: ['buyer'],
      resultFen: result.value,
    },
  ]);
  world.submit('buyer', ['pricing.confirm-valuation', { valuationId, resultFen: result.value }]);
}

export interface Deal {
  readonly tradeId: string;
  readonly purpose: 'DELIVERY' | 'COMPUTE';
  readonly terms: unknown;
  readonly priceFen: bigint;
  readonly valuationId: string | null;
}

/** From request to funding; delivery has begun. */
export function agree(world: World, deal: Deal): void {
  const { tradeId, purpose, terms, priceFen } = deal;
  world.submit('buyer', [
    'trading.request',
    {
      tradeId,
      purpose,
      listingId,
      listingRevision: 1,
      priceFen: priceFen === 0n ? 0n : priceFen - 1n,
      terms,
      bank: 'bank',
    },
  ]);
  world.submit('seller', [
    'trading.offer',
    { tradeId, turn: 1, priceFen, terms, bank: 'bank', valuationId: deal.valuationId },
  ]);
  world.submit('buyer', ['trading.accept-offer', { tradeId, turn: 2 }]);
  world.submit('reviewer-a', ['trading.clear', { tradeId }]);
  const trade = () => world.get(tradeRecord, tradeId);
  const hash = termsHash(agreedTermsOf(chainId, trade()));
  world.submit('seller', ['trading.sign', { tradeId, termsHash: hash }]);
  world.submit('buyer', ['trading.sign', { tradeId, termsHash: hash }]);
  world.submit('buyer', ['trading.verify', { tradeId, termsHash: hash }]);
  if (priceFen > 0n) {
    const referenceCommitment = commitment(saltOf(`fund/${tradeId}`), utf8('transfer'));
    const amountFen = trade().totalFen;
    world.submit('bank', ['trading.fund', { tradeId, amountFen, referenceCommitment }]);
  }
  world.submit('seller', ['trading.start-delivery', { tradeId }]);
}

/** @returns the digest that the buyer accepts or not. */
export function handOver(world: World, tradeId: string): string {
  const { rowsRoot, contentCommitment } = world.get(registrationRecord, registrationId).fingerprint;
  const ciphertextDigest = sha256Hex(utf8('ciphertext'));
  world.submit('seller', [
    'trading.deliver',
    {
      tradeId,
      ciphertextDigest,
      ciphertextBytes: 1000,
      wrappedKeyDigest: sha256Hex(utf8('wrapped key')),
      rowsRoot,
      contentCommitment,
    },
  ]);
  return ciphertextDigest;
}

export function deliver(world: World, tradeId: string): void {
  const digest = handOver(world, tradeId);
  world.submit('buyer', ['trading.accept-delivery', { tradeId, digest }]);
}

const groups = [
  { label: 'Air Carrier', rows: 300 },
  { label: '军用', rows: 100 },
];

export const jobSpec = sampleSpec({
  groups,
  policy: { cohortMin: 20, roundingUnit: 1n },
  licenceId: 'trade-compute',
  chainId,
  parties: { seller: 'seller', buyer: 'buyer', operator: 'operator', reviewer: 'reviewer-a' },
});

export const resultDigest = sha256Hex(utf8('results'));

export const release = encodeRelease(
  jobSpec,
  resultDigest,
  groups.map((group, index) => ({ ...group, total: BigInt(1000 * (index + 1)) })),
);

function compute(world: World, tradeId: string): void {
  const jobId = 'job-1';
  const spec = {
    functionId: 'group-sum',
    presetId: jobSpec.presetId,
    valueColumn: jobSpec.column,
    groupColumn: jobSpec.groupColumn,
    groups: groups.length,
    rows: jobSpec.rows,
    valueBound: Number(jobSpec.valueBound),
    scale: jobSpec.scale,
    cohortMinimum: jobSpec.policy.cohortMin,
    roundingUnit: Number(jobSpec.policy.roundingUnit),
  };
  const specHash = jobSpecHash(jobSpec);
  const nonceDigest = sha256Hex(fromHex(jobSpec.nonce));
  world.submit('buyer', [
    'job.request',
    { jobId, licenceId: tradeId, spec, specHash, nonceDigest },
  ]);
  world.submit('reviewer-a', ['job.approve', { jobId, specHash }]);
  const root = sha256Hex(utf8('inputs'));
  const publicKeyDigest = sha256Hex(utf8('job key'));
  world.submit('seller', [
    'job.commit-inputs',
    { jobId, root, publicKeyDigest, chunks: 1, bytes: 9 },
  ]);
  world.submit('worker-a', ['job.attest', { jobId, resultDigest }]);
  world.submit('worker-b', ['job.attest', { jobId, resultDigest }]);
  const committed = releaseDigest(saltOf('release'), release);
  world.submit('seller', ['job.propose-release', { jobId, commitment: committed, groups: 2 }]);
  world.submit('reviewer-a', ['job.release', { jobId, commitment: committed }]);
  world.submit('buyer', ['trading.accept-delivery', { tradeId, digest: committed }]);
}

export function settle(world: World, tradeId: string): void {
  world.submit('operator', ['trading.settle', { tradeId }]);
  world.submit('operator', ['trading.certify', { tradeId }]);
}

export function payOut(world: World, tradeId: string): void {
  const referenceCommitment = commitment(saltOf(`pay-out/${tradeId}`), utf8('pay-out'));
  world.submit('bank', ['trading.pay-out', { tradeId, to: 'SELLER', referenceCommitment }]);
}

function close(world: World, tradeId: string): void {
  settle(world, tradeId);
  payOut(world, tradeId);
}

interface Columns {
  /** No column is tagged as a quasi-identifier, and none has a meaning that the rule pack takes for one. */
  readonly without?: boolean;
  /** Further columns, which the sample's statement leaves out: name, type, meaning, tag. */
  readonly more?: readonly (readonly [string, string, string, string])[];
}

/** What of a market a test plays otherwise. */
export interface MarketChanges {
  readonly keyClass?: 'development' | 'ceremony';
  /** Sizes of samples that the rule pack lists; none unless told. */
  readonly sizes?: readonly SampleSize[];
  readonly admit?: (world: World) => void;
  /** By which rules all of it is played; 1 unless told. */
  readonly machineVersion?: 2;
  /** The product derives from another registration, which may be struck off before it is listed. */
  readonly source?: 'kept' | 'struck off';
  /** What reviewer-a and reviewer-b decide; where they differ, reviewer-c is the chair. */
  readonly decisions?: readonly ['PASS' | 'FAIL', 'PASS' | 'FAIL'];
  readonly columns?: Columns;
  /** The product costs nothing; its trades take machine version 2. */
  readonly isFree?: boolean;
}

/** The file for its price, without a valuation. */
export const fileDeal = {
  tradeId: 'trade-file',
  purpose: 'DELIVERY',
  terms: fileTerms,
  priceFen: 10_000_000n,
  valuationId: null,
} as const;

/** A listed and valued product, with all parties admitted. */
export async function openMarket(changes: MarketChanges = {}): Promise<World> {
  const { keyClass, sizes, admit = admitAll, decisions, source } = changes;
  const world = new World(await makeGenesis(keyClass, sizes), await smallKey());
  if (changes.machineVersion === 2) raise(world);
  admit(world);
  if (source) registerSource(world);
  register(world, source !== undefined);
  if (source === 'struck off') {
    const reason = 'It was stolen.';
    world.submit('registrar', ['rights.deregister', { registrationId: sourceId, reason }]);
  }
  await list(world, changes.columns, changes.isFree);
  review(world, decisions);
  value(world);
  return world;
}

export async function playScenario(): Promise<World> {
  const world = await openMarket();
  const [file = '', computation = ''] = scenarioTrades;
  const onFile = { tradeId: file, terms: fileTerms, priceFen: 10_000_000n, valuationId };
  agree(world, { ...onFile, purpose: 'DELIVERY' });
  deliver(world, file);
  close(world, file);
  const onCompute = { tradeId: computation, terms: computeTerms, priceFen: 1_000_000n };
  agree(world, { ...onCompute, purpose: 'COMPUTE', valuationId: null });
  compute(world, computation);
  close(world, computation);
  return world;
}
