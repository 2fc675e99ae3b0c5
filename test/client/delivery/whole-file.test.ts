import { expect } from 'chai';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { writeWholeFile } from '../../../src/client/delivery/whole-file.ts';

const child = path.join(import.meta.dirname, 'whole-file-child.ts');

describe('client: files that appear whole', () => {
  let folder: string;
  let target: string;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'dxl-whole-file-'));
    target = path.join(folder, 'data.sealed');
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('leave what a killed process had written, and the next one removes it', async () => {
    const killed = fork(child, [target]);
    await once(killed, 'message');
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    const left = await readdir(folder);
    expect(left).to.have.length(1);
    expect(left[0]).to.match(/^\.data\.sealed\..+\.partial$/);
    await writeWholeFile(target, (write) => write(Buffer.from('whole')));
    expect(await readdir(folder)).to.deep.equal(['data.sealed']);
    expect(await readFile(target, 'utf8')).to.equal('whole');
  });

  it('leave alone what a process still writes, and what is of another file or machine', async () => {
    const writing = fork(child, [target]);
    await once(writing, 'message');
    const [own = ''] = await readdir(folder);
    const others = [
      `.data.sealed.another-machine.1.00.partial`,
      '.data.sealed.partial',
      '.data.1.partial',
    ];
    for (const name of others) await writeFile(path.join(folder, name), '');
    await writeWholeFile(target, (write) => write(Buffer.from('whole')));
    expect((await readdir(folder)).sort()).to.deep.equal([own, 'data.sealed', ...others].sort());
    writing.kill('SIGKILL');
    await once(writing, 'exit');
  });
});
