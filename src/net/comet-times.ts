/** How long a CometBFT home may go without a block before something is wrong. */
import { settingIn } from './comet-limits.ts';

/** CometBFT's own, where config.toml says nothing. */
const rounds = [
  ['timeout_propose', '3s'],
  ['timeout_prevote', '1s'],
  ['timeout_precommit', '1s'],
  ['timeout_commit', '1s'],
] as const;

/** Blocks come while nobody submits, too: some failed rounds, and a machine that is very busy. */
const leastMs = 10_000;
const roundsMax = 5;

/** Where votes are counted, a vote that is late because a machine is busy must not count as lacking. */
const unheardLeastMs = 5_000;
const unheardRoundsMax = 2;

/** Five rounds that came to nothing by the home's timeouts, and 10 s at least; in milliseconds. */
export const silenceMsOf = (toml: string): number => Math.max(leastMs, roundsMax * roundMsOf(toml));

/** Two rounds by the home's timeouts, and 5 s at least, in milliseconds: then votes are counted. */
export const unheardMsOf = (toml: string): number =>
  Math.max(unheardLeastMs, unheardRoundsMax * roundMsOf(toml));

const roundMsOf = (toml: string): number =>
  rounds
    .map(([key, usual]) => durationMs(settingIn(toml, 'consensus', key) ?? usual))
    .reduce((sum, each) => sum + each);

const unitMs: Readonly<Record<string, number>> = {
  ...{ ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1_000, m: 60_000, h: 3_600_000 },
};

/** Of Go's form: 1m30s, 200ms. 0 for anything else. */
export const durationMs = (text: string): number =>
  [...text.matchAll(/([0-9]+(?:\.[0-9]+)?)(ns|us|µs|ms|s|m|h)/g)]
    .map(([, count, unit]) => Number(count) * (unitMs[unit ?? ''] ?? 0))
    .reduce((sum, each) => sum + each, 0);
