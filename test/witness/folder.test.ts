import { expect } from 'chai';
import { chmod, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { makeWitness } from '../../src/witness/key-file.ts';
import { openWitness } from '../../src/witness/open.ts';
import { utf8 } from '../../src/base/bytes.ts';
import { formatSubmission } from '../../src/chain/checkpoint/submission.ts';
import { makeLog } from '../chain/checkpoint/tree.ts';
import { newWitness, origin, signedNote, type TestWitness } from './world.ts';

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'none',
    (error: unknown) => (error as { code: string }).code,
  );

describe('a witness’s folder', () => {
  let witness: TestWitness;
  const reopen = () => openWitness(witness.files.root, () => undefined);

  beforeEach(async () => {
    witness = await newWitness(null);
    const note = utf8(signedNote(makeLog(10)));
    await witness.witness.addCheckpoint(utf8(formatSubmission({ oldSize: 0, proof: [], note })));
  });
  afterEach(() => witness.remove());

  it('serves one process at a time, and the next after it, killed or not', async () => {
    expect(await codeOf(reopen())).to.equal('WITNESS_LOCKED');
    await witness.close();
    // No process has this number.
    await writeFile(witness.files.lockFile, '999999999\n');
    const next = await reopen();
    expect(next.witness.memory(origin)?.body.size).to.equal(10);
    await next.close();
  });

  it('is not taken over while the other has made its lock and not written it yet', async () => {
    await witness.close();
    await writeFile(witness.files.lockFile, '');
    expect(await codeOf(reopen())).to.equal('WITNESS_LOCKED');
    // Nobody needs a minute for it: he was killed.
    const then = new Date(Date.now() - 60_000);
    await utimes(witness.files.lockFile, then, then);
    const next = await reopen();
    await next.close();
    expect((await readdir(witness.files.root)).sort()).to.deep.equal([
      'logs',
      'state.json',
      'witness-key.json',
    ]);
  });

  it('is of no use with any byte of its memory changed: nothing is cosigned', async () => {
    await witness.close();
    const bytes = await readFile(witness.files.stateFile);
    for (let at = 0; at < bytes.length; at += 7) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      const same =
        changed.toString('utf8').replaceAll(/\s/g, '') ===
        bytes.toString('utf8').replaceAll(/\s/g, '');
      if (same) continue;
      await writeFile(witness.files.stateFile, changed);
      expect(await codeOf(reopen()), `byte ${at}`).to.equal('WITNESS_STATE_CORRUPT');
    }
  });

  it('does not begin anew where its memory is gone', async () => {
    await witness.close();
    await rm(witness.files.stateFile);
    expect(await codeOf(reopen())).to.equal('WITNESS_STATE_MISSING');
    expect(await codeOf(makeWitness(witness.files, 'witness.example/again'))).to.equal(
      'WITNESS_EXISTS',
    );
  });

  it('needs its key and its list of logs, whole', async () => {
    await witness.close();
    const { keyFile, logsFile } = witness.files;
    expect((await stat(keyFile)).mode & 0o077).to.equal(0);
    await writeFile(logsFile, 'log nonsense\n');
    expect(await codeOf(reopen())).to.equal('WITNESS_LOGS');
    await chmod(keyFile, 0o600);
    await writeFile(keyFile, '{}');
    expect(await codeOf(reopen())).to.equal('WITNESS_KEY_UNREADABLE');
    await rm(keyFile);
    expect(await codeOf(reopen())).to.equal('WITNESS_KEY_MISSING');
  });

  for (const name of ['', 'a b', 'a+b', 'x'.repeat(201)]) {
    it(`is not made under the name ${JSON.stringify(name.slice(0, 20))}`, async () => {
      expect(await codeOf(makeWitness(witness.files, name))).to.equal('WITNESS_NAME');
    });
  }
});
