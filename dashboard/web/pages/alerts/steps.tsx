import type { Transition } from '../../../../events/alert.ts';
import type { AlertAnswer } from '../../../../events/api-alerts.ts';
import type { Delivery } from '../../../../events/delivery.ts';
import { logNowMs } from '../../live/clock.ts';
import { valueText } from '../../parts/value.tsx';
import { decimalsBeside } from '../../words/beside-limit.ts';
import { duration } from '../../words/durations.ts';
import { moment } from '../../words/times.ts';
import { measured, unknownWords } from './words.ts';

interface Line {
  readonly atUs: number;
  readonly seen: string;
  readonly effect: string;
  readonly tone: '' | 'warn';
  readonly key: string;
}

/** What was seen step by step, with the deliveries among it, newest first. */
export function Steps({ answer }: { answer: AlertAnswer }) {
  const nowMs = logNowMs();
  const lines = [
    ...answer.steps.map((step) => transitionLine(step, answer.unit)),
    ...answer.deliveries.map(deliveryLine),
  ];
  lines.sort((a, b) => b.atUs - a.atUs);
  return (
    <table class="steps">
      <thead>
        <tr>
          <th scope="col">Time</th>
          <th scope="col">What was seen</th>
          <th scope="col">State or effect</th>
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => (
          <tr key={line.key}>
            <td class="nowrap">{moment(line.atUs / 1000, nowMs)}</td>
            <td class={line.tone}>{line.seen}</td>
            <td class="dim">{line.effect}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function transitionLine(step: Transition, unit: string): Line {
  const u = unit === '' ? '' : ` ${unit}`;
  const seen =
    step.value !== null
      ? `${measured(step)} was ${valueText(step.value, decimalsBeside(step.value, step.threshold))}${u}, against ${step.threshold}`
      : step.to === 'unknown'
        ? unknownWords(step)
        : `held long enough: ${step.condition}`;
  const effect = `${step.from} to ${step.to}${step.historical ? ', historical' : ''}`;
  return { atUs: step.timeUs, seen, effect, tone: '', key: step.id };
}

function deliveryLine(delivery: Delivery): Line {
  const took = ` in ${duration(delivery.durationMs)}`;
  const answer =
    delivery.status === null
      ? `${delivery.webhook} did not answer`
      : `${delivery.webhook} answered ${delivery.status}${took}`;
  const next =
    delivery.nextAttemptAtUs === null ? '' : `, next try ${moment(delivery.nextAttemptAtUs / 1000, logNowMs())}`;
  const effect =
    delivery.outcome === 'delivered'
      ? `delivered (${delivery.state})`
      : delivery.outcome === 'retry'
        ? `attempt ${delivery.attempt}`
        : `given up after ${delivery.attempt}`;
  return {
    atUs: delivery.atUs,
    seen: answer + (delivery.outcome === 'delivered' ? '' : next),
    effect,
    tone: delivery.outcome === 'delivered' ? '' : 'warn',
    key: `${delivery.webhook} ${delivery.id} ${delivery.attempt}`,
  };
}
