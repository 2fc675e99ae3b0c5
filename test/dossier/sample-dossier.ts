/** The scenario's dossier, with all that its parties can disclose. */
import { toHex } from '../../src/base/bytes.ts';
import { assembleDossier } from '../../src/client/dossier/assemble.ts';
import {
  computationOpening,
  contentOpening,
  valuationOpening,
} from '../../src/client/dossier/openings.ts';
import type { Openings } from '../../src/dossier/schema.ts';
import {
  costInputs,
  jobSpec,
  playScenario,
  release,
  scenarioTrades,
  valuationId,
} from './scenario.ts';
import { evidenceText } from './register.ts';
import { keyOf, saltOf, type World } from './world.ts';

export const scenarioOpenings = (): Openings => ({
  valuations: [
    valuationOpening({
      valuationId,
      method: 'COST',
      version: 1,
      inputs: costInputs,
      salt: saltOf('valuation'),
    }),
  ],
  computations: [
    computationOpening({ jobId: 'job-1', spec: jobSpec, release, salt: toHex(saltOf('release')) }),
  ],
  contents: [contentOpening(saltOf('evidence/DESCRIPTION'), evidenceText)],
});

export const scenarioDossier = (world: World): Promise<Uint8Array> =>
  assembleDossier(world, {
    trades: scenarioTrades,
    openings: scenarioOpenings(),
    key: keyOf('buyer'),
  });

let played: Promise<{ world: World; bytes: Uint8Array }> | undefined;

/** The whole scenario, played once in this process. Cold, it builds a circuit: `coldBuildMs`. */
export const playedDossier = (): Promise<{ world: World; bytes: Uint8Array }> =>
  (played ??= playScenario().then(async (world) => ({
    world,
    bytes: await scenarioDossier(world),
  })));
