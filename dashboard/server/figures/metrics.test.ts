import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { ReportBook } from './report-book.ts';
import { prometheusText } from './metrics.ts';
import { pipelineFigures } from './pipeline-figures.ts';

const figures = pipelineFigures(
  new ReportBook(),
  {
    nowUs: null,
    configVersion: null,
    devices: 3,
    stale: 1,
    alerts: { info: 0, warning: 2, critical: 1, total: 3 },
    quarantine: { total: 5, unmatchedTopics: 2 },
    live: { readingsPerS: 0, viewers: 4, screen: { p50: 38, p99: null } },
    systemAlarms: [],
  },
  1,
);

async function registry(count: number): Promise<readonly unknown[]> {
  const registers = [new Registry()];
  new Counter({ name: 'a_total', help: 'A.', labelNames: ['kind'], registers }).inc({ kind: 'x' }, count);
  new Gauge({ name: 'gauge_total', help: 'Named against the rules.', registers }).set(1);
  new Histogram({ name: 'b_seconds', help: 'B.', buckets: [1], registers }).observe(0.5);
  return registers[0]!.getMetricsAsJSON();
}

it('keeps each process and instance apart, histograms too, and says each help once', async () => {
  const text = await prometheusText(
    [
      { process: 'ingest', instance: 'i1', metrics: await registry(1) },
      { process: 'ingest', instance: 'i2', metrics: await registry(2) },
      { process: 'processors', instance: 'p1', metrics: await registry(3) },
    ],
    figures,
  );
  const lines = text.split('\n');
  expect(lines.filter((line) => line.startsWith('a_total'))).toEqual([
    'a_total{kind="x",process="ingest",instance="i1"} 1',
    'a_total{kind="x",process="ingest",instance="i2"} 2',
    'a_total{kind="x",process="processors",instance="p1"} 3',
  ]);
  expect(text).toContain('b_seconds_bucket{le="1",process="processors",instance="p1"} 1');
  expect(text).toContain('b_seconds_count{process="ingest",instance="i2"} 1');
  expect(text).not.toContain('gauge_total');
  const helps = lines.filter((line) => line.startsWith('# HELP'));
  expect(new Set(helps).size).toBe(helps.length);
});

it('has the figures of the pipeline, and nothing of what was not measured', async () => {
  const text = await prometheusText([], figures);
  expect(text).toMatch(/^millrace_alerts_active\{severity="warning"\} 2$/m);
  expect(text).toMatch(/^millrace_screen_latency_seconds\{quantile="0.5"\} 0.038$/m);
  expect(text).not.toContain('quantile="0.99"');
  expect(text).not.toContain('millrace_ledger');
});
