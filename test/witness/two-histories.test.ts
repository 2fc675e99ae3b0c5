import { expect } from 'chai';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fromUtf8, utf8 } from '../../src/base/bytes.ts';
import type { MerkleLog } from '../../src/base/merkle.ts';
import { judge, readEvidence } from '../../src/chain/checkpoint/contradiction.ts';
import { cosign, verifyCosignature } from '../../src/chain/checkpoint/cosignature.ts';
import { formatSignatureLine, parseNote, signaturesOf } from '../../src/chain/checkpoint/note.ts';
import { consistencyProofFrom, prefixProofFrom } from '../../src/chain/checkpoint/subtrees.ts';
import { formatSubmission } from '../../src/chain/checkpoint/submission.ts';
import { verifyEd25519 } from '../../src/chain/tx/signature.ts';
import { examineLog, type Examined } from '../../src/witness/examine.ts';
import type { Answer } from '../../src/witness/witness.ts';
import { makeLog, reader } from '../chain/checkpoint/tree.ts';
import { keyOf } from '../chain/test-chain.ts';
import { dxl } from '../cli/run-dxl.ts';
import {
  logKey,
  newWitness,
  origin,
  serveLog,
  signedNote,
  type ServedLog,
  type TestWitness,
} from './world.ts';

const history = makeLog(600);
/** The same up to leaf 300, and another after it. */
const other = makeLog(600, 300);

const upTo = (log: MerkleLog, size: number): MerkleLog => {
  const prefix = makeLog(0);
  for (let at = 0; at < size; at += 1) prefix.append(log.leafHashAt(at));
  return prefix;
};

/** A submission as an honest log would make it between two sizes of one log. */
const submission = (oldSize: number, log: MerkleLog, size: number, note = ''): Uint8Array =>
  utf8(
    formatSubmission({
      oldSize,
      proof:
        oldSize === 0 || oldSize > size ? [] : consistencyProofFrom(oldSize, size, reader(log)),
      note: utf8(note === '' ? signedNote(log, { size }) : note),
    }),
  );

describe('an operator with two histories', () => {
  let log: ServedLog;
  let witness: TestWitness;

  beforeEach(async () => {
    log = await serveLog();
    witness = await newWitness(log.url);
  });
  afterEach(async () => {
    await witness.remove();
    await log.close();
  });

  const look = (): Promise<Examined> => {
    const followed = witness.witness.logs.get(origin);
    if (!followed) throw new Error('the log is followed');
    return examineLog(witness.witness, followed);
  };
  const show = (from: MerkleLog, size: number): Promise<Examined> => {
    log.show(signedNote(from, { size }), upTo(from, size));
    return look();
  };
  const post = (body: Uint8Array): Promise<Answer> => witness.witness.addCheckpoint(body);
  const evidenceFiles = async (kind = 'fork'): Promise<string[]> => {
    const names = await readdir(witness.files.evidenceDir).catch(() => []);
    return names.filter((name) => name.startsWith(kind));
  };

  /** Nothing is cosigned any more, and the file convinces a stranger. */
  async function expectCaught(contradiction: string): Promise<void> {
    expect(witness.alerts.join()).to.include('SIGNED TWO HISTORIES');
    const [name = '', ...more] = await evidenceFiles();
    expect(more).to.deep.equal([]);
    const file = path.join(witness.files.evidenceDir, name);
    const evidence = readEvidence(await readFile(file, 'utf8'));
    if (!evidence) throw new Error('the evidence reads');
    expect(judge(evidence, verifyEd25519)).to.deep.equal({ proven: true, contradiction });
    const before = fromUtf8(witness.witness.memory(origin)?.note ?? utf8(''));
    expect((await look()).outcome).to.equal('halted');
    expect((await post(submission(300, history, 400))).status).to.equal(422);
    witness = await witness.restart();
    expect((await look()).outcome).to.equal('halted');
    expect(fromUtf8(witness.witness.memory(origin)?.note ?? utf8(''))).to.equal(before);
  }

  it('is caught at one size, and the file convinces whoever runs dxl', async () => {
    expect(await show(history, 500)).to.deep.equal({
      outcome: 'cosigned',
      size: 500,
      delivered: true,
    });
    const forked = await show(other, 500);
    expect(forked).to.deep.equal({ outcome: 'halted', why: 'two histories: one size, two roots' });
    const file = path.join(witness.files.evidenceDir, (await evidenceFiles())[0] ?? '');
    const judged = await dxl(['witness', 'compare', file, '--key', logKey]);
    expect(judged).to.include({ code: 1 });
    expect(judged.output).to.match(/^TWO HISTORIES: one size, two roots\./);
    await expectCaught('two-roots');
  });

  it('is caught at another size, by the tiles of the second history', async () => {
    await show(history, 450);
    const forked = await show(other, 600);
    expect(forked.outcome).to.equal('halted');
    await expectCaught('not-a-prefix');
  });

  it('is caught with fewer leaves than were cosigned', async () => {
    await show(history, 600);
    // The tiles are still those that were cosigned; the signed note is of the other history.
    log.show(signedNote(other, { size: 400 }), history);
    expect((await look()).outcome).to.equal('halted');
    await expectCaught('not-a-prefix');
  });

  it('is caught where it signs two blocks of one height over the same log', async () => {
    await show(history, 500);
    log.show(signedNote(history, { size: 500, header: 'another header' }), upTo(history, 500));
    expect((await look()).outcome).to.equal('halted');
    await expectCaught('two-blocks');
  });

  it('is caught where a larger log is of an earlier block', async () => {
    await show(history, 500);
    log.show(signedNote(history, { size: 600, height: 499 }), history);
    expect((await look()).outcome).to.equal('halted');
    await expectCaught('out-of-order');
  });

  it('is caught where it pushes the second history at the same size', async () => {
    expect((await post(submission(0, history, 500))).status).to.equal(200);
    const answer = await post(submission(500, other, 500));
    expect(answer).to.include({ status: 422, body: 'two histories: one size, two roots\n' });
    await expectCaught('two-roots');
  });

  it('cannot push it at another size either: both notes are kept for who can tell', async () => {
    await post(submission(0, history, 450));
    expect((await post(submission(450, other, 600))).status).to.equal(422);
    expect(witness.witness.memory(origin)?.body.size).to.equal(450);
    expect(await evidenceFiles('suspect')).to.have.length(1);
    expect(witness.alerts.join()).to.include('not cosigned');
    // It is not proven, so an honest continuation is still cosigned.
    expect((await post(submission(450, history, 600))).status).to.equal(200);
  });

  it('cannot fill the folder or the log by pushing one note again and again', async () => {
    await post(submission(0, history, 450));
    const note = signedNote(other, { size: 600 });
    const stranger = keyOf('a stranger');
    for (const at of [1, 2, 3]) {
      const more = formatSignatureLine(cosign('', at, 'stranger.example', stranger));
      expect((await post(submission(450, other, 600, `${note}${more}`))).status).to.equal(422);
    }
    expect(await evidenceFiles('suspect')).to.have.length(1);
    expect(witness.alerts).to.have.length(1);
  });

  it('gets no cosignature of a larger log for which no proof is at hand', async () => {
    await show(history, 450);
    const { witness: itself } = witness;
    const from = itself.memory(origin)?.body ?? null;
    const sound = itself.sound(utf8(signedNote(history, { size: 600 })));
    if ('status' in sound) throw new Error(sound.body);
    const proof = prefixProofFrom(450, 600, reader(history));
    for (const wrong of [null, [], proof.slice(1), prefixProofFrom(450, 600, reader(other))]) {
      expect(await itself.advance(sound, from, wrong)).to.equal(null);
      expect(itself.memory(origin)?.body.size).to.equal(450);
    }
    expect(await itself.advance(sound, from, proof)).to.have.property('cosigned');
  });

  it('is not accused for tiles that fit no root, for another key, or for another log', async () => {
    await show(history, 450);
    log.show(signedNote(history, { size: 600 }), other);
    expect((await look()).outcome).to.equal('refused');
    log.show(signedNote(other, { size: 450, key: keyOf('a thief without the key') }), other);
    expect((await look()).outcome).to.equal('refused');
    log.show(signedNote(other, { size: 450, name: 'dxl/another/0123456789abcdef' }), other);
    expect((await look()).outcome).to.equal('refused');
    expect(witness.alerts).to.deep.equal([]);
    expect((await show(history, 600)).outcome).to.equal('cosigned');
  });

  it('is not accused for an old copy, which is not cosigned', async () => {
    await show(history, 600);
    log.show(signedNote(history, { size: 400 }), history);
    expect(await look()).to.deep.equal({ outcome: 'behind', size: 400, cosigned: 600 });
    expect(witness.alerts).to.deep.equal([]);
    expect(witness.witness.memory(origin)?.body.size).to.equal(600);
    expect((await post(submission(0, history, 400))).status).to.equal(409);
    expect(
      (await post(submission(600, history, 400, signedNote(history, { size: 400 })))).status,
    ).to.equal(400);
  });

  it('is compared by anybody with two notes at hand', async () => {
    const [one, two, three] = ['one.note', 'two.note', 'three.note'].map((name) =>
      path.join(witness.files.root, name),
    ) as [string, string, string];
    await writeFile(one, signedNote(history, { size: 500 }));
    await writeFile(two, signedNote(other, { size: 500 }));
    await writeFile(three, signedNote(history, { size: 400 }));
    const out = path.join(witness.files.root, 'fork.json');
    const [found, same, open, unsigned] = [
      await dxl(['witness', 'compare', one, two, '--key', logKey, '--out', out, '--json']),
      await dxl(['witness', 'compare', one, one, '--key', logKey]),
      await dxl(['witness', 'compare', one, three, '--key', logKey]),
      await dxl(['witness', 'compare', one, two]),
    ];
    expect(found.code).to.equal(1);
    expect(JSON.parse(found.output)).to.include({ proven: true, contradiction: 'two-roots' });
    expect(readEvidence(await readFile(out, 'utf8'))).not.to.equal(null);
    expect(same).to.include({ code: 0, output: 'Not shown: both say the same.\n' });
    expect(open.output).to.include('they may both be true');
    expect(unsigned).to.include({ code: 2 });
  });
});

describe('a witness', () => {
  let log: ServedLog;
  let witness: TestWitness;
  beforeEach(async () => {
    log = await serveLog();
    witness = await newWitness(log.url);
  });
  afterEach(async () => {
    await witness.remove();
    await log.close();
  });

  it('cosigns what continues, with a time, and brings it back', async () => {
    const { witness: itself } = witness;
    const followed = itself.logs.get(origin);
    for (const size of [1, 2, 255, 256, 257, 600]) {
      log.show(signedNote(history, { size }), upTo(history, size));
      expect(followed && (await examineLog(itself, followed))).to.include({ outcome: 'cosigned' });
      const note = parseNote(utf8(log.delivered.at(-1) ?? ''));
      const [own] = note ? signaturesOf(note, itself.key) : [];
      const time = note && own && verifyCosignature(note.text, own, itself.key, verifyEd25519);
      expect(Math.abs(Number(time) - Date.now() / 1000)).to.be.lessThan(30);
    }
    log.show(log.delivered.at(-1) ?? '', history);
    expect(followed && (await examineLog(itself, followed))).to.deep.equal({
      outcome: 'unchanged',
      size: 600,
    });
  });

  it('keeps its memory over a restart, and counts from there', async () => {
    await witness.witness.addCheckpoint(submission(0, history, 300));
    witness = await witness.restart();
    const conflict = await witness.witness.addCheckpoint(submission(0, history, 400));
    expect(conflict).to.deep.equal({ status: 409, type: 'text/x.tlog.size', body: '300\n' });
    expect((await witness.witness.addCheckpoint(submission(300, history, 400))).status).to.equal(
      200,
    );
  });

  it('never gives out a cosignature that it could not keep', async () => {
    await witness.witness.addCheckpoint(submission(0, history, 300));
    // A folder stands where the new state would be written.
    await import('node:fs/promises').then(({ mkdir }) => mkdir(`${witness.files.stateFile}.new`));
    let refused = false;
    await witness.witness
      .addCheckpoint(submission(300, history, 400))
      .catch(() => (refused = true));
    expect(refused).to.equal(true);
    expect(witness.witness.memory(origin)?.body.size).to.equal(300);
  });

  it('takes one of two submissions that come at once from the same size', async () => {
    await witness.witness.addCheckpoint(submission(0, history, 300));
    const answers = await Promise.all(
      [400, 500, 350].map((size) => witness.witness.addCheckpoint(submission(300, history, size))),
    );
    expect(answers.map(({ status }) => status)).to.deep.equal([200, 409, 409]);
    expect(witness.witness.memory(origin)?.body.size).to.equal(400);
  });

  const refusals: readonly [what: string, body: () => Uint8Array, status: number][] = [
    ['nothing', () => new Uint8Array(), 400],
    ['bytes that are no text', () => Uint8Array.of(255, 10, 10), 400],
    ['no old size', () => utf8(`\n\n${signedNote(history)}`), 400],
    ['an old size with a zero before it', () => utf8(`old 01\n\n${signedNote(history)}`), 400],
    ['a hash of 31 bytes', () => utf8(`old 1\nAAAA\n\n${signedNote(history)}`), 400],
    ['an old size above the log’s', () => utf8(`old 601\n\n${signedNote(history)}`), 400],
    [
      '64 hashes',
      () => utf8(`old 1\n${`${'A'.repeat(43)}=\n`.repeat(64)}\n${signedNote(history)}`),
      400,
    ],
    ['a note that is none', () => utf8('old 0\n\nno note'), 400],
    [
      'a log that it does not follow',
      () => submission(0, history, 600, signedNote(history, { name: 'dxl/b/0123456789abcdef' })),
      404,
    ],
    [
      'another key',
      () => submission(0, history, 600, signedNote(history, { key: keyOf('b') })),
      403,
    ],
    [
      'a broken signature',
      () => submission(0, history, 600, signedNote(history).replace(/.=\n$/, 'A=\n')),
      403,
    ],
    [
      'a proof from nothing',
      () => utf8(`old 0\n${'A'.repeat(43)}=\n\n${signedNote(history)}`),
      422,
    ],
    ['a wrong root of no leaves', () => submission(0, history, 0, emptyWithRoot()), 422],
  ];
  for (const [what, body, status] of refusals) {
    it(`refuses ${what} with ${status}, and cosigns nothing`, async () => {
      expect((await witness.witness.addCheckpoint(body())).status).to.equal(status);
      expect(witness.witness.memory(origin)).to.equal(null);
    });
  }

  it('refuses a proof with any hash changed, left out or added', async () => {
    await witness.witness.addCheckpoint(submission(0, history, 300));
    const proof = consistencyProofFrom(300, 600, reader(history));
    const note = utf8(signedNote(history));
    const wrong = proof.map((_, at) =>
      proof.map((hash, index) => (index === at ? hash.map((byte) => byte ^ 1) : hash)),
    );
    for (const changed of [
      ...wrong,
      proof.slice(1),
      proof.slice(0, -1),
      [...proof, note.slice(0, 32)],
    ]) {
      const body = utf8(formatSubmission({ oldSize: 300, proof: changed, note }));
      expect((await witness.witness.addCheckpoint(body)).status).to.equal(422);
    }
    expect(witness.witness.memory(origin)?.body.size).to.equal(300);
  });
});

/** A note of no leaves under the root of some. */
function emptyWithRoot(): string {
  const lying = Object.assign(Object.create(history) as MerkleLog, { root: () => history.root(1) });
  return signedNote(lying, { size: 0, height: 1 });
}
