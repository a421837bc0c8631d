import { collectDefaultMetrics, Registry } from 'prom-client';
import type { DashboardReport, HealthReport } from '../../../events/health.ts';
import type { LiveBatch } from '../../../events/live.ts';
import type { PipelineFigures } from '../../../events/pipeline.ts';
import type { Bus } from '../../../infra/bus/connection.ts';
import { processFacts, startReporting, watchHealth } from '../../../infra/health/reporting.ts';
import type { AlertBook } from '../alerts/alert-book.ts';
import type { SystemAlarms } from '../alerts/system-alarms.ts';
import type { DeviceMirror } from '../devices/device-mirror.ts';
import type { QuarantineBook } from '../intake/quarantine-book.ts';
import type { UnmatchedTopics } from '../intake/unmatched-topics.ts';
import type { LiveHub } from '../live/live-hub.ts';
import type { ScreenLatency } from '../live/screen-latency.ts';
import { pipelineFigures } from './pipeline-figures.ts';
import { RateCounter } from './rate-counter.ts';
import type { ReportBook } from './report-book.ts';
import { sampleOf } from './sample-ring.ts';
import type { SampleRing } from './sample-ring.ts';

const everyMs = 1_000;
/** Metrics go with every so-manieth report. */
const metricsEvery = 5;

export interface Watched {
  readonly instance: string;
  readonly mirror: DeviceMirror;
  readonly alerts: AlertBook;
  readonly alarms: SystemAlarms;
  readonly quarantine: QuarantineBook;
  readonly unmatched: UnmatchedTopics;
  readonly reports: ReportBook;
  readonly samples: SampleRing;
  readonly hub: LiveHub;
  readonly screen: ScreenLatency;
  /** Of the configuration that is shown; null before it was read. */
  readonly configVersion: () => number | null;
  /** Wall clock, us. */
  readonly clockUs: () => number;
}

/** Once a second: who is silent, the figures of the pipeline, a sample of them, and the frame that tells the viewers. */
export class PipelineWatch {
  readonly #watched: Watched;
  readonly #readings = new RateCounter();
  readonly #metrics = new Registry();
  #collected: readonly unknown[] | null = null;
  #reports = 0;
  #stale = 0;

  constructor(watched: Watched) {
    this.#watched = watched;
    collectDefaultMetrics({ register: this.#metrics });
  }

  run(bus: Bus, signal: AbortSignal): void {
    const { reports, clockUs } = this.#watched;
    const stopWatching = watchHealth(bus, (report) => this.#report(report));
    startReporting(bus, 'dashboard', () => this.#own(), signal);
    const timer = setInterval(() => {
      this.#stale = this.#watched.mirror.staleCount();
      reports.forget(clockUs());
      this.#tell();
    }, everyMs);
    signal.addEventListener('abort', () => {
      clearInterval(timer);
      stopWatching();
    });
  }

  batch(batch: LiveBatch): void {
    const { screen, clockUs } = this.#watched;
    screen.batch(batch);
    this.#readings.add(batch.readings, this.#second(clockUs()));
  }

  figures(): PipelineFigures {
    const { mirror, alerts, alarms, quarantine, unmatched, reports, hub, screen, configVersion, clockUs } =
      this.#watched;
    const atUs = clockUs();
    const own = {
      nowUs: mirror.nowUs,
      configVersion: configVersion(),
      devices: mirror.size,
      stale: this.#stale,
      alerts: alerts.counts(),
      quarantine: { total: quarantine.total, unmatchedTopics: unmatched.size },
      live: {
        readingsPerS: this.#readings.perS(this.#second(atUs)),
        viewers: hub.viewers.size,
        screen: screen.read(atUs),
      },
      systemAlarms: alarms.sentences(),
    };
    return pipelineFigures(reports, own, atUs);
  }

  #tell(): void {
    const figures = this.figures();
    const sample = sampleOf(figures);
    this.#watched.samples.add(sample);
    this.#watched.hub.stats({ type: 'stats', figures, sample });
  }

  #report(report: HealthReport): void {
    const { reports, mirror, clockUs } = this.#watched;
    reports.add(report, clockUs());
    if (report.process !== 'processors') return;
    for (const { partition, nowUs } of report.workers) if (nowUs > 0) mirror.clock(partition, nowUs);
  }

  #own(): DashboardReport {
    const { instance, hub, screen, clockUs } = this.#watched;
    // Collecting is asynchronous: what is collected now goes with the next report.
    if (this.#reports++ % metricsEvery === 0)
      void this.#metrics.getMetricsAsJSON().then((metrics) => (this.#collected = metrics));
    const collected = this.#collected === null ? {} : { metrics: this.#collected };
    this.#collected = null;
    return {
      ...processFacts(instance),
      ...collected,
      process: 'dashboard',
      viewers: hub.viewers.size,
      framesSent: hub.framesSent,
      screen: screen.read(clockUs()),
    };
  }

  #second(atUs: number): number {
    return Math.floor(atUs / 1e6);
  }
}
