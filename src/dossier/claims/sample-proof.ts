/** C10: the zero-knowledge proof of the sample, verified again. */
import { fromHex } from '../../base/bytes.ts';
import { sinceMachineVersion } from '../../base/machine-version.ts';
import type { SampleSize } from '../../base/rules.ts';
import { neededSize, sampleSizes, sizeNamed } from '../../base/sample-sizes.ts';
import { kAnonymityPublics, listingBinding } from '../../privacy/zk/statements/k-anonymity.ts';
import {
  parseVerificationKey,
  verificationKeyHash,
  type VerificationKey,
} from '../../privacy/zk/verifier/verification-key.ts';
import { verifyProof } from '../../privacy/zk/verifier/verify.ts';
import type { Listing, ListingProfile } from '../../listing/schema.ts';
import { listingProfileRecord } from '../../listing/state.ts';
import { recordBefore, type Evidence } from '../evidence.ts';
import type { Finding } from '../../proof/report.ts';
import { anonymityFacts, statementGap } from '../told/anonymity.ts';
import { combine, missingTrades, tradesOf, type TradeView } from '../trades.ts';
import { tradedListing } from './listing.ts';

export function judgeSampleProof(evidence: Evidence): Finding {
  const trades = tradesOf(evidence);
  const listings = new Map<string, readonly [Listing, ListingProfile | null]>();
  const found = missingTrades(evidence);
  for (const trade of trades) {
    const listing = tradedListing(evidence, trade);
    if (listing) {
      listings.set(listing.revisionRoot, [listing, profileOf(evidence, trade, listing)]);
    } else {
      found.push(`${trade.id}: its listing is not here`);
    }
  }
  const findings = [...listings.values()].map(([listing, profile]) =>
    judgeOne(evidence, listing, profile),
  );
  const finding = combine(findings, 'there is no listing');
  return { ...finding, problems: [...found, ...finding.problems] };
}

/** What was stated of the whole file of the revision that was traded, as it stood then. */
function profileOf(
  evidence: Evidence,
  { agreed, history }: TradeView,
  { id, revision }: Listing,
): ListingProfile | null {
  const { logIndex } = agreed ?? history[0] ?? { logIndex: 0 };
  const profile = recordBefore(evidence, listingProfileRecord, id, logIndex);
  return profile?.revision === revision ? profile : null;
}

function judgeOne(evidence: Evidence, listing: Listing, profile: ListingProfile | null): Finding {
  const { genesis } = evidence;
  const { circuitId, commitment } = listing.sample;
  const { k, found, facts } = judgeSize(evidence, listing, profile);
  if (listing.sampleProof === null) {
    return { problems: [...found, `listing ${listing.id} carries no proof`] };
  }
  const key = pinnedKey(evidence, circuitId);
  if (typeof key === 'string') return { problems: [...found, key] };
  const publics = kAnonymityPublics({
    commitment: BigInt(`0x${commitment}`),
    binding: listingBinding({
      chainId: genesis.chainId,
      circuitId,
      listingId: listing.id,
      revision: BigInt(listing.revision),
      sellerOrgId: listing.seller,
    }),
  });
  const verified = verifyProof(key, publics, fromHex(listing.sampleProof));
  return {
    problems: verified.ok
      ? found
      : [...found, `the proof does not verify: ${verified.result.name}`],
    absent: isOfDevelopment(evidence, circuitId)
      ? `the proof verifies, but under a development key of circuit ${circuitId}: anybody can forge one`
      : statementGap(listing),
    facts: [
      `circuit ${circuitId}`,
      ...anonymityFacts(listing, profile, k),
      ...facts,
      `sample commitment ${commitment}`,
    ],
  };
}

interface JudgedSize {
  /** Rows of each class of the sample, at least. */
  readonly k: number;
  readonly found: readonly string[];
  readonly facts: readonly string[];
}

/**
 * Rows and k of the sample by the rules that it went by: from machine version 2 on these stand in the
 * listing's profile; before, there was the one sample of genesis' pack.
 */
function judgeSize(
  { genesis: { rules } }: Evidence,
  { sample, quality }: Listing,
  profile: ListingProfile | null,
): JudgedSize {
  const wanted = sampleText({ ...rules.sample, k: rules.sample.kMinimum });
  if (!profile) {
    const isWanted =
      sample.circuitId === rules.sample.circuitId && sample.rows === rules.sample.rows;
    const found = isWanted ? [] : [`the rule pack asks for ${wanted}`];
    return { k: rules.sample.kMinimum, found, facts: [] };
  }
  const { circuitId, rows, k, rulePackId, rulePackVersion } = profile.sample;
  const found: string[] = [];
  if (circuitId !== sample.circuitId || rows !== sample.rows) {
    found.push(`the profile is of another sample: ${sampleText(profile.sample)}`);
  }
  if (rulePackId !== rules.id || rulePackVersion !== rules.version) {
    const pack = `rule pack ${rulePackId} ${rulePackVersion}, which is not the one of genesis`;
    return { k, found, facts: [`the sample was admitted by ${pack}`] };
  }
  const sizes = sampleSizes(rules, sinceMachineVersion.sampleSizes);
  const [named, needed] = [sizeNamed(sizes, profile.sample), neededSize(sizes, quality.rows)];
  if (named?.k !== k) found.push(`the rule pack admits no ${sampleText(profile.sample)}`);
  if (needed && rows < needed.rows) {
    found.push(`the rule pack asks for ${sampleText(needed)} for ${quality.rows} rows`);
  }
  return { k, found, facts: [] };
}

const sampleText = ({ circuitId, rows, k }: Omit<SampleSize, 'fileRowsMin'>): string =>
  `circuit ${circuitId} over ${rows} rows, k ${k}`;

const isOfDevelopment = ({ genesis }: Evidence, circuitId: string): boolean =>
  genesis.circuits.some(({ id, keyClass }) => id === circuitId && keyClass === 'development');

/** The key of the dossier whose hash genesis pins for the circuit, or what is wrong. */
function pinnedKey({ genesis, dossier }: Evidence, circuitId: string): VerificationKey | string {
  const circuit = genesis.circuits.find(({ id }) => id === circuitId);
  if (!circuit) return `genesis pins no key for circuit ${circuitId}`;
  const held = dossier.verificationKeys.find((entry) => entry.circuitId === circuitId);
  if (!held) return `the verification key of ${circuitId} is not here`;
  const key = parseVerificationKey(held.key);
  if (!key.ok) return `the verification key of ${circuitId}: ${key.detail}`;
  return verificationKeyHash(key.value) === circuit.verificationKeyHash
    ? key.value
    : `the verification key of ${circuitId} is not the one that genesis pins`;
}
