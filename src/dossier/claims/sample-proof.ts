/** C10: the zero-knowledge proof of the sample, verified again. */
import { fromHex } from '../../base/bytes.ts';
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
  const { circuitId, commitment, rows } = listing.sample;
  const { sample } = genesis.rules;
  const found: string[] = [];
  if (circuitId !== sample.circuitId || rows !== sample.rows) {
    found.push(`the rule pack asks for circuit ${sample.circuitId} over ${sample.rows} rows`);
  }
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
  if (!verified.ok) found.push(`the proof does not verify: ${verified.result.name}`);
  return {
    problems: found,
    absent: isOfDevelopment(evidence, circuitId)
      ? `the proof verifies, but under a development key of circuit ${circuitId}: anybody can forge one`
      : statementGap(listing),
    facts: [
      `circuit ${circuitId}`,
      ...anonymityFacts(listing, profile, sample.kMinimum),
      `sample commitment ${commitment}`,
    ],
  };
}

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
