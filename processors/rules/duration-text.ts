const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const;

/** Milliseconds as people write them in the configuration: `500ms`, `90s`, `5m`. */
export function durationText(ms: number): string {
  const unit = units.find(([, unitMs]) => ms > 0 && ms % unitMs === 0);
  return unit === undefined ? `${ms}ms` : `${ms / unit[1]}${unit[0]}`;
}
