/** M-132 beside CometBFT: a validator that was forgotten makes the block before, and ends by name. */
import { expect } from 'chai';
import { ResponseProcessProposal_ProposalStatus as Status } from 'cosmjs-types/tendermint/abci/types';
import { toHex } from '../../../src/base/bytes.ts';
import { freshDatabase, type FreshDatabase } from '../../support/database.ts';
import { admission, beginMs, keyOf, sign, TestChain, testGenesis } from '../test-chain.ts';
import { approving, now, older, raising, told } from '../upgrade-chain.ts';
import { decidedBlock } from './abci-client.ts';
import { openApplication } from './test-application.ts';

const regulator = keyOf('regulator');

/** Version 2 from block 4 on. */
const blocks: readonly (readonly Uint8Array[])[] = [
  [sign(admission('regulator', ['REGULATOR']), { sequence: 1 })],
  [sign(raising('raise', 4), { sequence: 2 })],
  [sign(approving('raise'), { key: regulator, sequence: 1 })],
  [sign(told('first'), { sequence: 3 })],
];

describe('a validator and the machine version', () => {
  let database: FreshDatabase;
  beforeEach(async () => {
    database = await freshDatabase();
  });
  afterEach(() => database.drop());

  const open = (parts: typeof now) =>
    openApplication(database.url, { parts, registry: parts.registry });
  const blockAt = (height: number) =>
    decidedBlock(height, beginMs + height * 1_000, [...(blocks[height - 1] ?? [])]);

  it('goes on to the block before the version that its program does not know, and ends by name', async () => {
    const twin = new TestChain(testGenesis(), now);
    const app = await open(older);
    for (const height of [1, 2, 3]) {
      const { appHash } = await app.application.finalizeBlock(blockAt(height));
      const expected = twin.block(blocks[height - 1], beginMs + height * 1_000);
      expect(toHex(appHash)).to.equal(expected.appHash);
      await app.application.commit();
    }
    const steps = [
      () => app.application.processProposal([], 4n, beginMs + 4_000),
      () => app.application.finalizeBlock(blockAt(4)),
    ];
    for (const step of steps) {
      const error: unknown = await step().then(
        () => null,
        (cause: unknown) => cause,
      );
      expect(error).to.include({ code: 'MACHINE_VERSION_UNKNOWN' });
    }
    expect(app.failures.map(({ code }) => code)).to.deep.equal(['MACHINE_VERSION_UNKNOWN']);
    await app.close();

    const newer = await open(now);
    const { appHash } = await newer.application.finalizeBlock(blockAt(4));
    expect(toHex(appHash)).to.equal(twin.block(blocks[3], beginMs + 4_000).appHash);
    await newer.application.commit();
    expect(newer.application.head.height).to.equal(4);
    await newer.close();
  });

  it('votes for no proposal of a version that its program does not know', async () => {
    const proposal = [sign(raising('raise', 4), { sequence: 1 })];
    const app = await open(older);
    const voted = await app.application.processProposal(proposal, 1n, beginMs + 1_000);
    expect(voted).to.equal(Status.REJECT);
    expect(app.rejections.join()).to.include('VERSION_NOT_KNOWN');
    await app.close();
    const knowing = await open(now);
    expect(await knowing.application.processProposal(proposal, 1n, beginMs + 1_000)).to.equal(
      Status.ACCEPT,
    );
    await knowing.close();
  });
});
