import { openStage, type Stage } from '../../../src/demo/stage.ts';

/** A stage without a terminal that calls `before` ahead of every step, with the step's number. */
export function watchedStage(before: (number: number, title: string) => Promise<void>): Stage {
  const stage = openStage(null, () => performance.now());
  return {
    ...stage,
    async step(party, title, run) {
      await before(stage.steps.length + 1, title);
      return stage.step(party, title, run);
    },
  };
}

export const silentStage = (): Stage => openStage(null, () => performance.now());
