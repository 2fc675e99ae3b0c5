import type { Trade } from '../../../src/trading/schema.ts';
import { agreedTermsOf, termsHash } from '../../../src/trading/types.ts';
import { computeTerms, fileTerms } from '../../trading/sample-product.ts';
import { chainId, digestOf } from '../cast.ts';
import { act, actor, anyOf, find, type Act, type Scene } from '../scene.ts';
import type { Row } from '../view.ts';
import type { ListingRow } from './market.ts';

/** Read by the schema's type: the simulation proposes, the auditor judges without it. */
export type TradeRow = Trade & Row;

interface PostingRow extends Row {
  readonly kind: string;
  readonly tradeId: string;
}

type Fields = Record<string, unknown>;

const step = (
  name: string,
  weight: number,
  states: readonly string[],
  by: (trade: TradeRow, scene: Scene) => string,
  more: (trade: TradeRow, scene: Scene) => Fields = () => ({}),
): Act =>
  act(name, weight, (scene) => {
    const trade = find<TradeRow>(scene, 'trade', ({ state }) => states.includes(state));
    return trade
      ? {
          by: actor(scene, by(trade, scene)),
          command: { tradeId: trade.id, ...more(trade, scene) },
        }
      : null;
  });

const buyer = ({ buyer: id }: TradeRow): string => id;
const seller = ({ seller: id }: TradeRow): string => id;
const operator = (): string => 'operator';
const reviewer = (_: TradeRow, { random }: Scene): string =>
  random.one(['reviewer-1', 'reviewer-2', 'reviewer-3', 'reviewer-4']);
const either = (trade: TradeRow, { random }: Scene): string =>
  random.chance(0.5) ? trade.buyer : trade.seller;

/** The standing bank mostly; sometimes another, and where the scene is loose one that is none. */
const bankOf = (standing: string, { random, loose }: Scene): string => {
  if (loose && random.chance(0.2)) return random.one(['seller-1', 'reviewer-1', 'bank-9']);
  return random.chance(0.8) ? standing : random.one(['bank-1', 'bank-2']);
};

const proposal = ({ turn, priceFen, terms, bank }: TradeRow, scene: Scene): Fields => ({
  turn,
  bank: bankOf(bank, scene),
  priceFen: scene.random.chance(0.7) ? priceFen : BigInt(1 + scene.random.below(20_000_000)),
  terms,
});

const signed = (trade: TradeRow): Fields => ({
  termsHash: termsHash(agreedTermsOf(chainId, trade)),
});

const reference = { referenceCommitment: digestOf('reference') };
const reason = { reason: 'as ordered' };

const endStates = ['CERTIFIED', 'PARTIAL_REFUND', 'REFUNDED', 'EXPIRED', 'CANCELLED', 'TERMINATED'];

/** Few trades at a time get further than many. */
const isBusy = ({ view, loose }: Scene): boolean =>
  !loose && view.all('trade').filter(({ state }) => !endStates.includes(String(state))).length > 3;

function request(scene: Scene): ReturnType<Act['propose']> {
  if (isBusy(scene)) return null;
  const row = find<ListingRow>(scene, 'listing', ({ state }) => state === 'LISTED');
  if (!row) return null;
  const compute = scene.random.chance(0.4);
  const command = {
    tradeId: scene.freshId('trade'),
    purpose: compute ? 'COMPUTE' : 'DELIVERY',
    listingId: row.id,
    listingRevision: row.revision,
    priceFen: BigInt(1 + scene.random.below(compute ? 1_000_000 : 10_000_000)),
    terms: compute ? computeTerms : fileTerms,
    bank: bankOf('bank-1', scene),
  };
  return { by: actor(scene, anyOf(scene, 'buyer')), command };
}

function deliver({ id, registrationId }: TradeRow, { loose, random }: Scene): Fields {
  const content = loose && random.chance(0.3) ? 'another registration' : registrationId;
  return {
    ciphertextDigest: digestOf(`${id} ciphertext`),
    ciphertextBytes: 1_000_000,
    wrappedKeyDigest: digestOf(`${id} key`),
    rowsRoot: digestOf(`${content} rows`),
    contentCommitment: digestOf(`${content} content`),
  };
}

function signature(scene: Scene): ReturnType<Act['propose']> {
  const trade = find<TradeRow>(scene, 'trade', ({ state }) => state === 'COMPLIANCE_CLEARED');
  if (!trade) return null;
  const unsigned = trade.signatures.buyer === null ? trade.buyer : trade.seller;
  return { by: actor(scene, unsigned), command: { tradeId: trade.id, ...signed(trade) } };
}

/** Nothing, a part or all of it. */
function refund({ totalFen }: TradeRow, { random }: Scene): Fields {
  const part = (totalFen * BigInt(random.below(1001))) / 1000n;
  return { ...reason, refundFen: random.one([0n, part, part, totalFen]) };
}

function payOut(to: 'SELLER' | 'BUYER') {
  return (scene: Scene): ReturnType<Act['propose']> => {
    const trade = find<TradeRow>(scene, 'trade', ({ settlement }) => {
      if (settlement === null) return false;
      return to === 'SELLER'
        ? settlement.sellerFen > 0n && settlement.sellerPostingId === null
        : settlement.refundFen > 0n && settlement.refundPostingId === null;
    });
    if (!trade) return null;
    const by = actor(scene, trade.funding?.bank ?? 'bank-1');
    return { by, command: { tradeId: trade.id, to, ...reference } };
  };
}

export const negotiationActs: readonly Act[] = [
  act('trading.request', 2, request),
  step('trading.offer', 4, ['REQUESTED'], seller, (trade, scene) => ({
    ...proposal(trade, scene),
    valuationId: null,
  })),
  step('trading.counter', 0.4, ['OFFERED'], buyer, proposal),
  step('trading.accept-offer', 4, ['OFFERED'], buyer, ({ turn }) => ({ turn })),
  step('trading.clear', 4, ['ACCEPTED'], reviewer),
  step('trading.refuse-clearance', 0.1, ['ACCEPTED'], reviewer, () => reason),
  act('trading.sign', 6, signature),
  step('trading.verify', 4, ['AGREED'], buyer, signed),
  step(
    'trading.cancel',
    0.1,
    ['REQUESTED', 'OFFERED', 'ACCEPTED', 'COMPLIANCE_CLEARED', 'AGREED', 'VERIFIED'],
    either,
    () => reason,
  ),
];

export const settlementActs: readonly Act[] = [
  step(
    'trading.fund',
    5,
    ['VERIFIED'],
    ({ bank }, scene) => (scene.loose ? anyOf(scene, 'bank') : bank),
    ({ totalFen }, { loose, random }) => ({
      amountFen: loose && random.chance(0.5) ? totalFen + 1n : totalFen,
      ...reference,
    }),
  ),
  step('trading.start-delivery', 5, ['FUNDED'], seller),
  step('trading.suspend-delivery', 0.3, ['DELIVERING'], operator, () => reason),
  step('trading.resume-delivery', 3, ['SUSPENDED'], operator, () => reason),
  act('trading.deliver', 5, (scene) => {
    const trade = find<TradeRow>(
      scene,
      'trade',
      ({ state, purpose }) => state === 'DELIVERING' && purpose === 'DELIVERY',
    );
    if (!trade) return null;
    const command = { tradeId: trade.id, ...deliver(trade, scene) };
    return { by: actor(scene, trade.seller), command };
  }),
  step('trading.accept-delivery', 3, ['DELIVERED'], buyer, ({ delivery, computation }) => ({
    digest: delivery?.ciphertextDigest ?? computation?.releaseCommitment ?? digestOf('none'),
  })),
  step('trading.reject-delivery', 1, ['DELIVERED'], buyer, () => ({
    ground: 'INCOMPLETE',
    evidenceCommitment: digestOf('evidence'),
  })),
  step('trading.dispute', 3, ['REJECTED'], either),
  step('trading.rule-dispute', 3, ['DISPUTED'], operator, refund),
  step('trading.settle', 3, ['ACCEPTED_BY_BUYER'], operator),
  step('trading.certify', 1, ['SETTLED'], operator),
  act('trading.pay-out', 1, payOut('SELLER')),
  act('trading.pay-out', 1, payOut('BUYER')),
  act('trading.reverse-pay-out', 0.2, (scene) => {
    const posting = find<PostingRow>(scene, 'posting', ({ kind }) => kind === 'PAY_OUT');
    if (!posting) return null;
    const trade = scene.view.get('trade', posting.tradeId) as TradeRow;
    const by = actor(scene, trade.funding?.bank ?? 'bank-1');
    return { by, command: { postingId: posting.id, ...reference } };
  }),
];

interface LicenceRow extends Row {
  readonly licensee: string;
  readonly purpose: string;
  readonly nextNonce: number;
}

const onLicence = (
  name: string,
  weight: number,
  states: readonly string[],
  by: (row: LicenceRow) => string,
  more: (row: LicenceRow, scene: Scene) => Fields,
): Act =>
  act(name, weight, (scene) => {
    const row = find<LicenceRow>(scene, 'licence', ({ state }) => states.includes(String(state)));
    return row
      ? { by: actor(scene, by(row)), command: { licenceId: row.id, ...more(row, scene) } }
      : null;
  });

const licensee = ({ licensee: id }: LicenceRow): string => id;

export const licenceActs: readonly Act[] = [
  onLicence('licence.use', 0.6, ['ACTIVE'], licensee, ({ nextNonce }, { random }) => ({
    permission: 'USE',
    count: 1 + random.below(6),
    nonce: random.chance(0.9) ? nextNonce : nextNonce + 1,
  })),
  onLicence('licence.suspend', 0.1, ['ACTIVE'], operator, () => reason),
  onLicence('licence.resume', 2, ['SUSPENDED'], operator, () => reason),
  onLicence('licence.revoke', 0.05, ['ACTIVE', 'SUSPENDED'], operator, () => reason),
  onLicence(
    'licence.attest-deletion',
    0.4,
    ['EXHAUSTED', 'EXPIRED', 'REVOKED', 'TERMINATED'],
    licensee,
    () => ({ deletionCommitment: digestOf('deleted') }),
  ),
];
