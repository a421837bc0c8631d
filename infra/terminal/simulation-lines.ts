import { countText, durationText, millisecondsText, rateText } from './quantities.ts';
import type { Style } from './style.ts';

/** How far a simulation is. */
export interface SimulationFigures {
  readonly devices: number;
  readonly connections: number;
  readonly connected: number;
  readonly published: number;
  readonly acknowledged: number;
  readonly perS: number;
  readonly ackP99Ms: number | null;
  readonly faults: Readonly<Record<string, number | undefined>>;
  readonly elapsedMs: number;
  readonly durationMs: number | null;
  readonly error: string;
}

/** `1,000/1,000 devices  5,002/s  acknowledged 300,120 of 300,120  ack p99 21 ms  late 1.0 %  31 s of 60 s` */
export function simulationLine(style: Style, figures: SimulationFigures): string {
  const { devices, connections, connected, published, acknowledged, elapsedMs, durationMs } = figures;
  const up = Math.round((connected / connections) * devices);
  const isBehind = acknowledged < published - 1000;
  const time = durationText(elapsedMs) + (durationMs === null ? '' : ` of ${durationText(durationMs)}`);
  return [
    `  ${countText(up)}/${countText(devices)} devices`,
    style.bold(rateText(figures.perS)),
    `acknowledged ${(isBehind ? style.yellow : style.bold)(countText(acknowledged))} of ${countText(published)}`,
    `ack p99 ${millisecondsText(figures.ackP99Ms)}`,
    ...faultTexts(figures),
    ...(figures.error === '' ? [] : [style.red(figures.error)]),
    style.dim(time),
  ].join('  ');
}

/** Shares of what was published, as they came out. */
function faultTexts({ faults, published }: SimulationFigures): string[] {
  return Object.entries(faults).map(([name, count = 0]) => {
    const share = (100 * count) / Math.max(1, published + (faults['lost'] ?? 0));
    return `${name} ${share.toFixed(1)} %`;
  });
}
