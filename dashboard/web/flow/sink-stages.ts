import type { PipelineFigures } from '../../../events/pipeline.ts';
import { age } from '../words/durations.ts';
import { count, missing } from '../words/numbers.ts';
import { pluralCount } from '../words/plurals.ts';
import { figureOf, lagMood, row, timed, type Mood, type Stage } from './stage.ts';

export function influxStage({ influx, atUs }: PipelineFigures): Stage {
  const base = { name: 'InfluxDB', href: null };
  if (influx === null)
    return {
      ...base,
      mood: 'fine',
      rows: [row('not reported', '')],
      perS: null,
      line: 'not reported',
      figure: missing,
    };
  const down = influx.downSinceUs !== null;
  const behindMs = Math.max(influx.lagMs, down ? (atUs - influx.downSinceUs) / 1000 : 0);
  const mood = down ? 'broken' : lagMood(influx.lagMs);
  const behind = influx.storedPerS === 0 && behindMs < 100 ? 'ready' : `behind ${age(behindMs)}`;
  return {
    ...base,
    mood,
    rows: [row(behind, down ? 'no writes' : timed('write', influx.write.p99), mood)],
    perS: influx.storedPerS,
    line: behind,
    figure: down ? 'no writes' : figureOf(influx.write.p99),
  };
}

export function liveStage({ live }: PipelineFigures): Stage {
  const viewers = pluralCount(live.viewers, 'viewer');
  return {
    name: 'Live feed',
    href: null,
    mood: 'fine',
    rows: [row(viewers, timed('p99', live.screen.p99))],
    perS: live.readingsPerS,
    line: viewers,
    figure: figureOf(live.screen.p99),
  };
}

export function webhookStage({ webhooks }: PipelineFigures): Stage {
  const base = { name: 'Webhooks', href: '/webhooks' };
  if (webhooks === null || webhooks.total === 0) {
    const line = webhooks === null ? 'not reported' : 'none yet';
    return { ...base, mood: 'fine', rows: [row(line, '')], perS: 0, line, figure: '' };
  }
  const mood: Mood = webhooks.failing > 0 ? 'strained' : 'fine';
  const first =
    webhooks.failing > 0 ? `${webhooks.failing} of ${webhooks.total} failing` : pluralCount(webhooks.total, 'target');
  const waiting = `${count(webhooks.waiting)} waiting`;
  return {
    ...base,
    mood,
    rows: [row(first, waiting, mood)],
    perS: webhooks.deliveredPerS,
    line: `${first}, ${waiting}`,
    figure: '',
  };
}
