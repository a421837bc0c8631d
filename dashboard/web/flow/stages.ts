import type { PipelineFigures } from '../../../events/pipeline.ts';
import { age, duration } from '../words/durations.ts';
import { bytesOf, count, missing, percent, rate } from '../words/numbers.ts';
import { pluralCount } from '../words/plurals.ts';
import { influxStage, liveStage, webhookStage } from './sink-stages.ts';
import { figureOf, lagMood, row, silentRow, strainedLagMs, timed, type Mood, type Stage } from './stage.ts';

/** The whole way, ready to draw. */
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

function sensors({ sensors: figures, ingest }: PipelineFigures): Stage {
  const rows = [
    row('connected', count(figures.connected)),
    row('devices', count(figures.devices)),
    row('not reporting', count(figures.stale)),
  ];
  if (figures.acknowledgedShare !== null) rows.push(row('QoS 1 or 2', percent(figures.acknowledgedShare)));
  const perS = ingest?.publishesPerS ?? null;
  const line = `${count(figures.connected)} connected${figures.stale === 0 ? '' : `, ${count(figures.stale)} not reporting`}`;
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
  // Its size is told by processors; whether it takes writes shows at ingest.
  if (log === null)
    return {
      ...base,
      mood: 'fine',
      rows: [row('not reported', '')],
      perS: null,
      line: 'not reported',
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
    return {
      ...base,
      mood: 'broken',
      rows: [row('do not report', '', 'broken')],
      perS: null,
      line: 'do not report',
      figure: missing,
    };
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
