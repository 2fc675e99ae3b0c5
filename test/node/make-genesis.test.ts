import { expect } from 'chai';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { OperationalError } from '../../src/base/operational-error.ts';
import type { RulePack, SampleSize } from '../../src/base/rules.ts';
import type { Genesis } from '../../src/chain/machine/genesis.ts';
import { makeGenesis } from '../../src/node/make-genesis.ts';
import { loadVerificationKeys } from '../../src/node/verification-keys.ts';
import { loadCatalogue } from '../../src/privacy/zk/catalogue.ts';
import { creditCodeOf } from '../support/credit-code.ts';

const packFile = new URL('../../rules/demo.json', import.meta.url);
const digest = 'ab'.repeat(32);

describe('a new genesis and its circuits', () => {
  let folder: string;
  before(async () => (folder = await mkdtemp(path.join(tmpdir(), 'make-genesis-'))));
  after(() => rm(folder, { recursive: true }));

  async function genesisWith(
    change: (sizes: SampleSize[]) => SampleSize[] | undefined,
    mode: Genesis['mode'] = 'development',
  ): Promise<Genesis> {
    const pack = JSON.parse(await readFile(packFile, 'utf8')) as RulePack;
    const { sizes = [], ...sample } = pack.sample;
    const changed = change([...sizes]);
    const rules = path.join(folder, 'pack.json');
    const written = { ...pack, sample: { ...sample, ...(changed ? { sizes: changed } : {}) } };
    await writeFile(rules, JSON.stringify(written));
    return makeGenesis({
      ...{ chainId: 'dxl-test', mode, timeMs: 1, rules, blockSigner: digest },
      operator: {
        ...{ organisationId: 'operator', name: 'Operator', creditCode: creditCodeOf('operator') },
        ...{ jurisdiction: 'CN', publicKey: digest, encryptionKey: digest },
      },
    });
  }

  const withLast = (change: Partial<SampleSize>) => (sizes: SampleSize[]) =>
    sizes.map((size, at) => (at === sizes.length - 1 ? { ...size, ...change } : size));

  it('pins every circuit that its pack names, and a node has all their keys', async () => {
    const genesis = await genesisWith((sizes) => sizes);
    const { circuits } = await loadCatalogue();
    expect(genesis.circuits.map(({ id }) => id)).to.deep.equal(circuits.map(({ id }) => id));
    const keys = await loadVerificationKeys(genesis, true, folder);
    expect([...keys.keys()]).to.include.members(
      genesis.rules.sample.sizes?.map(({ circuitId }) => circuitId) ?? [],
    );
  });

  it('takes a pack that lists no sizes, as those from before', async () => {
    const { rules } = await genesisWith(() => undefined);
    expect(rules.sample).to.not.have.property('sizes');
  });

  const wrong: readonly (readonly [string, Partial<SampleSize>, RegExp])[] = [
    ['another number of rows', { rows: 2_047 }, /2048-k5 for 2047 rows with k 5; it is of 2048/],
    ['another k', { k: 6 }, /2048-k5 for 2048 rows with k 6; it is of 2048 rows with k 5/],
    ['no such circuit', { circuitId: 'k-anonymity-2048-k6' }, /there is no such circuit/],
    ['sizes that do not ascend', { fileRowsMin: 4_096 }, /sizes.4.fileRowsMin.*after 4096/],
  ];
  for (const [what, change, said] of wrong) {
    it(`is refused for a pack with ${what}`, async () => {
      const thrown = await genesisWith(withLast(change)).catch((error: unknown) => error);
      expect(thrown).to.be.instanceOf(OperationalError).with.property('code', 'GENESIS_INVALID');
      expect((thrown as Error).message).to.match(said);
    });
  }

  it('of production may name circuits of its own ceremony, and pins none by itself', async () => {
    const own = withLast({ circuitId: 'k-anonymity-4096-own', rows: 4_096 });
    expect((await genesisWith(own, 'production')).circuits).to.deep.equal([]);
    const thrown = await genesisWith(withLast({ k: 6 }), 'production').catch((e: unknown) => e);
    expect(thrown).to.have.property('code', 'GENESIS_INVALID');
  });
});
