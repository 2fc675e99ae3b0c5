/** What forgets what has expired; returns how much. */
export interface Sweepable {
  sweep(nowMs: number): Promise<number>;
}

const everyMs = 600_000;

/** Sweeps at once, as the last run may have left something, and then now and then. Returns how to end it. */
export function sweepRegularly(
  stores: readonly Sweepable[],
  onFailure: (error: unknown) => void,
): () => Promise<void> {
  let ended = false;
  const sweep = async (): Promise<void> => {
    for (const store of stores) if (!ended) await store.sweep(Date.now());
  };
  let sweeping = Promise.resolve();
  const begin = (): void => {
    sweeping = sweeping.then(sweep).catch(onFailure);
  };
  begin();
  const timer = setInterval(begin, everyMs);
  return async () => {
    ended = true;
    clearInterval(timer);
    await sweeping;
  };
}
