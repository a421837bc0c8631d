import type { Sparkline } from '../../../events/api.ts';

/** Buckets a trace keeps; the server's have as many. */
const pointsMax = 60;

/** The trace with one more value: into its last bucket, or as a new one after nulls for those that stayed empty. */
export function advanceSpark(spark: Sparkline, timeUs: number, value: number): Sparkline {
  const startUs = spark.endUs - spark.stepUs;
  if (timeUs < startUs) return spark;
  const ahead = Math.floor((timeUs - startUs) / spark.stepUs);
  if (ahead === 0) {
    return { ...spark, points: [...spark.points.slice(0, -1), value] };
  }
  const empty = Array.from({ length: Math.min(ahead - 1, pointsMax) }, () => null);
  const points = [...spark.points, ...empty, value].slice(-pointsMax);
  return { ...spark, points, endUs: spark.endUs + ahead * spark.stepUs };
}

/** Lines of a trace in a box, as runs of points: a gap ends a run. The right 4 px are left for the dot. */
export function sparkRuns(
  points: readonly (number | null)[],
  width: number,
  height: number,
): (readonly [number, number])[][] {
  let low = Infinity;
  let high = -Infinity;
  for (const value of points) {
    if (value === null) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const scale = high > low ? (height - 5) / (high - low) : 0;
  const step = (width - 5) / Math.max(1, points.length - 1);
  const runs: (readonly [number, number])[][] = [];
  let open = false;
  points.forEach((value, i) => {
    if (value === null) {
      open = false;
      return;
    }
    const point = [i * step + 1, scale === 0 ? height / 2 : height - 2.5 - (value - low) * scale] as const;
    if (open) runs.at(-1)!.push(point);
    else runs.push([point]);
    open = true;
  });
  return runs;
}
