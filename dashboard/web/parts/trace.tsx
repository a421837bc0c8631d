import type { HistoryAnswer } from '../../../events/api.ts';
import type { Severity } from '../../../events/alert.ts';
import { useResource } from '../api/resource.ts';
import { logNowMs } from '../live/clock.ts';
import { sparkRuns } from './spark.ts';

const width = 150;
const height = 20;
const spanMs = 900_000;
const points = 60;

/** The last 15 min of one field as a small trace, in the colour of its severity. For a few rows; tables of many use a canvas. */
export function Trace({ device, field, severity }: { device: string; field: string; severity: Severity }) {
  // Asked once a minute: the figures beside it are live.
  const minute = Math.floor(logNowMs() / 60_000) * 60_000;
  const history = useResource<HistoryAnswer>(
    `/devices/${encodeURIComponent(device)}/history`,
    { field, from: (minute - spanMs) * 1000, to: (minute + 60_000) * 1000, points },
    { keep: true },
  );
  const runs = sparkRuns(history.value.value?.values ?? [], width, height);
  const end = runs.at(-1)?.at(-1);
  return (
    <svg
      class={`trace ${severity}`}
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      aria-hidden="true"
    >
      {runs.map((run) => (
        <path key={run[0]![0]} d={`M${run.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join('L')}`} />
      ))}
      {end !== undefined && <circle cx={end[0]} cy={end[1]} r="1.9" />}
    </svg>
  );
}
