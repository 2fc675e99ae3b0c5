/** Who acted in these trades, in how many capacities, and who is close to whom. */
import type { Role } from '../../base/roles.ts';
import { keyIdOf } from '../../base/key-id.ts';
import { areRelated, keyRecord, organisationRecord } from '../../identity/state.ts';
import type { Organisation } from '../../identity/schema.ts';
import type { Review } from '../../compliance/schema.ts';
import { reviewRecord } from '../../compliance/state.ts';
import { valuationRecord } from '../../pricing/state.ts';
import { jobRecord } from '../../privacy/jobs/state.ts';
import { objectionRecord, registrationRecord } from '../../rights/state.ts';
import { historyOf, lastShown, type Evidence } from '../evidence.ts';
import { tradedListing } from '../claims/listing.ts';
import { tradesOf, type TradeView } from '../trades.ts';

export interface Actor {
  readonly organisationId: string;
  /** null: none is stated, or the organisation is not here. */
  readonly owner: string | null;
  /** `seller in trade-1`, `bank of trade-1`, … */
  readonly capacities: readonly string[];
}

export interface Actors {
  readonly actors: readonly Actor[];
  readonly warnings: readonly string[];
}

interface Deed {
  readonly organisationId: string;
  readonly capacity: string;
  /** The office in which it is to be independent of others; null for parties and onlookers. */
  readonly office: Role | null;
}

export function actorsOf(evidence: Evidence): Actors {
  const deeds = [
    ...tradesOf(evidence).flatMap((trade) => deedsOf(evidence, trade)),
    ...sealer(evidence),
  ];
  const ids = [...new Set(deeds.map(({ organisationId }) => organisationId))];
  const actors = ids.map((organisationId) => ({
    organisationId,
    owner: organisationOf(evidence, organisationId)?.beneficialOwner ?? null,
    capacities: [
      ...new Set(
        deeds.filter((deed) => deed.organisationId === organisationId).map((deed) => deed.capacity),
      ),
    ],
  }));
  return {
    actors,
    warnings: [
      ...splitReviews(evidence),
      ...manyOffices(actors, deeds),
      ...oneHouse(evidence, actors),
      ...unstatedOwners(evidence, actors),
    ],
  };
}

const organisationOf = (evidence: Evidence, id: string): Organisation | null =>
  historyOf(evidence, organisationRecord, id).at(-1)?.record ?? null;

type Named = readonly [
  organisationId: string | null | undefined,
  capacity: string,
  office: Role | null,
];

const toDeeds = (named: readonly Named[]): Deed[] =>
  named.flatMap(([organisationId, capacity, office]) =>
    organisationId ? [{ organisationId, capacity, office }] : [],
  );

function deedsOf(evidence: Evidence, trade: TradeView): Deed[] {
  const { id, last } = trade;
  return [
    ...toDeeds([
      [last.seller, `seller in ${id}`, null],
      [last.buyer, `buyer in ${id}`, null],
      [last.funding?.bank ?? last.bank, `bank of ${id}`, 'BANK'],
      [last.clearedBy, `reviewer who cleared ${id}`, 'REVIEWER'],
      [last.dispute?.ruling?.organisationId, `ruled the dispute of ${id}`, null],
    ]),
    ...registrationDeeds(evidence, last.registrationId),
    ...reviewDeeds(evidence, trade),
    ...(last.valuationId === null ? [] : valuationDeeds(evidence, last.valuationId)),
    ...(last.computation ? jobDeeds(evidence, last.computation.jobId) : []),
  ];
}

function registrationDeeds(evidence: Evidence, id: string): Deed[] {
  const registration = historyOf(evidence, registrationRecord, id).at(-1)?.record;
  if (!registration) return [];
  const objectors = registration.objectionIds.map((objectionId): Named => {
    const objection = historyOf(evidence, objectionRecord, objectionId).at(-1)?.record;
    return [objection?.objector, `objected to ${id}`, null];
  });
  return toDeeds([[registration.registrar, `registrar of ${id}`, 'REGISTRAR'], ...objectors]);
}

function tradedReview(evidence: Evidence, trade: TradeView): Review | null {
  const reviewId = tradedListing(evidence, trade)?.reviewId;
  return (reviewId ? historyOf(evidence, reviewRecord, reviewId).at(-1)?.record : null) ?? null;
}

function reviewDeeds(evidence: Evidence, trade: TradeView): Deed[] {
  const review = tradedReview(evidence, trade);
  if (!review) return [];
  return toDeeds([
    ...review.decisions.map(({ organisationId }): Named => [
      organisationId,
      `reviewer in ${review.id}`,
      'REVIEWER',
    ]),
    [review.chair?.organisationId, `chair of ${review.id}`, 'REVIEWER'],
  ]);
}

function valuationDeeds(evidence: Evidence, id: string): Deed[] {
  const valuation = historyOf(evidence, valuationRecord, id).at(-1)?.record;
  if (!valuation) return [];
  return toDeeds([
    [valuation.appraiser, `appraiser of ${id}`, 'APPRAISER'],
    ...valuation.confirmations.map(({ organisationId }): Named => [
      organisationId,
      `ran ${id} again`,
      null,
    ]),
  ]);
}

function jobDeeds(evidence: Evidence, id: string): Deed[] {
  const job = historyOf(evidence, jobRecord, id).at(-1)?.record;
  if (!job) return [];
  return toDeeds([
    [job.reviewer, `reviewer who approved ${id}`, 'REVIEWER'],
    ...job.attestations.map(({ organisationId }): Named => [
      organisationId,
      `worker of ${id}`,
      'WORKER',
    ]),
    [job.releasedBy, `reviewer who released ${id}`, 'REVIEWER'],
  ]);
}

function sealer(evidence: Evidence): Deed[] {
  const key = historyOf(evidence, keyRecord, keyIdOf(evidence.dossier.seal.publicKey)).at(-1);
  return toDeeds([[key?.record.organisationId, 'sealed this file', null]]);
}

/** A chair who knows both decisions is a third reviewer, not a second independent one. */
const splitReviews = (evidence: Evidence): string[] => [
  ...new Set(
    tradesOf(evidence).flatMap((trade) => {
      const review = tradedReview(evidence, trade);
      return review?.chair
        ? [
            `The two reviewers of ${review.id} differed: ${review.chair.organisationId} decided ` +
              `${review.chair.decision} as chair, having seen both.`,
          ]
        : [];
    }),
  ),
];

/** Offices that readers take to be of different people. */
function manyOffices(actors: readonly Actor[], deeds: readonly Deed[]): string[] {
  return actors.flatMap(({ organisationId, capacities }) => {
    const offices = new Set(
      deeds.flatMap((deed) =>
        deed.organisationId === organisationId && deed.office ? [deed.office] : [],
      ),
    );
    return offices.size > 1
      ? [
          `${organisationId} alone acted as ${[...offices].join(', ')}, so that in these nobody ` +
            `checked it: ${capacities.join(', ')}.`,
        ]
      : [];
  });
}

function oneHouse(evidence: Evidence, actors: readonly Actor[]): string[] {
  const records = lastShown(evidence);
  return actors.flatMap((left, at) =>
    actors
      .slice(at + 1)
      .filter((right) => areRelated(records, left.organisationId, right.organisationId))
      .map((right) => `${told(left)} and ${told(right)} are of one house, by the owners stated.`),
  );
}

const told = ({ organisationId, owner, capacities }: Actor): string =>
  `${organisationId} (${capacities.join(', ')}; owner ${owner === null ? 'not stated' : `“${owner}”`})`;

/** Genesis states no owner for the operator of any chain: that is a limit, no warning. */
function unstatedOwners({ genesis }: Evidence, actors: readonly Actor[]): string[] {
  const silent = actors.filter(
    ({ organisationId, owner }) =>
      owner === null && organisationId !== genesis.operator.organisationId,
  );
  return silent.length === 0
    ? []
    : [
        `No owner is stated for ${silent.map(({ organisationId }) => organisationId).join(', ')}: ` +
          'whether they belong to a party, or to each other, nobody can tell from this chain.',
      ];
}
