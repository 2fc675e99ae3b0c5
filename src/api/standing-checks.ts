import type { Engine } from '../chain/engine/engine.ts';
import type { Projector } from '../store/projection.ts';
import type { ReadinessCheck } from './readiness.ts';

export interface StandingParts {
  /** Asks the database something small; rejects where it cannot be had. */
  readonly askDatabase: () => Promise<unknown>;
  readonly engine: Pick<Engine, 'clock' | 'status' | 'findTrouble' | 'needs'>;
  readonly projector: Pick<Projector, 'shownHeight'>;
  /** A node whose read models are behind by more blocks than this is not ready; 100 unless given. */
  readonly lagMaxBlocks?: number;
}

/** What every node needs to serve. */
export function standingChecks(parts: StandingParts): readonly ReadinessCheck[] {
  const { askDatabase, engine, projector, lagMaxBlocks = 100 } = parts;
  return [
    {
      name: 'database',
      async check() {
        try {
          await askDatabase();
          return null;
        } catch (error) {
          return `It does not answer (${(error as Error).message}). Start it, or see its log.`;
        }
      },
    },
    { name: 'clock', check: () => engine.clock().hold },
    ...(engine.needs ?? []),
    { name: 'engine', check: async () => (await engine.findTrouble?.()) ?? null },
    {
      name: 'read-models',
      check() {
        const shown = projector.shownHeight();
        const { height } = engine.status();
        if (height - shown <= lagMaxBlocks) return null;
        return (
          `They show height ${shown}, and the chain is at ${height}. Wait; where they do not ` +
          'move, the log says why under `projection`.'
        );
      },
    },
  ];
}
