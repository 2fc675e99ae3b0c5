import { expect } from 'chai';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ExchangeClient } from '../../../src/client/exchange-client.ts';
import { rulesInForce } from '../../../src/client/rules-in-force.ts';
import { writeDossier } from '../../../src/demo/acts/dossier.ts';
import { genesisHash } from '../../../src/chain/machine/genesis.ts';
import { verifyDossier } from '../../../src/dossier/verify.ts';
import { encodeProofFile, parseProofFile } from '../../../src/proof/file.ts';
import { verifyProof } from '../../../src/proof/verify.ts';
import { dxl } from '../../cli/run-dxl.ts';
import { loadDataset } from '../../../src/demo/dataset.ts';
import { ids } from '../../../src/demo/scenario.ts';
import { reviewRecord } from '../../../src/compliance/state.ts';
import { listingProfileRecord, listingRecord } from '../../../src/listing/state.ts';
import { valuationRecord } from '../../../src/pricing/state.ts';
import { jobRecord } from '../../../src/privacy/jobs/state.ts';
import { objectionRecord, registrationRecord } from '../../../src/rights/state.ts';
import { audit } from '../support/audit.ts';
import {
  accountRecord,
  licenceRecord,
  postingRecord,
  tradeRecord,
} from '../../../src/trading/state.ts';
import { brokenMoney, everyRecord, recordsOf } from '../support/records.ts';
import { kills, type PlayedTrade } from '../support/played-trade.ts';

/** What a whole trade left behind, on every node; nothing else has been done on its chain. */
export function wholeTrade(world: () => PlayedTrade): void {
  const client = (): ExchangeClient => world().nodes.clientOf('auditor');

  it('was killed at every planned step, and every step came to its end', () => {
    expect(world().killed).to.equal(kills.size);
    const { stage } = world();
    expect(stage.steps.length).to.be.greaterThan(60);
    expect(stage.steps.filter(({ result }) => result === 'FAILED')).to.deep.equal([]);
    const refused = stage.steps.filter(({ result }) => result.startsWith('refused'));
    expect(refused.map(({ result }) => result)).to.deep.equal(['refused: LISTING_SAMPLE_UNPROVED']);
  });

  it('left the rights registered and the objection dismissed', async () => {
    const registration = await client().read(registrationRecord, ids.registration);
    expect(registration.state).to.equal('ACTIVE');
    expect(registration).to.include({ applicant: 'seller', registrar: 'registrar' });
    expect(registration.openObjections).to.equal(0);
    expect(registration.certificateNumber).to.be.a('string');
    const objection = await client().read(objectionRecord, ids.objection);
    expect(objection.state).to.equal('DISMISSED');
  });

  it('left the listing on offer with its proof, passed by two organisations', async () => {
    const listing = await client().read(listingRecord, ids.listing);
    expect(listing).to.include({ state: 'LISTED', revision: 1, reviewId: ids.review });
    expect(listing.sampleProof).to.match(/^[0-9a-f]{512}$/);
    const { rules, machineVersion } = await rulesInForce(client());
    expect(machineVersion).to.equal(2);
    const { sample } = await client().read(listingProfileRecord, ids.listing);
    const { circuitId, rows } = listing.sample;
    const pack = { rulePackId: rules.id, rulePackVersion: rules.version };
    expect(sample).to.deep.equal({ circuitId, rows, k: 5, ...pack });
    const review = await client().read(reviewRecord, ids.review);
    expect(review.state).to.equal('PASSED');
    const organisations = review.decisions.map(({ organisationId }) => organisationId);
    expect(organisations.sort()).to.deep.equal(['reviewer-a', 'reviewer-b']);
    expect(new Set(review.decisions.map(({ keyId }) => keyId)).size).to.equal(2);
    expect(review.decisions.map(({ decision }) => decision)).to.deep.equal(['PASS', 'PASS']);
    expect(review.automatic.every(({ passed }) => passed)).to.equal(true);
    const valuation = await client().read(valuationRecord, ids.valuation);
    expect(valuation.state).to.equal('CONFIRMED');
    expect(valuation.confirmations.map(({ resultFen }) => resultFen)).to.deep.equal([
      valuation.resultFen,
    ]);
  });

  it('settled both trades to the fen, and certified them', async () => {
    const { exchange } = world();
    const trade = await client().read(tradeRecord, ids.trade);
    expect(trade).to.deep.include({
      state: 'CERTIFIED',
      priceFen: 10_000_000n,
      vatFen: 600_000n,
      feeFen: 250_000n,
      totalFen: 10_600_000n,
      valuationId: ids.valuation,
    });
    expect(trade.settlement).to.deep.include({
      refundFen: 0n,
      feeNetFen: 235_849n,
      feeVatFen: 14_151n,
      sellerFen: 10_350_000n,
    });
    const { buyer, seller } = trade.signatures;
    expect(buyer?.keyId).to.equal(exchange.parties.get('buyer')?.signingKey.keyId);
    expect(seller?.keyId).to.equal(exchange.parties.get('seller')?.signingKey.keyId);
    const compute = await client().read(tradeRecord, ids.computeTrade);
    expect(compute.state).to.equal('CERTIFIED');
    expect(compute.computation?.jobId).to.equal(ids.job);
    expect(compute.certificate?.number).to.not.equal(trade.certificate?.number);
  });

  it('left the licences as the terms say', async () => {
    const licences = await recordsOf(client(), licenceRecord);
    expect(licences.map(({ id, state, uses }) => [id, state, uses]).sort()).to.deep.equal([
      [ids.computeTrade, 'EXHAUSTED', 1],
      [ids.trade, 'ACTIVE', 0],
    ]);
  });

  it('released the job on two workers’ equal digests', async () => {
    const job = await client().read(jobRecord, ids.job);
    expect(job).to.include({ state: 'RELEASED', releasedBy: 'reviewer-a' });
    const [first, second, ...more] = job.attestations;
    expect(more).to.deep.equal([]);
    expect([first?.organisationId, second?.organisationId]).to.deep.equal(['worker-a', 'worker-b']);
    expect(first?.resultDigest).to.equal(second?.resultDigest);
    expect(world().played.compute.spec.groups.length).to.equal(job.release?.groups);
  });

  it('booked everything twice: postings balance, escrow is empty', async () => {
    expect(await brokenMoney(client())).to.deep.equal([]);
    const postings = await recordsOf(client(), postingRecord);
    expect(postings.map(({ kind }) => kind).sort()).to.deep.equal([
      'FUND',
      'FUND',
      'PAY_OUT',
      'PAY_OUT',
      'SETTLE',
      'SETTLE',
    ]);
    for (const { id, lines } of postings) {
      const sum = lines.reduce(
        (sofar, { side, amountFen }) => sofar + (side === 'DEBIT' ? amountFen : -amountFen),
        0n,
      );
      expect(sum, id).to.equal(0n);
    }
    const accounts = await recordsOf(client(), accountRecord);
    const balance = (kind: string): bigint[] =>
      accounts.filter((account) => account.kind === kind).map(({ balanceFen }) => balanceFen);
    expect(balance('ESCROW')).to.deep.equal([0n, 0n]);
    expect(balance('SELLER_PAYABLE')).to.deep.equal([0n]);
    // 2.5 % of 100,000.00 and of 10,000.00, of which 6 % VAT is inside.
    expect(balance('FEE_INCOME')).to.deep.equal([235_849n + 23_585n]);
    expect(balance('OUTPUT_VAT')).to.deep.equal([14_151n + 1_415n]);
    expect(balance('CLIENT_MONEY')).to.deep.equal([275_000n]);
  });

  it('delivered the very bytes that were registered', async () => {
    const { exchange } = world();
    const { bytes } = await loadDataset();
    const delivered = await readFile(path.join(exchange.outDir, 'buyer', 'birdstrikes.csv'));
    expect(delivered.equals(bytes)).to.equal(true);
  });

  it('gives a dossier that a stranger verifies offline', async () => {
    const { exchange, nodes, stage, played } = world();
    const { outDir, parties } = exchange;
    const file = await writeDossier({ stage, url: nodes.url, outDir, parties, played });
    const bytes = new Uint8Array(await readFile(file));
    const trustedGenesisHash = genesisHash(exchange.genesis);
    const report = verifyDossier(bytes, { trustedGenesisHash });
    expect(report).to.include({ outcome: 'HOLDS', notShown: 2 });
    const open = report.claims.filter((claim) => claim.outcome === 'NOT SHOWN');
    // Development keys, and computations whose inputs nothing binds to the registered rows.
    expect(open.map(({ id }) => id)).to.deep.equal(['C10', 'C14']);
    expect(report.concerns).to.deep.equal([]);
    const checkpoint = report.claims.find(({ id }) => id === 'C03');
    const sealedBy =
      nodes.ledger.sealedFrom === null ? /by block signer/ : /by [34] of 4 validators/;
    expect(checkpoint?.facts.join()).to.match(sealedBy);
    const stranger = verifyDossier(bytes, { trustedValidatorsHash: '11'.repeat(32) });
    expect(stranger.outcome).to.equal(nodes.ledger.sealedFrom === null ? 'HOLDS' : 'FAILS');
  });

  it('tells by `dxl data check` whether a file is the one that was registered, without any node', async () => {
    const { exchange, nodes } = world();
    const folder = path.join(exchange.outDir, 'buyer');
    const file = path.join(folder, 'birdstrikes.csv');
    const opening = ['--opening', path.join(folder, 'opening.json')];
    const changed = path.join(folder, 'changed.csv');
    await writeFile(changed, (await readFile(file, 'utf8')).replace('Louisiana', 'Alabama'));
    // The table's own record, and the registration's, which holds its roots without its names.
    for (const collection of ['registered-tables', 'registrations']) {
      const env = { DXL_API: nodes.url, HOME: exchange.folder };
      const got = await dxl(['get', collection, ids.registration, '--json'], env);
      expect(got.code, got.errors).to.equal(0);
      const against = path.join(folder, `${collection}.json`);
      await writeFile(against, got.output);
      const same = await dxl(['data', 'check', file, '--against', against, ...opening, '--json']);
      expect([same.code, same.errors]).to.deep.equal([0, '']);
      expect(JSON.parse(same.output)).to.include({ agrees: true, difference: null, version: 2 });
      const other = await dxl([
        'data',
        'check',
        changed,
        '--against',
        against,
        ...opening,
        '--json',
      ]);
      expect(other.code).to.equal(1);
      expect((JSON.parse(other.output) as { difference: object }).difference).to.deep.include({
        ...{ kind: 'OTHER_ROWS', columns: ['Origin State'], rows: [1] },
      });
      const without = await dxl(['data', 'check', file, '--against', against]);
      expect(without.code).to.equal(2);
    }
  });

  it('gives proof files that a stranger verifies offline, from every node', async () => {
    const { exchange, nodes } = world();
    const { sealedFrom } = nodes.ledger;
    const trustedGenesisHash = genesisHash(exchange.genesis);
    const logSize = await earliestLogSize();
    for (const other of nodes.clients) {
      const keys = [`licence/${ids.trade}`, 'licence/none'];
      const bytes = encodeProofFile(
        await other.prove({ keys, logIndexes: [0], earlier: [logSize] }),
      );
      const report = verifyProof(bytes, { trustedGenesisHash });
      expect(report.outcome, JSON.stringify(report.claims)).to.equal('HOLDS');
      expect(report.notShown).to.equal(0);
      const facts = report.claims.find(({ id }) => id === 'P03')?.facts.join();
      const sealedBy = sealedFrom === null ? /by block signer/ : /by [34] of 4 validators/;
      expect(facts).to.match(sealedBy);
      const stranger = verifyProof(bytes, { trustedValidatorsHash: '11'.repeat(32) });
      expect(stranger.outcome).to.equal(sealedFrom === null ? 'HOLDS' : 'FAILS');
    }
    const older = encodeProofFile(await client().prove({ logIndexes: [0], logSize }));
    expect(verifyProof(older, { trustedGenesisHash }).outcome).to.equal('HOLDS');
  });

  /** Of the first block that an envelope stands in. */
  async function earliestLogSize(): Promise<number> {
    const { data } = await client().events();
    const first = data.find(({ envelopeId }) => envelopeId !== null);
    return (await blockAt(client(), first?.height ?? 0)).logSize;
  }

  it('gives a proof by `dxl prove`, which `dxl verify` checks without any node', async () => {
    const { exchange, nodes } = world();
    const file = path.join(exchange.folder, 'licence.proof.json');
    const proved = await dxl(['prove', 'state', `licence/${ids.trade}`, '--out', file], {
      DXL_API: nodes.url,
      HOME: exchange.folder,
    });
    expect(proved.code, proved.errors + proved.output).to.equal(0);
    const { checkpoint } = parseProofFile(await readFile(file));
    if (nodes.ledger.sealedFrom === null) expect(checkpoint).to.have.property('signature');
    else expect(checkpoint).to.have.property('lightBlocks').with.length(1);
    const answers = await Promise.all(
      [[], ['--validators-hash', '11'.repeat(32)]].map((more) => dxl(['verify', file, ...more])),
    );
    const codes = answers.map(({ code }) => code);
    expect(codes).to.deep.equal(nodes.ledger.sealedFrom === null ? [0, 0] : [0, 1]);
  });

  it('is sound by audit, beside the running node', async () => {
    const { exchange, nodes } = world();
    const { url: databaseUrl } = nodes.ledger;
    const { config, genesis, folder } = exchange;
    const report = await audit({ config: { ...config, databaseUrl }, genesis, folder });
    expect(report.findings).to.deep.equal([]);
    expect(report.sound).to.equal(true);
    expect(report.replayed).to.equal(report.height);
    expect(report.envelopes).to.be.greaterThan(50);
  });

  it('shows the same records and app hashes on every node, after a clean stop and a new start', async () => {
    const { nodes } = world();
    const before = await client().status();
    const records = await everyRecord(client());
    await nodes.restart();
    for (const other of nodes.clients) {
      const { height } = await other.status();
      expect(height).to.be.at.least(before.height);
      expect((await blockAt(other, before.height)).appHash).to.equal(before.appHash);
      expect(await everyRecord(other)).to.deep.equal(records);
      expect(records['trades']).to.have.length(2);
      expect(records['organisations']).to.have.length(12);
    }
  });
}

async function blockAt(
  { url }: ExchangeClient,
  height: number,
): Promise<{ appHash: string; logSize: number }> {
  const answer = await fetch(new URL(`/v1/blocks/${height}`, url));
  return (await answer.json()) as { appHash: string; logSize: number };
}
