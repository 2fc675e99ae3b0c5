/** `dxl sample` and `dxl circuits`, as a seller runs them, beside an exchange that tells its rules. */
import { expect } from 'chai';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fromHex } from '../../src/base/bytes.ts';
import { toJson } from '../../src/base/codec.ts';
import { rulePackSchema } from '../../src/base/rules.ts';
import type { Listing } from '../../src/listing/schema.ts';
import { listingRecord } from '../../src/listing/state.ts';
import { developmentKeyFile, loadCatalogue } from '../../src/privacy/zk/catalogue.ts';
import { kAnonymityPublics, listingBinding } from '../../src/privacy/zk/statements/k-anonymity.ts';
import { verifyProof } from '../../src/privacy/zk/verifier/verify.ts';
import { FakeExchange, json, problem } from '../client/fake-exchange.ts';
import { drafted, listingId } from '../listing/fixture.ts';
import {
  coldBuildMs,
  smallArtefacts,
  smallCircuitId,
  smallKey,
} from '../privacy/zk/small-proof.ts';
import { defaultRules } from '../support/rules.ts';
import { dxl } from './run-dxl.ts';

const chainId = 'dxl-fake';

interface Taken {
  readonly sample: Listing['sample'];
  readonly k: number;
  readonly fileRows: number;
}

describe('dxl sample', function () {
  this.timeout(coldBuildMs);
  const exchange = new FakeExchange();
  let folder: string;
  let url: string;
  let machineVersion = 2;
  let listing: Listing | null = null;
  let decided: unknown[] = [];
  let keys: (circuitId: string) => Promise<object | null>;
  const at = (name: string): string => path.join(folder, name);
  const run = (...args: string[]) => dxl(['sample', ...args], { DXL_API: url });

  before(async () => {
    await smallArtefacts();
    folder = await mkdtemp(path.join(tmpdir(), 'dxl-sample-'));
    const rules = toJson(rulePackSchema, defaultRules);
    const parameters = { expirySpanMax: 100_000 };
    exchange.answers.set('GET /v1/genesis', (_, to) =>
      json(to, 200, { genesis: { version: 1, chainId, parameters, rules } }),
    );
    const raised = { id: 'version-2', version: 2, fromHeight: 3, proposalId: 'raise-2' };
    exchange.answers.set('GET /v1/machine-versions', (_, to) => {
      const data = machineVersion === 2 ? [{ ...raised, adoptedAtMs: 1 }] : [];
      json(to, 200, { data, next: null });
    });
    exchange.answers.set('GET /v1/rules-versions', (_, to) =>
      json(to, 200, { data: decided, next: null }),
    );
    exchange.answers.set('GET /v1/listings', (_, to) =>
      listing
        ? json(to, 200, { data: toJson(listingRecord.schema, listing) })
        : problem(to, 404, 'NOT_FOUND'),
    );
    keys = async (id) => JSON.parse(await readFile(developmentKeyFile(id), 'utf8')) as object;
    exchange.answers.set('GET /v1/circuits', ({ path: asked }, to) => {
      void keys(asked.split('/')[3] ?? '').then((key) =>
        key ? json(to, 200, key) : problem(to, 404, 'NOT_FOUND'),
      );
    });
    url = await exchange.start();
  });
  after(async () => {
    await exchange.stop();
    await rm(folder, { recursive: true });
  });

  /** By classes of 20 rows and more: a table, and what opens it, as its seller has them after registration. */
  async function registered(name: string, rows: number): Promise<void> {
    const lines = Array.from({ length: rows }, (_, row) => `state ${row % 3},${row}`);
    await writeFile(at(`${name}.csv`), `${['State,Cost', ...lines].join('\n')}\n`);
    await writeFile(
      at(`${name}.columns.json`),
      JSON.stringify([
        { name: 'State', type: 'TEXT', meaning: 'place.state', sensitivity: 'QUASI_IDENTIFIER' },
        { name: 'Cost', type: 'INTEGER', meaning: 'money.cost', sensitivity: 'GENERAL' },
      ]),
    );
    const opening = at(`${name}.opening.json`);
    const described = ['--description', at(`${name}.columns.json`), '--write-opening', opening];
    const { code, errors } = await dxl(['data', 'inspect', at(`${name}.csv`), ...described]);
    expect(code, errors).to.equal(0);
  }

  const take = (name: string) =>
    run(
      ...['take', at(`${name}.csv`), '--opening', at(`${name}.opening.json`)],
      ...['--write-opening', at(`${name}.sold.json`), '--json'],
    );
  const prove = (name: string, out: string, ...more: string[]) =>
    run(
      ...['prove', at(`${name}.csv`), '--opening', at(`${name}.sold.json`)],
      ...['--listing', listingId, '--out', at(out), '--json', ...more],
    );
  const draftWith = (sample: Listing['sample']): void => {
    listing = { ...drafted().listing(), sample };
  };

  it('takes the size that the pack asks for, and proves it for the listing', async () => {
    await registered('small', 60);
    const taken = await take('small');
    expect(taken.code, taken.errors).to.equal(0);
    const { sample, k, fileRows } = JSON.parse(taken.output) as Taken;
    expect(sample).to.include({ circuitId: smallCircuitId, rows: 16 });
    expect([k, fileRows]).to.deep.equal([3, 60]);
    expect((await stat(at('small.sold.json'))).mode & 0o777).to.equal(0o600);
    draftWith(sample);
    const proved = await prove('small', 'small.proof.json');
    expect(proved.code, proved.errors).to.equal(0);
    expect(JSON.parse(proved.output)).to.include({ circuitId: smallCircuitId, rows: 16, k: 3 });
    const written = JSON.parse(await readFile(at('small.proof.json'), 'utf8')) as Listing;
    expect(written).to.have.keys('listingId', 'proof').and.include({ listingId });
    const { commitment } = sample;
    const scope = { chainId, circuitId: smallCircuitId, listingId, sellerOrgId: 'seller' };
    const publics = kAnonymityPublics({
      commitment: BigInt(`0x${commitment}`),
      binding: listingBinding({ ...scope, revision: 1n }),
    });
    const { proof } = written as unknown as { proof: string };
    expect(verifyProof(await smallKey(), publics, fromHex(proof)).ok).to.equal(true);
  });

  it('tells neither salt nor rows, and writes over nothing', async () => {
    const again = await take('small');
    expect([again.code, again.errors]).to.satisfy(
      ([code, said]: [number, string]) => code === 2 && said.includes('FILE_EXISTS'),
    );
    const { sample } = JSON.parse(await readFile(at('small.sold.json'), 'utf8')) as {
      sample: { salt: string };
    };
    for (const text of [again.output, again.errors]) expect(text).to.not.include(sample.salt);
    const proved = await prove('small', 'small.proof.json');
    expect(proved.errors).to.include('FILE_EXISTS');
  });

  it('names the circuit that is not built, its size, and how to build it', async () => {
    await registered('large', 300);
    const taken = await take('large');
    const { sample } = JSON.parse(taken.output) as { sample: Listing['sample'] };
    expect(sample).to.include({ circuitId: 'k-anonymity-64-k5', rows: 64 });
    draftWith(sample);
    const { code, errors } = await prove('large', 'large.proof.json', '--circuits', at('empty'));
    expect(code).to.equal(2);
    expect(errors).to.match(/CIRCUIT_NOT_BUILT.*64 rows, k 5.*3189 constraints/);
    expect(errors).to.include('dxl circuits build k-anonymity-64-k5');
  });

  it('says so where the exchange has no such circuit, before anything is made', async () => {
    const before = keys;
    keys = () => Promise.resolve(null);
    const { code, errors } = await prove('large', 'other.proof.json');
    keys = before;
    expect(code).to.equal(1);
    expect(errors).to.include('NOT_FOUND');
  });

  it('makes no proof that does not hold under the exchange’s key', async () => {
    draftWith(JSON.parse(await sampleOf('small')) as Listing['sample']);
    const before = keys;
    keys = () => before('k-anonymity-64-k5');
    const { code, errors } = await prove('small', 'other.proof.json');
    keys = before;
    expect(code).to.equal(1);
    expect(errors).to.include('CIRCUIT_KEY_OTHER').and.include('--proving-key');
    expect(await stat(at('other.proof.json')).catch(() => null)).to.equal(null);
  });

  it('refuses a listing of another sample, or of one that the pack does not admit', async () => {
    const sample = JSON.parse(await sampleOf('small')) as Listing['sample'];
    draftWith({ ...sample, commitment: '00'.repeat(32) });
    const other = await prove('small', 'other.proof.json');
    expect([other.code, other.errors.includes('SAMPLE_OTHER')]).to.deep.equal([2, true]);
    machineVersion = 1;
    draftWith(sample);
    const early = await prove('small', 'other.proof.json');
    machineVersion = 2;
    expect(early.errors).to.match(/SAMPLE_NOT_ADMITTED.*admits k-anonymity-512-k5 over 512/s);
    expect(early.code).to.equal(2);
  });

  it('goes by the pack that was decided on, from its height on', async () => {
    await registered('decided', 60);
    const { sizes: _, ...sample } = defaultRules.sample;
    const pack = toJson(rulePackSchema, { ...defaultRules, version: '2', sample });
    const facts = { id: 'rules-2', number: 2, kind: 'RULE_PACK', proposalId: 'pack-2' };
    const from = (fromHeight: number) => [{ ...facts, fromHeight, adoptedAtMs: 1, pack }];
    // The exchange shows height 4: the next envelope may come into block 5.
    decided = from(5);
    const { errors } = await take('decided');
    decided = from(6);
    const later = await take('decided');
    decided = [];
    expect(errors).to.match(/SAMPLE_IMPOSSIBLE.*512 rows with k 5/s);
    expect(later.code, later.errors).to.equal(0);
  });

  it('refuses a file with too few rows for any sample', async () => {
    await registered('tiny', 12);
    const { code, errors } = await take('tiny');
    expect(code).to.equal(2);
    expect(errors).to.match(/SAMPLE_IMPOSSIBLE.*12 rows.*16 rows or more/s);
  });

  /** The draft's part of a taken sample, again by its opening. */
  async function sampleOf(name: string): Promise<string> {
    await rm(at(`${name}.sold.json`), { force: true });
    const { output } = await take(name);
    return JSON.stringify((JSON.parse(output) as { sample: object }).sample);
  }
});

describe('dxl circuits', function () {
  this.timeout(coldBuildMs);
  before(() => smallArtefacts());

  it('lists what there is, and what is built', async () => {
    const { code, output } = await dxl(['circuits', 'list', '--json']);
    expect(code).to.equal(0);
    const listed = JSON.parse(output) as { id: string; built: boolean; rows: number }[];
    expect(listed.map(({ id }) => id)).to.deep.equal(
      (await loadCatalogue()).circuits.map(({ id }) => id),
    );
    expect(listed.find(({ id }) => id === smallCircuitId)).to.include({ built: true, rows: 16 });
  });

  it('builds one, or finds it built; of another name it says which there are', async () => {
    const built = await dxl(['circuits', 'build', smallCircuitId, '--json']);
    expect(JSON.parse(built.output)).to.include({ circuit: smallCircuitId, cached: true });
    const { code, errors } = await dxl(['circuits', 'build', 'k-anonymity-65-k5']);
    expect(code).to.equal(2);
    expect(errors).to.include('ZK_CIRCUIT_UNKNOWN').and.include('k-anonymity-2048-k5');
  });
});
