import { expect } from 'chai';
import { fromUtf8, utf8 } from '../../src/base/bytes.ts';
import { parseCheckpoint } from '../../src/chain/checkpoint/body.ts';
import { noteTimeOf, timeLine } from '../../src/chain/checkpoint/ledger-note.ts';
import { consistencyProofFrom } from '../../src/chain/checkpoint/subtrees.ts';
import { formatSubmission } from '../../src/chain/checkpoint/submission.ts';
import { examineLog } from '../../src/witness/examine.ts';
import { judgeNoteTime, type NoteTimes } from '../../src/witness/note-time.ts';
import { makeLog, reader } from '../chain/checkpoint/tree.ts';
import {
  newWitness,
  origin,
  serveLog,
  signedNote,
  type ServedLog,
  type TestWitness,
} from './world.ts';

const nowS = 1_800_000_000;
const hourS = 3_600;
const tenYearsS = 3_650 * 86_400;

describe('the time of a note', () => {
  const at = (changed: Partial<NoteTimes>): string => {
    const usual: NoteTimes = {
      noteMs: nowS * 1_000,
      isRepeated: false,
      last: null,
      newestAtS: null,
      steppedS: 0,
      nowS,
      toleranceS: 300,
    };
    return judgeNoteTime({ ...usual, ...changed })?.name ?? 'cosigned';
  };
  const ms = (offS: number): number => (nowS + offS) * 1_000;
  const before = (noteOffS: number, cosignedOffS = noteOffS): NoteTimes['last'] => ({
    noteMs: ms(noteOffS),
    cosignedS: nowS + cosignedOffS,
  });

  for (const [what, changed, word] of [
    ['of now', {}, 'cosigned'],
    ['as far ahead as clocks may differ', { noteMs: ms(300) }, 'cosigned'],
    ['further ahead', { noteMs: ms(300) + 1 }, 'NOTE_TIME_AHEAD'],
    ['ten years ahead', { noteMs: ms(tenYearsS) }, 'NOTE_TIME_AHEAD'],
    ['a week old, the first that is seen', { noteMs: ms(-7 * 86_400) }, 'cosigned'],
    [
      'a week old, after a longer pause',
      { noteMs: ms(-7 * 86_400), last: before(-30 * 86_400) },
      'cosigned',
    ],
    [
      'the same old one again',
      { noteMs: ms(-hourS), isRepeated: true, last: before(-hourS), newestAtS: nowS },
      'cosigned',
    ],
    [
      'the same one of the future again',
      { noteMs: ms(hourS), isRepeated: true, last: before(hourS, 0) },
      'NOTE_TIME_AHEAD',
    ],
    ['of the same moment as the one before', { last: before(0) }, 'cosigned'],
    ['before the one before', { noteMs: ms(-1), last: before(0) }, 'NOTE_TIME_BACK'],
    [
      'new, and older than a look that did not show it',
      { noteMs: ms(-hourS), last: before(-2 * hourS), newestAtS: nowS - 301 },
      'NOTE_TIME_BEHIND',
    ],
    [
      'new, and a little older than such a look',
      { noteMs: ms(-301), last: before(-2 * hourS), newestAtS: nowS - 1 },
      'cosigned',
    ],
    ['without a time, as from the start', { noteMs: null }, 'cosigned'],
    [
      'without a time, as before',
      { noteMs: null, last: { noteMs: null, cosignedS: nowS } },
      'cosigned',
    ],
    ['without a time after one with it', { noteMs: null, last: before(-5) }, 'NOTE_TIME_MISSING'],
    ['seen by a witness whose clock was set', { steppedS: 301 }, 'WITNESS_CLOCK'],
    ['seen by a witness whose clock was set back', { steppedS: -301 }, 'WITNESS_CLOCK'],
    [
      'seen by a witness whose clock is before its own cosignature',
      { last: before(-5, 301) },
      'WITNESS_CLOCK',
    ],
  ] as const satisfies readonly (readonly [string, Partial<NoteTimes>, string])[]) {
    it(`${what}: ${word}`, () => expect(at(changed)).to.equal(word));
  }

  it('is a line of its own, read back, and nothing else is taken for one', () => {
    const bodyOf = (line: string) =>
      parseCheckpoint(`${origin}\n0\n${'A'.repeat(43)}=\n${line}\n`)!;
    expect(noteTimeOf(bodyOf(timeLine(1_772_416_800_123)))).to.equal(1_772_416_800_123);
    for (const line of [
      'time',
      'time -1',
      'time 01',
      'time 1.5',
      'time 9999999999999999',
      'times 1',
    ]) {
      expect(noteTimeOf(bodyOf(line)), line).to.equal(null);
    }
  });
});

describe('a witness and the clock of a log', () => {
  const history = makeLog(30);
  let log: ServedLog;
  let witness: TestWitness;
  const clocks = { nowS, steadyS: 5_000 };

  beforeEach(async () => {
    Object.assign(clocks, { nowS, steadyS: 5_000 });
    log = await serveLog();
    witness = await newWitness(log.url, 'witness.example/w1', {
      nowS: () => clocks.nowS,
      steadyS: () => clocks.steadyS,
    });
  });
  afterEach(async () => {
    await witness.remove();
    await log.close();
  });

  const pass = (seconds: number): void => {
    clocks.nowS += seconds;
    clocks.steadyS += seconds;
  };
  const noteOf = (size: number, offS: number): string =>
    signedNote(history, { size, timeMs: (nowS + offS) * 1_000 });
  const look = async (size: number, offS: number): Promise<string> => {
    log.show(noteOf(size, offS), history);
    const found = await examineLog(witness.witness, witness.witness.logs.get(origin)!);
    return found.outcome === 'refused' ? (found.why.split(':')[0] ?? '') : found.outcome;
  };
  const push = (oldSize: number, size: number, offS: number) =>
    witness.witness.addCheckpoint(
      utf8(
        formatSubmission({
          oldSize,
          proof: oldSize === 0 ? [] : consistencyProofFrom(oldSize, size, reader(history)),
          note: utf8(noteOf(size, offS)),
        }),
      ),
    );

  it('cosigns no note of the future, says so once, and goes on when the log’s clock is right', async () => {
    expect(await look(10, 0)).to.equal('cosigned');
    expect(await look(11, tenYearsS)).to.equal('NOTE_TIME_AHEAD');
    expect(await look(12, tenYearsS)).to.equal('NOTE_TIME_AHEAD');
    expect(witness.alerts).to.have.length(1);
    expect(witness.alerts[0]).to.match(/NOTE_TIME_AHEAD: its block is of 2037-.*in the future/);
    expect(witness.witness.memory(origin)?.body.size).to.equal(10);
    expect(witness.witness.untimely(origin)?.name).to.equal('NOTE_TIME_AHEAD');
    pass(5);
    expect(await look(13, 5)).to.equal('cosigned');
    expect(witness.witness.untimely(origin)).to.equal(null);
  });

  it('tells who pushes the note', async () => {
    const pushed = await push(0, 10, tenYearsS);
    expect(pushed.status).to.equal(422);
    expect(pushed.body).to.match(/^NOTE_TIME_AHEAD: its block is of 2037-/);
    expect((await push(0, 10, 0)).status).to.equal(200);
    expect((await push(10, 11, -1)).body).to.match(/^NOTE_TIME_BACK: /);
    expect((await push(10, 11, 0)).status).to.equal(200);
  });

  it('cosigns an idle exchange’s old note, and its next one', async () => {
    expect(await look(10, -30 * 86_400)).to.equal('cosigned');
    pass(86_400);
    const [cosigned = ''] = log.delivered;
    log.show(cosigned, history);
    const again = await examineLog(witness.witness, witness.witness.logs.get(origin)!);
    expect(again.outcome).to.equal('unchanged');
    expect(await look(10, -30 * 86_400), 'brought anew').to.equal('cosigned');
    expect(await look(11, 86_400)).to.equal('cosigned');
  });

  it('cosigns no new block that is older than a look which did not show it', async () => {
    expect(await look(10, 0)).to.equal('cosigned');
    pass(hourS);
    log.show(log.delivered[0]!, history);
    await examineLog(witness.witness, witness.witness.logs.get(origin)!);
    pass(5);
    expect(await look(11, 1)).to.equal('NOTE_TIME_BEHIND');
    expect(await look(12, hourS)).to.equal('cosigned');
  });

  it('does not believe its own clock when that was set, there or back', async () => {
    expect(await look(10, 0)).to.equal('cosigned');
    const kept = fromUtf8(witness.witness.memory(origin)!.note);
    clocks.nowS += tenYearsS;
    expect(await look(11, tenYearsS)).to.equal('WITNESS_CLOCK');
    expect(fromUtf8(witness.witness.memory(origin)!.note)).to.equal(kept);
    clocks.nowS -= tenYearsS;
    expect(await look(11, 1)).to.equal('cosigned');
    clocks.nowS -= hourS;
    witness = await witness.restart();
    expect(await look(12, 2)).to.equal('WITNESS_CLOCK');
  });
});
