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
});
