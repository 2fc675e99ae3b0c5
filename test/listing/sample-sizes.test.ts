/** From machine version 2 on a rule pack lists the sizes of samples, and the file says which is needed. */
import { expect } from 'chai';
import type { RulePack, SampleSize } from '../../src/base/rules.ts';
import { sampleSizes } from '../../src/base/sample-sizes.ts';
import { refuse, success } from '../../src/base/result.ts';
import type { ProofVerifier } from '../../src/chain/machine/ledger.ts';
import { proveSample } from '../../src/listing/prove-sample.ts';
import { listingResults } from '../../src/listing/results.ts';
import { stateProfile } from '../../src/listing/state-profile.ts';
import { listingProfileRecord } from '../../src/listing/state.ts';
import { submitForReview } from '../../src/listing/submit-for-review.ts';
import { zkResults } from '../../src/privacy/zk/results.ts';
import { kAnonymityPublics, listingBinding } from '../../src/privacy/zk/statements/k-anonymity.ts';
import { registrationRecord } from '../../src/rights/state.ts';
import { testRules } from '../support/rules.ts';
import { drafted, facts, listingId, proof, wholeFile } from './fixture.ts';

const { sizes: _, ...single } = testRules.sample;
const oldPack: RulePack = { ...testRules, sample: single };
const sizes = sampleSizes(testRules, 2);

type Named = Pick<SampleSize, 'circuitId' | 'rows'>;

interface Given {
  readonly fileRows: number;
  readonly sample: Named;
  readonly machineVersion?: number;
  readonly rules?: RulePack;
  readonly verifyProof?: ProofVerifier;
}

/** A draft of a registered file of so many rows, with such a sample. */
function draftOf({ fileRows, sample, machineVersion = 2, rules = testRules, verifyProof }: Given) {
  const quality = { ...facts.quality, rows: fileRows };
  const { circuitId, rows } = sample;
  const all = drafted(
    { quality, sample: { ...facts.sample, circuitId, rows } },
    { rules, ...(verifyProof ? { verifyProof } : {}) },
  );
  const held = all.registration();
  const fingerprint = { ...held.fingerprint, rows: fileRows };
  all.ledger.put(registrationRecord, { ...held, fingerprint });
  all.ledger.machineVersion = machineVersion;
  return all;
}

const fileOf = (rows: number) => ({
  ...wholeFile,
  rows,
  anonymity: {
    ...wholeFile.anonymity,
    ...{ leftOut: 0, k: rows, uniqueRows: 0, smallest: [{ rows, classes: 1 }] },
  },
});

/** What becomes of a draft: proof, whole file, submission. */
function outcomeOf(given: Given): string {
  const { ledger, seller } = draftOf(given);
  const steps = [
    () => ledger.apply(proveSample, seller, { listingId, proof }),
    () =>
      (given.machineVersion ?? 2) >= 2
        ? ledger.apply(stateProfile, seller, { listingId, ...fileOf(given.fileRows) })
        : success,
    () => ledger.apply(submitForReview, seller, { listingId }),
  ];
  for (const step of steps) {
    const outcome = step();
    if (!outcome.ok) return `${outcome.result.name}: ${outcome.detail}`;
  }
  return 'ok';
}

describe('a sample of every size', () => {
  for (const size of sizes) {
    const { rows, k, fileRowsMin, circuitId } = size;
    it(`${rows} rows: is proved of the circuit that it names, of commitment, chain, listing`, () => {
      const seen: unknown[] = [];
      const verifyProof: ProofVerifier = (...asked) => {
        seen.push(asked.slice(0, 2));
        return success;
      };
      const given = { fileRows: fileRowsMin, sample: size, verifyProof };
      expect(outcomeOf(given)).to.equal('ok');
      const scope = { chainId: 'dxl-test', circuitId, listingId, sellerOrgId: 'seller' };
      const binding = listingBinding({ ...scope, revision: 1n });
      const commitment = BigInt(`0x${facts.sample.commitment}`);
      expect(seen).to.deep.equal([[circuitId, kAnonymityPublics({ commitment, binding })]]);
    });

    it(`${rows} rows: rows, k and the pack stand beside the whole file`, () => {
      const { ledger, seller } = draftOf({ fileRows: fileRowsMin, sample: size });
      ledger.accept(stateProfile, seller, { listingId, ...fileOf(fileRowsMin) });
      const { id: rulePackId, version: rulePackVersion } = testRules;
      const { sample } = ledger.get(listingProfileRecord, listingId);
      expect(sample).to.deep.equal({ circuitId, rows, k, rulePackId, rulePackVersion });
    });

    it(`${rows} rows: a proof that does not hold is refused`, () => {
      const verifyProof: ProofVerifier = () => refuse(zkResults.ZK_PROOF_INVALID, 'no');
      const { ledger, seller } = draftOf({ fileRows: fileRowsMin, sample: size, verifyProof });
      ledger.refuse(zkResults.ZK_PROOF_INVALID, proveSample, seller, { listingId, proof });
    });

    it(`${rows} rows: one row less of the file, and it is more than is needed, yet admitted`, () => {
      const smaller = sizes[0]?.fileRowsMin === fileRowsMin;
      const given = { fileRows: fileRowsMin - 1, sample: size };
      if (smaller) expect(outcomeOf(given)).to.match(/^LISTING_SAMPLE_POLICY: .*no sample for a/);
      else expect(outcomeOf(given)).to.equal('ok');
    });

    it(`${rows} rows: a pack that does not list it takes no such sample`, () => {
      const given = { fileRows: 1_000_000, sample: size, rules: oldPack };
      if (rows === 512) expect(outcomeOf(given)).to.equal('ok');
      else expect(outcomeOf(given)).to.match(/^LISTING_SAMPLE_POLICY: .*asks for .*-512-k5 over/);
    });

    it(`${rows} rows: by machine version 1 the pack has the one of 512`, () => {
      const given = { fileRows: 1_000_000, sample: size, machineVersion: 1 };
      if (rows === 512) expect(outcomeOf(given)).to.equal('ok');
      else
        expect(outcomeOf(given)).to.match(/^LISTING_SAMPLE_POLICY: Circuit .*asks for .*-512-k5/);
    });
  }

  const wrong: readonly (readonly [string, number, Named, RegExp])[] = [
    [
      'a smaller one than the file needs',
      10_000,
      { circuitId: 'k-anonymity-128-k5', rows: 128 },
      /k-anonymity-128-k5 over 128 rows; for a file of 10000 rows .* k-anonymity-512-k5 over 512 rows, k 5/,
    ],
    [
      'another number of rows than its circuit’s',
      300,
      { circuitId: 'k-anonymity-64-k5', rows: 63 },
      /63/,
    ],
    ['more rows than its circuit’s', 300, { circuitId: 'k-anonymity-64-k5', rows: 512 }, /512/],
    [
      'more rows than the file has',
      100,
      { circuitId: 'k-anonymity-128-k5', rows: 128 },
      /file of 100/,
    ],
    ['another k', 300, { circuitId: 'k-anonymity-64-k3', rows: 64 }, /k-anonymity-64-k3/],
    [
      'the k of 16 rows for a larger file',
      300,
      { circuitId: 'k-anonymity-16-k3', rows: 16 },
      /k 5/,
    ],
  ];
  for (const [what, fileRows, sample, said] of wrong) {
    it(`is refused before its proof is looked at: ${what}`, () => {
      const verifyProof: ProofVerifier = () => {
        throw new Error('the proof was looked at');
      };
      const { ledger, seller } = draftOf({ fileRows, sample, verifyProof });
      const policy = listingResults.LISTING_SAMPLE_POLICY;
      const command = { listingId, proof };
      expect(ledger.refuse(policy, proveSample, seller, command)).to.match(said);
      ledger.refuse(policy, stateProfile, seller, { listingId, ...fileOf(fileRows) });
    });
  }

  it('is asked for again when the listing is submitted: the file may be registered anew', () => {
    const sample = { circuitId: 'k-anonymity-64-k5', rows: 64 };
    const all = draftOf({ fileRows: 300, sample });
    const { ledger, seller, registration } = all;
    ledger.accept(proveSample, seller, { listingId, proof });
    ledger.accept(stateProfile, seller, { listingId, ...fileOf(300) });
    const held = registration();
    const fingerprint = { ...held.fingerprint, rows: 5_000 };
    ledger.put(registrationRecord, { ...held, fingerprint });
    const policy = listingResults.LISTING_SAMPLE_POLICY;
    const said = ledger.refuse(policy, submitForReview, seller, { listingId });
    expect(said).to.match(/revision 1\. The sample is .*for a file of 5000 rows .*512 rows, k 5/);
  });
});
