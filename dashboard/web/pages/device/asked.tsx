import { optionalAggregateNames, type WindowResult } from '../../../../events/window.ts';
import { decimal, decimalsOf } from '../../words/numbers.ts';

/** "p95 84.9 · rate 0.2/s": what the configuration asks of this window beside mean, least and greatest. */
export function askedText(result: WindowResult, decimals: number): string {
  const numbers = optionalAggregateNames.flatMap((name) => {
    const value = result[name];
    if (value === undefined) return [];
    if (name === 'distinct') return [`${decimal(value, 0)} distinct`];
    if (name === 'rate') return [`rate ${decimal(value, Math.min(3, decimalsOf(value)))}/s`];
    return [`${name} ${decimal(value, decimals)}`];
  });
  const states = Object.entries(result.durations ?? {}).map(([state, s]) => `${state} ${decimal(s, 0)} s`);
  return [...numbers, ...states].join(' · ');
}

/** What can be asked for, and how. Folded up: it is read once. */
export function AskForMore({ window }: { window: string }) {
  return (
    <details class="ask-more">
      <summary>
        <span class="dim">Percentiles, rates and more</span>
      </summary>
      <p>
        Windows also keep count, sum, first, last and standard deviation;{' '}
        <span class="mono">GET /api/v1/devices/…</span> and InfluxDB have them. A window computes more when{' '}
        <span class="mono">millrace.yaml</span> names it: <span class="mono">{`aggregates: [p95, rate]`}</span> in the
        window {window}, then <span class="mono">millrace apply</span>. It can name{' '}
        <span class="mono">p50 p75 p90 p95 p99</span> (percentiles within 1 %), <span class="mono">distinct</span>,{' '}
        <span class="mono">twa</span> (time-weighted mean), <span class="mono">increase</span> and{' '}
        <span class="mono">rate</span> of a counter, and <span class="mono">duration</span> in each state. Rules can
        judge all but the last.
      </p>
    </details>
  );
}
