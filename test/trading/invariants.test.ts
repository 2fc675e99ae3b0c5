import { expect } from 'chai';
import { checkMoneyInvariants, type MoneyRows } from '../../src/trading/escrow/invariants.ts';
import type { Account, Licence, Posting, Trade } from '../../src/trading/schema.ts';
import {
  accountRecord,
  licenceRecord,
  postingRecord,
  tradeRecord,
} from '../../src/trading/state.ts';
import { reversePayOut } from '../../src/trading/escrow/pay-out.ts';
import { digestOf } from './sample-product.ts';
import { play, worldAt, type World } from './trading-world.ts';

interface Rows extends MoneyRows {
  trades: Trade[];
  licences: Licence[];
  postings: Posting[];
  accounts: Account[];
  timeMs: number;
}

const rowsOf = ({ ledger }: World): Rows => ({
  trades: ledger.all(tradeRecord),
  licences: ledger.all(licenceRecord),
  postings: ledger.all(postingRecord),
  accounts: ledger.all(accountRecord),
  timeMs: ledger.timeMs,
});

const replaced = <Row extends { id: string }>(
  rows: Row[],
  id: string,
  change: (row: Row) => Partial<Row>,
): Row[] => {
  expect(
    rows.some((row) => row.id === id),
    id,
  ).to.equal(true);
  return rows.map((row) => (row.id === id ? { ...row, ...change(row) } : row));
};

const reversed = (): World => {
  const world = play(worldAt('SETTLED'), ['pay-seller']);
  world.ledger.accept(reversePayOut, world.actors.bank, {
    postingId: 'trade-1-posting-3',
    referenceCommitment: digestOf('reference'),
  });
  return world;
};

interface Breakage {
  readonly name: string;
  readonly world: () => World;
  readonly change: (rows: Rows) => Partial<Rows>;
}

/** Each invariant with a way to break it and nothing else of the same name. */
const breakages: readonly Breakage[] = [
  {
    name: 'posting-unbalanced trade-1-posting-1',
    world: () => worldAt('FUNDED'),
    change: ({ postings }) => ({
      postings: replaced(postings, 'trade-1-posting-1', ({ lines }) => ({
        lines: lines.map((line, index) => (index === 0 ? { ...line, amountFen: 1n } : line)),
      })),
    }),
  },
  {
    name: 'account-drift escrow-trade-1',
    world: () => worldAt('FUNDED'),
    change: ({ accounts }) => ({
      accounts: replaced(accounts, 'escrow-trade-1', () => ({ balanceFen: 5n })),
    }),
  },
  {
    name: 'account-drift fee-income',
    world: () => worldAt('SETTLED'),
    change: ({ accounts }) => ({ accounts: accounts.filter(({ id }) => id !== 'fee-income') }),
  },
  {
    name: 'ledger-unbalanced CNY',
    world: () => worldAt('SETTLED'),
    change: ({ accounts }) => ({
      accounts: replaced(accounts, 'output-vat', () => ({ balanceFen: 1n })),
    }),
  },
  {
    name: 'escrow-mismatch trade-1',
    world: () => worldAt('FUNDED'),
    change: ({ trades }) => ({ trades: replaced(trades, 'trade-1', () => ({ state: 'SETTLED' })) }),
  },
  {
    name: 'escrow-orphan escrow-trade-1',
    world: () => worldAt('FUNDED'),
    change: () => ({ trades: [] }),
  },
  {
    name: 'total-mismatch trade-1',
    world: () => worldAt('FUNDED'),
    change: ({ trades }) => ({ trades: replaced(trades, 'trade-1', () => ({ vatFen: 0n })) }),
  },
  {
    name: 'settled-mismatch trade-1',
    world: () => worldAt('SETTLED'),
    change: ({ trades }) => ({
      trades: replaced(trades, 'trade-1', ({ settlement }) => ({
        settlement: settlement && { ...settlement, refundFen: 1n },
      })),
    }),
  },
  {
    name: 'hold-stuck trade-1',
    world: () => worldAt('DISPUTED'),
    change: ({ trades }) => ({ timeMs: trades[0]?.dueAtMs ?? 0 }),
  },
  {
    name: 'licence-unfunded trade-1',
    world: () => worldAt('FUNDED'),
    change: ({ trades }) => ({ trades: replaced(trades, 'trade-1', () => ({ funding: null })) }),
  },
  {
    name: 'licence-overused trade-1',
    world: () => worldAt('SETTLED'),
    change: ({ licences }) => ({ licences: replaced(licences, 'trade-1', () => ({ uses: 11 })) }),
  },
  {
    name: 'licence-refunded trade-1',
    world: () => worldAt('REFUNDED'),
    change: ({ licences }) => ({
      licences: replaced(licences, 'trade-1', () => ({ state: 'ACTIVE' })),
    }),
  },
  {
    name: 'reversal-mismatch trade-1-posting-4',
    world: reversed,
    change: ({ postings }) => ({
      postings: replaced(postings, 'trade-1-posting-4', () => ({
        reversesPostingId: 'trade-1-posting-2',
      })),
    }),
  },
  {
    name: 'reversal-repeated trade-1-posting-5',
    world: reversed,
    change: ({ postings }) => ({
      postings: [
        ...postings,
        ...postings
          .filter(({ id }) => id === 'trade-1-posting-4')
          .map((posting) => ({ ...posting, id: 'trade-1-posting-5' })),
      ],
    }),
  },
  {
    name: 'payable-mismatch seller-payable-seller',
    world: () => worldAt('SETTLED'),
    change: ({ trades }) => ({
      trades: replaced(trades, 'trade-1', ({ settlement }) => ({
        settlement: settlement && { ...settlement, sellerPostingId: 'trade-1-posting-9' },
      })),
    }),
  },
];

describe('checkMoneyInvariants', () => {
  for (const { name, world, change } of breakages) {
    it(`finds ${name}`, () => {
      const rows = rowsOf(world());
      expect(checkMoneyInvariants(rows)).to.deep.equal([]);
      expect(checkMoneyInvariants({ ...rows, ...change(rows) })).to.include(name);
    });
  }

  it('finds nothing where there is nothing', () => {
    const nothing = { trades: [], licences: [], postings: [], accounts: [], timeMs: 0 };
    expect(checkMoneyInvariants(nothing)).to.deep.equal([]);
  });
});
