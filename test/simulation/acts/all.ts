import type { Act } from '../scene.ts';
import { governanceActs } from './governance.ts';
import { identityActs } from './identity.ts';
import { jobActs } from './jobs.ts';
import { marketActs } from './market.ts';
import { rightsActs } from './rights.ts';
import { licenceActs, negotiationActs, settlementActs } from './trading.ts';

/** Every operation of the registry at least once: a test compares the two. */
export const acts: readonly Act[] = [
  ...identityActs,
  ...rightsActs,
  ...marketActs,
  ...negotiationActs,
  ...settlementActs,
  ...licenceActs,
  ...jobActs,
  ...governanceActs,
];
