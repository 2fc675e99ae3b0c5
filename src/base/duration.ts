const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** Milliseconds of `0`, `500ms`, `90s`, `2m` or `1h`; null where it has another form. */
export function parseDurationMs(text: string): number | null {
  if (text === '0') return 0;
  const [, count, unit = ''] = /^([0-9]{1,6})(ms|s|m|h)$/.exec(text) ?? [];
  return count === undefined ? null : Number(count) * (unitsMs[unit] ?? 0);
}
