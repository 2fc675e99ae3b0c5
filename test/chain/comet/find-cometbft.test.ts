import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import type { OperationalError } from '../../../src/base/operational-error.ts';
import { cometInstallCommand, findCometbft } from '../../../src/net/find-cometbft.ts';

describe('finding CometBFT', () => {
  it('says where it looked and the line that installs it, where it is missing', async () => {
    const error = await findCometbft('/nowhere/', 'no-such-comet').catch((cause: unknown) => cause);
    const { code, message } = error as OperationalError;
    expect(code).to.equal('COMET_MISSING');
    expect(message).to.include('/nowhere/').and.include(cometInstallCommand);
  });

  const versions: readonly [version: string, taken: boolean][] = [
    ['0.38.25', true],
    ['0.39.4+5c2b1f0', true],
    ['0.37.15', false],
    ['0.380.1', false],
    ['1.0.1', false],
    ['', false],
  ];
  for (const [version, taken] of versions) {
    it(`${taken ? 'takes' : 'refuses'} a program that says it is version "${version}"`, async () => {
      const folder = await mkdtemp(path.join(os.tmpdir(), 'dxl-find-'));
      try {
        const program = path.join(folder, 'some-comet');
        await writeFile(program, `#!/bin/sh\necho '${version}'\n`);
        await chmod(program, 0o755);
        const found = await findCometbft(folder, 'some-comet').catch((cause: unknown) => cause);
        if (taken) expect(found).to.equal(program);
        else expect(found).to.include({ code: 'COMET_VERSION' });
      } finally {
        await rm(folder, { recursive: true });
      }
    });
  }
});
