/** Paths by which data may leave the country, from the lightest to the heaviest. */
export const exportTiers = [
  'EXEMPT',
  'STANDARD_CONTRACT_OR_CERTIFICATION',
  'SECURITY_ASSESSMENT',
] as const;
export type ExportTier = (typeof exportTiers)[number];

/** People whose data one exporter has sent abroad since 1 January, this transfer included. */
export interface ExportFacts {
  readonly importantData: boolean;
  readonly criticalInfrastructureOperator: boolean;
  /** People of whom nothing sensitive is exported. */
  readonly people: bigint;
  /** People of whom sensitive personal information is exported. */
  readonly sensitivePeople: bigint;
}

/** From how many people on a path is needed. */
export interface ExportThresholds {
  readonly source: string;
  readonly assessedPeople: bigint;
  readonly assessedSensitivePeople: bigint;
  readonly contractedPeople: bigint;
  readonly contractedSensitivePeople: bigint;
}

export const exportThresholds2024: ExportThresholds = {
  source:
    'Cyberspace Administration of China, Provisions on Promoting and Regulating Cross-border ' +
    'Data Flows, in force from 22 March 2024. Not legal advice.',
  assessedPeople: 1_000_000n,
  assessedSensitivePeople: 10_000n,
  contractedPeople: 100_000n,
  contractedSensitivePeople: 1n,
};

interface TierRule {
  readonly tier: ExportTier;
  applies(facts: ExportFacts, thresholds: ExportThresholds): boolean;
}

/** The first row that applies decides. */
const tierRules: readonly TierRule[] = [
  { tier: 'SECURITY_ASSESSMENT', applies: ({ importantData }) => importantData },
  {
    tier: 'SECURITY_ASSESSMENT',
    applies: ({ criticalInfrastructureOperator, people, sensitivePeople }) =>
      criticalInfrastructureOperator && people + sensitivePeople > 0n,
  },
  {
    tier: 'SECURITY_ASSESSMENT',
    applies: ({ people, sensitivePeople }, { assessedPeople, assessedSensitivePeople }) =>
      people >= assessedPeople || sensitivePeople >= assessedSensitivePeople,
  },
  {
    tier: 'STANDARD_CONTRACT_OR_CERTIFICATION',
    applies: ({ people, sensitivePeople }, { contractedPeople, contractedSensitivePeople }) =>
      people >= contractedPeople || sensitivePeople >= contractedSensitivePeople,
  },
];

/** The path that an export of personal or important data needs. */
export const exportTier = (facts: ExportFacts, thresholds: ExportThresholds): ExportTier =>
  tierRules.find((rule) => rule.applies(facts, thresholds))?.tier ?? 'EXEMPT';
