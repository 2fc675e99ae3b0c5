import { randomBytes } from 'node:crypto';
import { toHex, utf8 } from '../../base/bytes.ts';
import { assert } from '../../base/assert.ts';
import { sha256Hex } from '../../base/hash.ts';
import {
  draftCommand,
  listingCommand,
  proveSampleCommand,
  stateProfileCommand,
  type LicenceTerms,
} from '../../listing/schema.ts';
import { policyColumns } from '../../listing/types.ts';
import type { CircuitArtefacts } from '../../privacy/zk/build/build-circuit.ts';
import { kAnonymityCommitment } from '../../privacy/zk/prover/poseidon.ts';
import { prove } from '../../privacy/zk/prover/prove.ts';
import {
  listingBinding,
  prepareKAnonymity,
  type KAnonymityInputs,
  type KAnonymityParameters,
} from '../../privacy/zk/statements/k-anonymity.ts';
import { listedQuality, wholeFileOf } from '../../client/listed-quality.ts';
import { ProblemError } from '../../client/problem-error.ts';
import { chooseSample } from '../../client/sample-rows.ts';
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

/** The seller's secrets of the sample: told to the buyer with the delivery. */
export interface SampleSecrets {
  readonly salt: bigint;
  /** Indices into the data set, in the order of the proved column. */
  readonly rows: readonly number[];
  readonly inputs: KAnonymityInputs;
  readonly commitment: bigint;
}

export const sampleParameters = ({ rules }: Scenario): KAnonymityParameters => ({
  rows: rules.sample.rows,
  k: rules.sample.kMinimum,
});

/** From the measured quality to the submission for review. */
export async function playListing(
  scenario: Scenario,
  table: RegisteredTable,
  artefacts: CircuitArtefacts,
): Promise<SampleSecrets> {
  const { stage, player, figures } = scenario;
  stage.act('Listing 挂牌, with a proof in zero knowledge');
  const seller = player('seller');
  const sample = await sampleOf(scenario);
  await stage.step('seller', 'drafts the listing: schema, quality, sample, price', () =>
    draft(scenario, table, sample),
  );
  const whole = wholeFileOf(table.inspection, quasiIdentifiers(scenario));
  const { k, uniqueRows } = whole.anonymity;
  const told = `states the whole file: k ${k ?? 'none'}, ${uniqueRows ?? 0} unique rows`;
  await stage.step('seller', told, () =>
    seller.submit(act('listing.state-profile', stateProfileCommand, { listingId, ...whole })),
  );
  await stage.step('seller', 'tries to submit it without a proof', async () => ({
    result: await refusalOf(() => seller.submit(submitForReview())),
  }));
  const proof = await stage.step('seller', `proves the sample k-anonymous, 512 rows, k 5`, (show) =>
    proveSample(scenario, sample, artefacts, show),
  );
  figures.set('proof', `${proof.bytes.length} bytes, ${Math.round(proof.proveMs)} ms to prove`);
  await stage.step('seller', 'hands in the proof, and submits the listing for review', () =>
    seller.submit(
      act('listing.prove-sample', proveSampleCommand, { listingId, proof: toHex(proof.bytes) }),
      submitForReview(),
    ),
  );
  return sample;
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

/** The rule pack's first, in its order: what else is tagged is in the statement too. */
function quasiIdentifiers({ dataset, rules }: Scenario): string[] {
  const policy = policyColumns(rules, dataset.columns);
  const others = dataset.columns.filter(
    (column) => column.sensitivity === 'QUASI_IDENTIFIER' && !policy.includes(column),
  );
  return [...policy, ...others].map(({ name }) => name);
}

async function sampleOf(scenario: Scenario): Promise<SampleSecrets> {
  const { dataset } = scenario;
  const parameters = sampleParameters(scenario);
  const columns = quasiIdentifiers(scenario);
  const file = { path: tableFile(scenario), table: dataset.table, part: null, columns };
  const chosen = await chooseSample(file, parameters);
  assert(chosen.ok, 'the data set has enough large classes');
  const { rows, column } = chosen.value;
  const salt = BigInt(`0x${toHex(new Uint8Array(randomBytes(31)))}`);
  const inputs = { binding: bindingOf(scenario), salt, column };
  const prepared = prepareKAnonymity(parameters, inputs);
  assert(prepared.ok, 'chosen rows can be proved');
  const commitment = kAnonymityCommitment(parameters, salt, column);
  return { salt, rows, inputs: prepared.value, commitment };
}

const bindingOf = ({ chainId, rules }: Scenario): bigint =>
  listingBinding({
    chainId,
    circuitId: rules.sample.circuitId,
    listingId,
    revision: 1n,
    sellerOrgId: 'seller',
  });

function draft(scenario: Scenario, { inspection }: RegisteredTable, sample: SampleSecrets) {
  const { player, dataset, rules } = scenario;
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
      sample: {
        circuitId: rules.sample.circuitId,
        rows: rules.sample.rows,
        commitment: sample.commitment.toString(16).padStart(64, '0'),
        quasiIdentifiers: quasiIdentifiers(scenario),
      },
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
  { rules }: Scenario,
  { inputs }: SampleSecrets,
  artefacts: CircuitArtefacts,
  show: (fraction: number, note?: string) => void,
) {
  const startedMs = performance.now();
  const { proof, proveMs } = await prove({
    circuitId: rules.sample.circuitId,
    inputs: { ...inputs },
    artefacts,
    onProgress: ({ phase }) => show(phase === 'witness' ? 0.1 : 0.5, phase),
  });
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  return { bytes: proof, proveMs, result: `${proof.length} bytes in ${seconds} s` };
}
