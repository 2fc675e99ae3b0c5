/** What an operator is told in time, by /readyz and the log of a chain that decides on it by real envelopes. */
import { expect } from 'chai';
import { pino } from 'pino';
import { openNotices, type OpenNoticeParts } from '../../src/api/open-notices.ts';
import type { Notice } from '../../src/api/notices.ts';
import { dayMs, dayOfIso, endOfDayMs } from '../../src/base/calendar.ts';
import { success } from '../../src/base/result.ts';
import { approve } from '../../src/governance/decide.ts';
import { confirmNoNotice } from '../../src/governance/confirm-no-notice.ts';
import { propose } from '../../src/governance/propose.ts';
import { proposeCalendarYear } from '../../src/governance/propose-rules.ts';
import { ApiClient, Coverage } from '../support/api-client.ts';
import { defaultRules } from '../support/rules.ts';
import {
  admission,
  genesis,
  keyOf,
  openExchange,
  operationOf,
  operator,
  sign,
  type SignedOperation,
  type TestExchange,
} from './exchange.ts';
import { document } from './suite.ts';

const regulator = keyOf('regulator');
const { calendar } = defaultRules;
/** A moment of the day that is so many days before the last one that the calendar knows. */
const daysBefore = (days: number): number =>
  endOfDayMs((dayOfIso(calendar.to) ?? 0) - days, calendar) - dayMs / 2;

describe('notices', () => {
  let exchange: TestExchange;
  let undo: (() => Promise<unknown>)[] = [];
  const clock = { nowMs: 0 };

  async function begin(version: 1 | 2, days = 91): Promise<void> {
    clock.nowMs = daysBefore(days);
    const chain = {
      genesis: { ...genesis, version, rules: defaultRules, timeMs: clock.nowMs },
      ...{ blockSigner: keyOf('block signer'), nowMs: () => clock.nowMs },
      verifyProof: () => success,
    };
    exchange = await openExchange({ chain });
    await submit(operator, admission('the-regulator', regulator, ['ADMIN', 'REGULATOR']));
  }
  afterEach(async () => {
    for (const step of undo.reverse()) await step();
    undo = [];
    await exchange.close();
  });

  async function submit(key: typeof operator, ...operations: SignedOperation[]): Promise<void> {
    const outcome = await exchange.engine.submit(sign(exchange, key, operations));
    expect(JSON.stringify(outcome))
      .to.match(/^\{"ok":true/)
      .and.not.match(/"code":[1-9]/);
  }

  /** A node of the exchange that begins now. */
  async function start(change: Partial<OpenNoticeParts> = {}) {
    const lines: string[] = [];
    const log = pino({ level: 'info' }, { write: (line) => void lines.push(line) });
    const parts = { engine: exchange.engine, genesis: exchange.parts.genesis, log };
    const notices = await openNotices(
      { ...parts, now: () => clock.nowMs, everyMs: 5, ...change },
      undo,
    );
    const client = new ApiClient(
      await exchange.serve({ notices }),
      document,
      new Coverage(),
      new Map(),
    );
    const ask = async (): Promise<readonly Notice[]> => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      const { status, json } = await client.call('getReadiness');
      expect(status).to.equal(200);
      expect(json).to.include({ ready: true });
      return json.notices as readonly Notice[];
    };
    return { ask, lines };
  }

  const year2027 = {
    ...{ year: 2027, version: 'test-2027', source: 'A test' },
    ...{ holidays: ['2027-01-01'], workedWeekends: [] },
  };
  const proposeYear = (notBeforeHeight: number) =>
    operationOf(proposeCalendarYear, {
      ...{ proposalId: 'year', notBeforeHeight, reason: 'As decided', calendar: year2027 },
    });
  const approving = (proposalId: string) => operationOf(approve, { proposalId });

  it('tell the end of the calendar from 90 days before it on, and not 91 days before', async () => {
    await begin(2);
    const { ask, lines } = await start();
    expect(await ask()).to.deep.equal([]);
    expect(lines).to.deep.equal([]);
    clock.nowMs = daysBefore(90);
    expect(await ask()).to.deep.equal([
      {
        name: 'calendar',
        detail:
          'The calendar in force, cn-2026, knows days to 2026-12-31 (days left: 90). When the notice on the ' +
          'working days of 2027 is there, propose it by governance.propose-calendar-year. Where none comes, say ' +
          'so by governance.confirm-no-notice.',
      },
    ]);
    clock.nowMs = daysBefore(-1);
    expect((await ask())[0]?.detail).to.include('knows days to 2026-12-31 (which is past).');
  });

  it('stand in the log once at the start and once a day', async () => {
    await begin(2, 80);
    const { ask, lines } = await start();
    expect(lines.map((line) => JSON.parse(line) as object)).to.have.length(1);
    expect(JSON.parse(lines[0] ?? '')).to.include({ level: 40, msg: 'notice', notice: 'calendar' });
    await ask();
    expect(lines).to.have.length(1);
    clock.nowMs += dayMs;
    await ask();
    expect(lines).to.have.length(2);
    expect(lines[1]).to.include('days left: 79');
  });

  it('end when the year is decided and in force, and say from which block on until then', async () => {
    await begin(2, 30);
    const { ask } = await start();
    const from = exchange.engine.status().height + 4;
    await submit(operator, proposeYear(from));
    expect((await ask())[0]?.detail).to.include('governance.propose-calendar-year');
    await submit(regulator, approving('year'));
    const [notice] = await ask();
    expect(notice?.detail).to.include(
      `knows days to 2027-12-31 is decided and holds from block ${from}`,
    );
    expect(notice?.detail).to.not.include('governance.');
    await submit(operator, admission('org-a', keyOf('a')));
    expect(await ask()).to.deep.equal([]);
  });

  it('name no confirmation where one was given', async () => {
    await begin(2, 10);
    const { ask } = await start();
    await submit(operator, operationOf(confirmNoNotice, { year: 2027, reason: 'None came' }));
    const [notice] = await ask();
    expect(notice?.detail).to.include('It is confirmed that none comes for 2027');
    expect(notice?.detail).to.not.include('governance.confirm-no-notice');
  });

  it('count the blocks up to a decided machine version, where the program does not know it', async () => {
    await begin(1);
    const from = exchange.engine.status().height + 6;
    const older = await start({ known: 1 });
    const newer = await start();
    const raising = {
      proposalId: 'raise',
      kind: 'MACHINE_VERSION',
      value: 2,
      digest: null,
    } as const;
    await submit(
      operator,
      operationOf(propose, { ...raising, notBeforeHeight: from, reason: 'A test' }),
    );
    expect(await older.ask()).to.deep.equal([]);
    await submit(regulator, approving('raise'));
    const [notice, ...others] = await older.ask();
    expect(others).to.deep.equal([]);
    expect(notice?.name).to.equal('machine-version');
    expect(notice?.detail).to.include(
      `Machine version 2 is decided and holds from block ${from} on`,
    );
    expect(notice?.detail).to.include(
      'Blocks that it can still execute: 3. Install the newer release',
    );
    await submit(operator, admission('org-a', keyOf('a')));
    expect((await older.ask())[0]?.detail).to.include('still execute: 2.');
    expect(older.lines).to.have.length(1);
    expect(await newer.ask()).to.deep.equal([]);
    expect(newer.lines).to.deep.equal([]);
  });

  it('say on machine version 1 that version 2 comes first', async () => {
    await begin(1, 10);
    const { ask } = await start();
    expect((await ask())[0]?.detail).to.include(
      'Raise the machine version to 2 first (governance.propose).',
    );
  });
});
