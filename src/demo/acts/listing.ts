import { toHex, utf8 } from '../../base/bytes.ts';
import { assert } from '../../base/assert.ts';
import { sha256Hex } from '../../base/hash.ts';
import { machineVersionMax } from '../../base/machine-version.ts';
import type { SampleSize } from '../../base/rules.ts';
import { sampleSizes } from '../../base/sample-sizes.ts';
import {
  draftCommand,
  listingCommand,
  proveSampleCommand,
  stateProfileCommand,
  type LicenceTerms,
} from '../../listing/schema.ts';
import { listingRecord } from '../../listing/state.ts';
import { statementColumns } from '../../listing/types.ts';
import type { CircuitArtefacts } from '../../privacy/zk/build/build-circuit.ts';
import { prove } from '../../privacy/zk/prover/prove.ts';
import type { SampleOpening } from '../../client/delivery-package.ts';
import { listedQuality, wholeFileOf } from '../../client/listed-quality.ts';
import { proofInputs, takeSample, type TakenSample } from '../../client/listed-sample.ts';
import { ProblemError } from '../../client/problem-error.ts';
import { act, ids, newSalt, tableFile, type Scenario } from '../scenario.ts';
import { coverage, type RegisteredTable } from './rights.ts';

const listingId = ids.listing;

/** What is on offer: the file for one price, computations on it for another. */
export const fileTerms: LicenceTerms = {
  purposes: ['RESEARCH', 'SAFETY'],
  permissions: ['USE', 'DERIVE'],
  territory: ['CN'],
  durationDays: 365,
  usesMax: null,
};

/** By the newest rules, with which the chain began. */
export const sizesOf = ({ rules }: Scenario): readonly SampleSize[] =>
  sampleSizes(rules, machineVersionMax);

/**
 * From the measured quality to the submission for review.
 * @returns what the buyer is told with the delivery
 */
export async function playListing(
  scenario: Scenario,
  table: RegisteredTable,
  artefacts: CircuitArtefacts,
): Promise<SampleOpening> {
  const { stage, player, figures } = scenario;
  stage.act('Listing 挂牌, with a proof in zero knowledge');
  const seller = player('seller');
  const sample = await sampleOf(scenario);
  await stage.step('seller', 'drafts the listing: schema, quality, sample, price', () =>
    draft(scenario, table, sample),
  );
  const whole = wholeFileOf(table.inspection, sample.listed.quasiIdentifiers);
  const { k, uniqueRows } = whole.anonymity;
  const told = `states the whole file: k ${k ?? 'none'}, ${uniqueRows ?? 0} unique rows`;
  await stage.step('seller', told, () =>
    seller.submit(act('listing.state-profile', stateProfileCommand, { listingId, ...whole })),
  );
  await stage.step('seller', 'tries to submit it without a proof', async () => ({
    result: await refusalOf(() => seller.submit(submitForReview())),
  }));
  const { rows, k: least } = sample.size;
  const proves = `proves the sample k-anonymous, ${rows} rows, k ${least}`;
  const proof = await stage.step('seller', proves, (show) =>
    proveSample(scenario, sample, artefacts, show),
  );
  figures.set('proof', `${proof.bytes.length} bytes, ${Math.round(proof.proveMs)} ms to prove`);
  await stage.step('seller', 'hands in the proof, and submits the listing for review', () =>
    seller.submit(
      act('listing.prove-sample', proveSampleCommand, { listingId, proof: toHex(proof.bytes) }),
      submitForReview(),
    ),
  );
  return sample.opening;
}

const submitForReview = () => act('listing.submit-for-review', listingCommand, { listingId });

/** Name of the refusal; that there is one is part of the play. */
async function refusalOf(run: () => Promise<unknown>): Promise<string> {
  try {
    await run();
  } catch (error) {
    if (error instanceof ProblemError) return `refused: ${error.problem.name}`;
    throw error;
  }
  assert(false, 'a listing without a proof is refused');
}

function sampleOf(scenario: Scenario): Promise<TakenSample> {
  const { dataset, rules } = scenario;
  const columns = statementColumns(rules, dataset.columns);
  const file = { path: tableFile(scenario), table: dataset.table, part: null, columns };
  return takeSample(file, sizesOf(scenario));
}

function draft(scenario: Scenario, { inspection }: RegisteredTable, sample: TakenSample) {
  const { player, dataset } = scenario;
  const opinion = utf8('Opinion on the lawfulness of the product, for the demonstration.');
  return player('seller').submit(
    act('listing.draft', draftCommand, {
      listingId,
      registrationId: ids.registration,
      kind: 'DATASET',
      title: 'Wildlife strikes of aircraft, 1990 to 2002',
      summary: 'Ten thousand reported strikes with place, time, phase, species, damage and cost.',
      industry: 'G56',
      coverage: { ...coverage, region: 'United States', population: 'Reported strikes' },
      columns: [...dataset.columns],
      updateFrequency: 'ONCE',
      delivery: ['FILE', 'COMPUTE'],
      quality: listedQuality(inspection, newSalt()),
      sample: sample.listed,
      level: 'GENERAL',
      personalInformation: { contains: false, sensitive: false, peopleCount: 0 },
      legalOpinion: {
        digest: sha256Hex(opinion),
        issuer: 'Lark and Partners',
        validUntilMs: Date.now() + 365 * 86_400_000,
      },
      price: { model: 'FIXED', amountFen: 10_000_000n },
      computeOffer: {
        functionId: 'group-sum',
        valueColumn: 'Cost Total $',
        groupColumn: 'Wildlife Size',
        amountFen: 1_000_000n,
        usesMax: 1,
      },
      terms: fileTerms,
    }),
  );
}

async function proveSample(
  scenario: Scenario,
  { size, opening, listed }: TakenSample,
  artefacts: CircuitArtefacts,
  show: (fraction: number, note?: string) => void,
) {
  const startedMs = performance.now();
  const { chainId, dataset, player } = scenario;
  const listing = await player('seller').read(listingRecord, listingId);
  const columns = listed.quasiIdentifiers;
  const file = { path: tableFile(scenario), table: dataset.table, part: null, columns };
  const inputs = await proofInputs(file, opening, size, { chainId, listing });
  const { proof, proveMs } = await prove({
    circuitId: size.circuitId,
    inputs: { ...inputs },
    artefacts,
    onProgress: ({ phase }) => show(phase === 'witness' ? 0.1 : 0.5, phase),
  });
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  return { bytes: proof, proveMs, result: `${proof.length} bytes in ${seconds} s` };
}
