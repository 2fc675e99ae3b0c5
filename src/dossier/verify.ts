import { sha256Hex } from '../base/hash.ts';
import { momentText } from '../base/moment-text.ts';
import type { Genesis } from '../chain/machine/genesis.ts';
import type { Header } from '../chain/machine/header.ts';
import { judgeAgreement } from './claims/agreement.ts';
import { judgeCheckpoint, judgeGenesis, judgeLeaves } from './claims/chain.ts';
import { judgeCompleteness } from './claims/completeness.ts';
import { judgeComputation } from './claims/computation.ts';
import { judgeCertificate, judgeDelivery } from './claims/delivery.ts';
import { judgeEnvelopes } from './claims/envelopes.ts';
import { judgeIdentities } from './claims/identities.ts';
import { judgeListing } from './claims/listing.ts';
import { judgeMoney } from './claims/money.ts';
import { judgeRegistration } from './claims/registration.ts';
import { judgeNewest } from './claims/newest.ts';
import { judgeReview } from './claims/review.ts';
import { judgeSampleProof } from './claims/sample-proof.ts';
import { judgeSeal } from './claims/sealed.ts';
import { judgeValuation } from './claims/valuation.ts';
import { genesisHashOf } from '../proof/checkpoint.ts';
import {
  attempt,
  failing,
  notShown,
  settle,
  type ClaimOutcome,
  type Finding,
} from '../proof/report.ts';
import { sealingWarnings } from '../proof/sealing.ts';
import { readEvidence, type Evidence } from './evidence.ts';
import { parseDossier } from './format.ts';
import type { VerifyOptions } from './options.ts';
import { actorsOf } from './told/actors.ts';
import { endsOf } from './told/ends.ts';
import { presentStates } from './told/present.ts';
import { limitsOf } from './limits.ts';
import { linksOf } from './links.ts';
import { claims, type ClaimId, type ClaimResult, type DossierReport } from './report.ts';
import { dossierFormat, type Dossier } from './schema.ts';

type Judge = (evidence: Evidence, options: VerifyOptions) => Finding;

const judges: Readonly<Record<Exclude<ClaimId, 'C01'>, Judge>> = {
  C02: judgeGenesis,
  C03: judgeCheckpoint,
  C04: judgeLeaves,
  C05: judgeEnvelopes,
  C06: judgeIdentities,
  C07: judgeRegistration,
  C08: judgeListing,
  C09: judgeReview,
  C10: judgeSampleProof,
  C11: judgeValuation,
  C12: judgeAgreement,
  C13: judgeMoney,
  C14: judgeDelivery,
  C15: judgeCertificate,
  C16: judgeComputation,
  C17: judgeCompleteness,
  C18: judgeSeal,
  C19: judgeNewest,
};

/**
 * Judges a dossier claim by claim, offline: nothing but these bytes and the options is asked. Never
 * throws, whatever the bytes are. Under a second for a dossier of a hundred envelopes.
 *
 * The caller's duty: without `trustedGenesisHash` it shows only that the file is consistent with
 * some chain; compare the genesis hash of the report with one known from elsewhere.
 */
export function verifyDossier(bytes: Uint8Array, options: VerifyOptions = {}): DossierReport {
  const parsed = parseDossier(bytes);
  if (!parsed.ok) {
    const reason = `${parsed.result.name}: ${parsed.detail}`;
    return reportOf(bytes, null, null, options, (id) =>
      id === 'C01' ? failing(reason) : notShown('the file does not read as a dossier'),
    );
  }
  const read = attempt(() => readEvidence(parsed.value));
  if ('error' in read) {
    return reportOf(bytes, parsed.value, null, options, (id) => {
      if (id === 'C01') return { problems: [] };
      return id === 'C02'
        ? failing(`the genesis document does not read: ${read.error}`)
        : notShown('the genesis document does not read');
    });
  }
  return reportOf(bytes, parsed.value, read.value, options, (id) => {
    if (id === 'C01') return { problems: [], facts: [`${bytes.length} bytes`] };
    const judged = attempt(() => judges[id](read.value, options));
    return 'error' in judged ? failing(`it cannot be judged: ${judged.error}`) : judged.value;
  });
}

const resultOf = (claim: (typeof claims)[number], finding: Finding): ClaimResult => ({
  ...claim,
  ...settle(finding),
});

function reportOf(
  bytes: Uint8Array,
  dossier: Dossier | null,
  evidence: Evidence | null,
  options: VerifyOptions,
  judge: (id: ClaimId) => Finding,
): DossierReport {
  const results = claims.map((claim) => resultOf(claim, judge(claim.id)));
  const having = (wanted: ClaimOutcome): number =>
    results.filter(({ outcome }) => outcome === wanted).length;
  const { genesis, header } = evidence ?? { genesis: null, header: null };
  const { warnings, ...told } = evidence ? tell(evidence, results) : untold;
  return {
    format: 'dxl-dossier-report/1',
    outcome: having('FAILS') > 0 ? 'FAILS' : 'HOLDS',
    notShown: having('NOT SHOWN'),
    notApplying: having('DOES NOT APPLY'),
    fileDigest: sha256Hex(bytes),
    chainId: genesis?.chainId ?? null,
    genesisHash: evidence ? genesisHashOf(evidence.genesisBytes) : null,
    blockSigner: genesis?.blockSigner ?? null,
    mode: genesis?.mode ?? null,
    checkpoint: genesis && header && checkpointOf(header, genesis),
    trades: dossier?.trades ?? [],
    ...told,
    counts: {
      bytes: bytes.length,
      leaves: dossier?.leaves.length ?? 0,
      envelopes: dossier?.envelopes.length ?? 0,
    },
    claims: results,
    warnings: evidence ? [...warningsOf(evidence, options), ...warnings] : [],
    limits: limitsOf(evidence !== null && isWhole(evidence)),
  };
}

function isWhole(evidence: Evidence): boolean {
  const links = attempt(() => linksOf(evidence));
  return 'value' in links && links.value.unnumbered.length === 0;
}

const untold = {
  ends: [],
  present: { areNewest: false, rows: [] },
  actors: [],
  concerns: [],
  warnings: [],
};

/** What the records say, beside the claims: where a claim fails, this is not shown either. */
function tell(
  evidence: Evidence,
  results: readonly ClaimResult[],
): Pick<DossierReport, 'ends' | 'present' | 'actors' | 'concerns' | 'warnings'> {
  const areNewest = results.some(({ id, outcome }) => id === 'C19' && outcome === 'HOLDS');
  const told = attempt(() => {
    const ends = endsOf(evidence);
    const { concerns, ...present } = presentStates(evidence, areNewest);
    const { actors, warnings } = actorsOf(evidence);
    return {
      ...{ ends, present, actors, warnings },
      concerns: [...ends.flatMap((end) => end.concerns), ...concerns],
    };
  });
  return 'error' in told
    ? { ...untold, concerns: [`What became of the trades cannot be told: ${told.error}`] }
    : told.value;
}

const checkpointOf = ({ height, timeMs }: Header, { rules }: Genesis) => ({
  height,
  timeMs,
  time: momentText(timeMs, rules.calendar.offsetMinutes),
});

function warningsOf(
  { genesis, sealing, state, dossier }: Evidence,
  options: VerifyOptions,
): string[] {
  const warnings: string[] = [];
  if (!state) {
    warnings.push(
      `A file of format ${dossier.format} has no state proofs: what came later to its records, ` +
        'such as a revocation or a dispute, can be left out of it. Ask for one of ' +
        `${dossierFormat}.`,
    );
  }
  if (options.trustedGenesisHash === undefined) {
    warnings.push(
      'The genesis hash was compared with none that you trust: anybody can make a chain of his ' +
        'own. Compare it with the one that the exchange publishes.',
    );
  }
  warnings.push(...sealingWarnings(sealing, options.trustedValidatorsHash));
  if (genesis.mode === 'development') {
    warnings.push('The chain is in development mode: its circuit keys and rules prove nothing.');
  }
  if (genesis.circuits.some(({ keyClass }) => keyClass === 'development')) {
    warnings.push('A circuit key comes from no ceremony: who made it can forge proofs under it.');
  }
  return warnings;
}
