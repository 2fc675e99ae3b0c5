/** The golden chain's second file: how the chain comes to machine version 2, and what it executes by it. */
import { assert } from '../../src/base/assert.ts';
import { writeFile } from 'node:fs/promises';
import { Machine } from '../../src/chain/machine/machine.ts';
import { exchangeParts } from '../../src/chain/rooms.ts';
import type { SigningKey } from '../../src/chain/tx/signing-key.ts';
import { governanceResults } from '../../src/governance/results.ts';
import { jobResults } from '../../src/privacy/jobs/results.ts';
import { txResults } from '../../src/chain/tx/results.ts';
import { jobActs } from './acts/jobs.ts';
import { registrationFacts } from './acts/rights.ts';
import { Auditor } from './audit/auditor.ts';
import {
  admission,
  cast,
  digestOf,
  keyOf,
  keyWithId,
  possessionOf,
  simulationGenesis,
} from './cast.ts';
import { encodeMove, Generator, type Standing } from './generator.ts';
import { codesOf, encodeLater, readFirst, secondFile, type GoldenBlock } from './golden.ts';
import { Random } from './random.ts';
import { realVerifier } from './real-proof.ts';
import type { Act } from './scene.ts';
import { View, type Row } from './view.ts';

const seed = 20_261_130;
const regulator = 'regulator-1';
/** More than the names that the first file has taken. */
const serialsTaken = 3_000;
const waitBlocksMax = 400;
const blocksOfTraffic = 60;
/** Twice the bound of the preset. */
const boundTooLarge = 2 ** 31;

type Command = Record<string, unknown>;

/** Plays on from the end of the first file. */
class Playing {
  readonly blocks: GoldenBlock[] = [];
  readonly view = new View();
  readonly #auditor = new Auditor(this.view);
  readonly #random = new Random(seed, 'golden time');
  readonly #generator = new Generator(new Random(seed, 'golden'), this.view);
  readonly #machine: Machine;
  #timeMs = 0;

  constructor(machine: Machine) {
    this.#machine = machine;
    const scene = this.#generator.scene(0, false);
    for (let serial = 0; serial < serialsTaken; serial += 1) scene.freshId('taken');
  }

  /** A block of which nothing is kept: it is in the file before. */
  begin({ timeMs, envelopes }: GoldenBlock): void {
    this.#timeMs = timeMs;
    this.#execute(envelopes);
  }

  /** A block of these envelopes; gives their codes. */
  block(...envelopes: readonly Uint8Array[]): readonly number[] {
    this.#timeMs += this.#random.chance(0.02) ? 600_001 : 500;
    const found = this.#execute(envelopes);
    const block = { timeMs: this.#timeMs, envelopes, resultCodes: codesOf(found) };
    this.blocks.push({ ...block, appHash: found.appHash });
    return block.resultCodes;
  }

  /** A block without envelopes, after this time. */
  wait(ms: number): void {
    this.#timeMs += ms;
    this.block();
  }

  #execute(envelopes: readonly Uint8Array[]) {
    const height = this.height;
    const block = this.#machine.finalizeBlock({ height, timeMs: this.#timeMs, envelopes });
    this.#machine.commit();
    const { leaves } = block;
    this.#auditor.judge({ height, timeMs: this.#timeMs, envelopes, leaves });
    return block;
  }

  jumpTo(timeMs: number): void {
    assert(timeMs > this.#timeMs, 'time does not run backwards');
    this.#timeMs = timeMs;
  }

  /** Of the next block. */
  get height(): number {
    return this.#machine.head.height + 1;
  }

  get #standing(): Standing {
    return {
      height: this.height - 1,
      timeMs: this.#timeMs,
      nextSequence: (keyId) => this.#machine.nextSequence(keyId),
    };
  }

  keyOf(by: string): SigningKey | undefined {
    const keys = this.view.all('key') as (Row & { readonly organisationId: string })[];
    return keys
      .filter(({ organisationId, state }) => organisationId === by && state === 'ACTIVE')
      .map(({ id }) => keyWithId(id))
      .find((found) => found !== undefined);
  }

  envelope(by: string, name: string, command: Command): Uint8Array {
    const key = this.keyOf(by);
    assert(key, `${by} has a key`);
    return this.#generator.sign(this.#standing, key, [encodeMove({ name, command })]);
  }

  traffic(): void {
    // What is decided, and when, is told here and not drawn.
    const wanted = ({ name, weight }: Act): number => (name.startsWith('governance.') ? 0 : weight);
    const made = Array.from({ length: 4 }, () => this.#generator.next(this.#standing, wanted));
    this.block(...made.filter((bytes) => bytes !== null));
  }

  /** A request that version 1 takes and no worker does; null while nobody may ask for one. */
  request(): Uint8Array | null {
    const scene = this.#generator.scene(this.#timeMs, false);
    const move = jobActs.find(({ name }) => name === 'job.request')?.propose(scene);
    if (!move) return null;
    const spec = { ...(move.command['spec'] as Command), valueBound: boundTooLarge };
    return this.envelope(move.by, 'job.request', { ...move.command, spec });
  }
}

const proposal = (proposalId: string, notBeforeHeight: number, value = 2) => ({
  ...{ proposalId, kind: 'MACHINE_VERSION', value, digest: null, notBeforeHeight },
  reason: 'Bounds of compute jobs, docs/chain.md',
});

function expectCodes(found: readonly number[], ...wanted: readonly number[]): void {
  assert(found.join() === wanted.join(), `codes ${found.join()}, not ${wanted.join()}`);
}

/** A regulator comes, one proposal each is rejected, withdrawn and left, and one stands open. */
function propose(play: Playing): void {
  const character = { id: regulator, roles: ['ADMIN', 'REGULATOR'], owner: null } as const;
  expectCodes(play.block(play.envelope('operator', 'identity.admit', admission(character))), 0);
  const asked = ['raise-early', 'raise-twice', 'raise-2'].map((id) =>
    play.envelope('operator', 'governance.propose', proposal(id, play.height)),
  );
  const skips = play.envelope('operator', 'governance.propose', proposal('raise-3', 0, 3));
  const seat = play.envelope(regulator, 'governance.take-seat', { reason: 'As the law has it' });
  expectCodes(play.block(seat, ...asked, skips), 0, 0, 0, 0, 8005);
  const reason = 'Not yet';
  expectCodes(
    play.block(
      play.envelope(regulator, 'governance.reject', { proposalId: 'raise-early', reason }),
      play.envelope('operator', 'governance.withdraw', { proposalId: 'raise-twice', reason }),
    ),
    ...[0, 0],
  );
}

/** By version 1 it is taken, by version 2 refused, and so is the approval of the first. */
function raise(play: Playing): void {
  let taken = play.request();
  for (let waited = 0; taken === null; waited += 1) {
    assert(waited < waitBlocksMax, 'a licence to compute comes to be within some blocks');
    play.traffic();
    taken = play.request();
  }
  expectCodes(play.block(taken), 0);
  const job = play.view.all('job').at(-1);
  assert(job, 'the job is there');
  const approval = { proposalId: 'raise-2' };
  expectCodes(play.block(play.envelope(regulator, 'governance.approve', approval)), 0);
  const { id: jobId, specHash } = job as Row & { readonly specHash: string };
  const again = play.request();
  assert(again, 'the licence has uses left');
  const tooLarge = jobResults.JOB_BOUNDS_TOO_LARGE.code;
  const reviewer = ['reviewer-1', 'reviewer-2', 'reviewer-3'].find((id) => play.keyOf(id));
  assert(reviewer, 'a reviewer has a key');
  const approve = play.envelope(reviewer, 'job.approve', { jobId, specHash });
  expectCodes(play.block(again, approve), tooLarge, tooLarge);
}

/** A rule pack and a year come to hold, a stale one does not, and a far year is confirmed to have no notice. */
function changeRules(play: Playing): void {
  const { calendar, ...rest } = simulationGenesis.rules;
  const pack = { ...rest, calendar, version: 'golden-2' };
  const facts = { notBeforeHeight: play.height, reason: 'As the law has it' };
  const calendar2027 = {
    ...{ year: 2027, version: 'golden-2027', source: 'No notice: days for this chain alone' },
    holidays: ['2027-01-01', '2027-02-08'],
    workedWeekends: ['2027-02-06'],
  };
  const propose = (proposalId: string, what: 'rules' | 'calendar-year', document: Command) =>
    play.envelope('operator', `governance.propose-${what}`, { proposalId, ...facts, ...document });
  const approve = (proposalId: string) =>
    play.envelope(regulator, 'governance.approve', { proposalId });
  const far = { ...calendar2027, year: 2030 };
  expectCodes(
    play.block(
      propose('pack-2', 'rules', { pack }),
      propose('year-2030', 'calendar-year', { calendar: far }),
      propose('year-2027', 'calendar-year', { calendar: calendar2027 }),
    ),
    ...[0, unfit, 0],
  );
  expectCodes(play.block(approve('pack-2')), 0);
  for (let block = 0; block < 10; block += 1) play.traffic();
  expectCodes(play.block(approve('year-2027')), 0);
  play.traffic();
  const confirm = { year: 2028, reason: 'None was given' };
  const confirmed = () => play.envelope('operator', 'governance.confirm-no-notice', confirm);
  const early = governanceResults.NOTICE_NOT_LACKING.code;
  expectCodes(play.block(confirmed()), early);
  play.jumpTo(Date.UTC(2027, 10, 1));
  expectCodes(play.block(confirmed()), 0);
}

const unfit = governanceResults.RULES_UNFIT.code;

const tableId = 'registration-golden-2';
const digestOfTable = (what: string) => digestOf(`${tableId} ${what}`);

/** A seller in good standing, with a key. */
function sellerOf(play: Playing): string {
  const found = ['seller-1', 'seller-2', 'seller-3'].find(
    (id) => play.view.get('organisation', id)?.state === 'ACTIVE' && play.keyOf(id),
  );
  assert(found, 'a seller can act');
  return found;
}

const stateTable = (play: Playing, by: string): Uint8Array =>
  play.envelope(by, 'rights.state-table', {
    registrationId: tableId,
    header: digestOfTable('names'),
    description: digestOfTable('columns'),
  });

/** By version 1 nobody knows how to; by version 2 a seller states the table of its application. */
function stateTableByTwo(play: Playing): void {
  const by = sellerOf(play);
  const facts = { registrationId: tableId, ...registrationFacts(tableId) };
  expectCodes(play.block(play.envelope(by, 'rights.submit', facts)), 0);
  expectCodes(play.block(stateTable(play, by)), 0);
}

const renamed = (organisationId: string, name: string) => ({
  ...{ organisationId, name, beneficialOwner: null, roles: ['ADMIN', 'BUYER'] },
  reason: 'As the register has it',
});

/** A new key for an organisation, proposed; and its id. */
function recovery(play: Playing, organisationId: string, name: string) {
  const key = keyOf(name);
  const { keyId: recoveryId, publicKey } = key;
  const command = {
    ...{ recoveryId, organisationId, publicKey, encryptionKey: digestOf(`${name} sealing`) },
    ...{ evidence: digestOf('a letter'), reason: 'The key is lost' },
    possession: possessionOf(key, organisationId),
  };
  return { recoveryId, bytes: play.envelope('operator', 'identity.propose-recovery', command) };
}

/** By version 2 organisations are stated anew and sealed to otherwise, and lost keys are recovered or not. */
function liveOnByTwo(play: Playing): void {
  const organisationId = 'buyer-2';
  const sealing = (name: string) => ({ encryptionKey: digestOf(name) });
  const names = ['golden-kept', 'golden-refused', 'golden-withdrawn'];
  const [kept, refused, withdrawn] = names.map((name) => recovery(play, organisationId, name));
  assert(kept && refused && withdrawn, 'three are proposed');
  expectCodes(
    play.block(
      play.envelope('operator', 'identity.restate', renamed(organisationId, 'Renamed')),
      play.envelope(regulator, 'identity.change-sealing-key', sealing('golden sealing')),
      ...[kept, refused, withdrawn].map(({ bytes }) => bytes),
    ),
    ...[0, 0, 0, 0, 0],
  );
  const end = (by: string, how: string, { recoveryId }: { recoveryId: string }) =>
    play.envelope(by, `identity.${how}-recovery`, { recoveryId, reason: 'It was found' });
  expectCodes(
    play.block(
      play.envelope('operator', 'identity.restate', renamed(organisationId, 'Renamed again')),
      play.envelope(regulator, 'identity.change-sealing-key', sealing('another')),
      ...[end(regulator, 'refuse', refused), end('operator', 'withdraw', withdrawn)],
    ),
    ...[0, 0, 0, 0],
  );
  play.wait(simulationGenesis.rules.periods.publicity.count);
  const states = [kept, refused, withdrawn].map(
    ({ recoveryId }) => play.view.get('recovery', recoveryId)?.state,
  );
  assert(states.join() === 'DONE,REFUSED,WITHDRAWN', states.join());
}

/** Replaces the second file; returns what it holds, in words. */
export async function writeSecond(): Promise<string> {
  const { genesis, blocks } = await readFirst();
  // Names under which the first file's parties took new keys.
  for (const { id } of [...cast, { id: 'operator' }, { id: 'guest' }]) {
    for (let serial = 1; serial < serialsTaken; serial += 1) keyOf(`${id}-key-${serial}`);
  }
  const machine = new Machine(genesis, { ...exchangeParts, verifyProof: await realVerifier() });
  machine.initChain();
  const play = new Playing(machine);
  for (const block of blocks) play.begin(block);
  propose(play);
  for (const early of [
    stateTable(play, sellerOf(play)),
    play.envelope('operator', 'identity.restate', renamed('buyer-2', 'Renamed')),
  ]) {
    expectCodes(play.block(early), txResults.OPERATION_UNKNOWN.code);
  }
  raise(play);
  stateTableByTwo(play);
  liveOnByTwo(play);
  for (let block = 0; block < blocksOfTraffic; block += 1) play.traffic();
  changeRules(play);
  const bytes = encodeLater(play.blocks);
  await writeFile(secondFile, bytes);
  return `${play.blocks.length} blocks, ${bytes.length} bytes`;
}
