import { expect } from 'chai';
import type { OperationalError } from '../../src/base/operational-error.ts';
import { needsComet, startNetwork } from '../chain/comet/test-network.ts';

describe('a network whose application ends while it starts', () => {
  before(needsComet);

  it('says at once which, and where the reason is', async () => {
    const failure = await startNetwork({
      validators: 1,
      shape: (usual) => ({ ...usual, program: process.execPath, args: ['-e', ''] }),
    }).catch((error: unknown) => error as OperationalError);
    expect(failure).to.include({ code: 'NET_NOT_READY' });
    expect((failure as OperationalError).message).to.match(
      /^The application of validator-0 has ended; read .*app\.log\.$/,
    );
  });
});
