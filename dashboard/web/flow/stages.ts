import type { PipelineFigures } from '../../../events/pipeline.ts';
import { age, duration } from '../words/durations.ts';
import { bytesOf, count, missing, percent, rate } from '../words/numbers.ts';
import { pluralCount } from '../words/plurals.ts';

/** `strained` has an amber edge, `broken` a critical one; the row that says why has the same colour. */
export type Mood = 'fine' | 'strained' | 'broken';

export interface StageRow {
  readonly label: string;
  readonly value: string;
  readonly mood: Mood;
}

/** A stage of the way of a reading. */
export interface Stage {
  readonly name: string;
  readonly href: string | null;
  readonly mood: Mood;
  readonly rows: readonly StageRow[];
  /** What leaves it, /s; for a sink, what it takes. Null: unknown. */
  readonly perS: number | null;
  /** One line for a phone, and the figure at its right. */
  readonly line: string;
  readonly figure: string;
}

export interface Way {
  readonly sensors: Stage;
  readonly ingest: Stage;
  readonly log: Stage;
  readonly processors: Stage;
  readonly sinks: readonly [Stage, Stage, Stage];
  /** Times under the three channels. */
  readonly times: readonly [string, string, string];
  /** 0..1 of a second of lag, per partition. */
  readonly lags: readonly { readonly partition: number; readonly share: number; readonly stopped: boolean }[];
  readonly refusedPerS: number;
  readonly asidePerS: number;
}

const row = (label: string, value: string, mood: Mood = 'fine'): StageRow => ({ label, value, mood });
const silentRow = row('does not report', '', 'broken');

/** Lag behind the log from which a stage strains, and from which it breaks its promise, ms. */
const strainedLagMs = 5_000;
const brokenLagMs = 60_000;

/** The figures as the overview draws them. */
export function wayOf(figures: PipelineFigures): Way {
  const { ingest, processors } = figures;
  return {
    sensors: sensors(figures),
    ingest: ingestStage(figures),
    log: logStage(figures),
    processors: processorsStage(figures),
    sinks: [influxStage(figures), liveStage(figures), webhookStage(figures)],
    times: [
      timed('ack', ingest?.ack.p99 ?? null),
      timed('store', ingest?.store.p99 ?? null),
      timed('read', processors?.read.p99 ?? null),
    ],
    lags: (processors?.partitions ?? []).map(({ partition, lagMs, stopped }) => ({
      partition,
      share: Math.min(1, lagMs / strainedLagMs),
      stopped: stopped !== '',
    })),
    refusedPerS: ingest?.refusedPerS ?? 0,
    asidePerS: processors?.quarantinedPerS ?? 0,
  };
}

function timed(word: string, ms: number | null): string {
  return ms === null ? '' : `${word} ${duration(ms)}`;
}

/** Nothing was measured while nothing flows: then there is nothing to say. */
function figureOf(ms: number | null): string {
  return ms === null ? '' : duration(ms);
}

function sensors({ sensors: figures, ingest }: PipelineFigures): Stage {
  const rows = [
    row('connected', count(figures.connected)),
    row('devices', count(figures.devices)),
    row('stale', count(figures.stale)),
  ];
  if (figures.acknowledgedShare !== null) rows.push(row('QoS 1 or 2', percent(figures.acknowledgedShare)));
  const perS = ingest?.publishesPerS ?? null;
  const line = `${count(figures.connected)} connected${figures.stale === 0 ? '' : `, ${count(figures.stale)} stale`}`;
  return {
    name: 'Sensors',
    href: '/devices',
    mood: 'fine',
    rows,
    perS,
    line,
    figure: perS === null ? missing : `${rate(perS)}/s`,
  };
}

function ingestStage({ ingest }: PipelineFigures): Stage {
  const base = { name: 'Ingest', href: null };
  if (ingest === null)
    return { ...base, mood: 'broken', rows: [silentRow], perS: null, line: 'does not report', figure: missing };
  const mood: Mood = ingest.writable ? 'fine' : 'broken';
  const rows = [
    row('sockets', count(ingest.connections)),
    row('waiting', count(ingest.waiting)),
    row('batch', pluralCount(Math.round(ingest.batchRecords), 'record')),
    row('refused', `${rate(ingest.refusedPerS)}/s`),
  ];
  if (!ingest.writable) rows.splice(3, 1, row('takes nothing', 'log full or away', 'broken'));
  return {
    ...base,
    mood,
    rows,
    perS: ingest.publishesPerS,
    line: ingest.writable ? `${count(ingest.waiting)} waiting, ${rate(ingest.refusedPerS)}/s refused` : 'takes nothing',
    figure: figureOf(ingest.ack.p99),
  };
}

function logStage({ log, ingest }: PipelineFigures): Stage {
  const base = { name: 'Log', href: null };
  if (log === null)
    return {
      ...base,
      mood: 'broken',
      rows: [row('no answer', '', 'broken')],
      perS: null,
      line: 'no answer',
      figure: missing,
    };
  const filling = log.fullInMs !== null && log.fullInMs < 3_600_000;
  const rows = [
    row('kept', log.messages === 0 ? 'nothing yet' : duration(log.keptMs)),
    row('size', bytesOf(log.bytes, log.maxBytes)),
    row('batches', `${rate(ingest?.batchesPerS ?? null)}/s`),
    row('partitions', count(log.partitions)),
  ];
  if (filling) rows.splice(2, 1, row('full in', duration(log.fullInMs), 'strained'));
  return {
    ...base,
    mood: filling ? 'strained' : 'fine',
    rows,
    perS: ingest?.publishesPerS ?? null,
    line: log.messages === 0 ? 'empty' : `${bytesOf(log.bytes, log.maxBytes)}, ${duration(log.keptMs)}`,
    figure: figureOf(ingest?.store.p99 ?? null),
  };
}

function processorsStage({ processors, log }: PipelineFigures): Stage {
  const base = { name: 'Processors', href: null };
  if (processors === null) {
    return { ...base, mood: 'broken', rows: [silentRow], perS: null, line: 'do not report', figure: missing };
  }
  const stopped = processors.partitions.filter((partition) => partition.stopped !== '').length;
  const lag = lagMood(processors.lagMs);
  const all = log?.partitions ?? processors.partitions.length;
  const rows = [
    row('workers', `${processors.workers} of ${all}`, stopped > 0 ? 'broken' : 'fine'),
    row('lag', age(processors.lagMs), lag),
    row('late', percent(processors.lateShare ?? 0)),
  ];
  return {
    ...base,
    mood: stopped > 0 ? 'broken' : lag,
    rows,
    perS: processors.readingsPerS,
    line: `${processors.workers} of ${all} workers, lag ${age(processors.lagMs)}`,
    figure: figureOf(processors.read.p99),
  };
}

function influxStage({ influx, atUs }: PipelineFigures): Stage {
  const base = { name: 'InfluxDB', href: null };
  if (influx === null)
    return { ...base, mood: 'broken', rows: [silentRow], perS: null, line: 'storage does not report', figure: missing };
  const down = influx.downSinceUs !== null;
  const behindMs = Math.max(influx.lagMs, down ? (atUs - influx.downSinceUs) / 1000 : 0);
  const mood = down ? 'broken' : lagMood(influx.lagMs);
  const behind = influx.storedPerS === 0 && behindMs < 100 ? 'ready' : `behind ${age(behindMs)}`;
  return {
    ...base,
    mood,
    rows: [row(behind, down ? 'refuses' : timed('write', influx.write.p99), mood)],
    perS: influx.storedPerS,
    line: behind,
    figure: down ? 'refuses' : figureOf(influx.write.p99),
  };
}

function liveStage({ live }: PipelineFigures): Stage {
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

function webhookStage({ webhooks }: PipelineFigures): Stage {
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

function lagMood(ms: number): Mood {
  if (ms >= brokenLagMs) return 'broken';
  return ms >= strainedLagMs ? 'strained' : 'fine';
}
