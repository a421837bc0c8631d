import { describe, expect, it } from 'vitest';
import type { ProcessorsReport, StorageReport, WorkerReport } from '../../../events/health.ts';
import { emptyLedger } from '../../../events/ledger.ts';
import { partitionLedgers, totalLedger } from './ledger-figures.ts';
import { pipelineFigures, type OwnFigures } from './pipeline-figures.ts';
import { readiness } from './readiness.ts';
import { ReportBook } from './report-book.ts';

const second = 1e6;
const none = { p50: null, p99: null };

const worker = (partition: number, received: number, stopped = ''): WorkerReport => ({
  partition,
  position: 1,
  nowUs: 1,
  lagMs: 0,
  pending: 0,
  devices: 1,
  received,
  late: 0,
  forgotten: 0,
  transforms: {},
  gaps: [],
  stopped,
});
const storage = (partition: number, stored: number): StorageReport => ({
  partition,
  position: 1,
  lagMs: 0,
  ledger: { ...emptyLedger, received: stored, stored },
  stopped: '',
});

/** What a process says that holds these partitions, each with so many readings. */
function report(instance: string, atS: number, partitions: Record<number, number>, readings = 0): ProcessorsReport {
  const held = Object.entries(partitions).map(([partition, count]) => [Number(partition), count] as const);
  return {
    process: 'processors',
    instance,
    pid: 1,
    startedAtUs: 0,
    atUs: atS * second,
    rssBytes: 1,
    holds: held.map(([partition]) => `partition.${partition}`),
    positions: [],
    fleet: null,
    workers: held.map(([partition, count]) => worker(partition, count)),
    storages: held.map(([partition, count]) => storage(partition, count)),
    readings,
    late: 0,
    quarantined: {},
    read: none,
    write: none,
    influxError: '',
    influxDownSinceUs: null,
    influxNextTryAtUs: null,
    webhooks: [],
    forgotten: 0,
    windowsClosed: 0,
    transitions: 0,
    log: null,
    alarms: [],
  };
}

const own: OwnFigures = {
  nowUs: null,
  configVersion: null,
  devices: 0,
  stale: 0,
  alerts: { total: 0, info: 0, warning: 0, critical: 0 },
  quarantine: { total: 0, unmatchedTopics: 0 },
  live: { readingsPerS: 0, viewers: 0, screen: none },
  systemAlarms: [],
};

const bookOf = (...reports: ProcessorsReport[]) => {
  const book = new ReportBook();
  for (const one of reports) book.add(one, one.atUs);
  return book;
};
const reasons = (book: ReportBook, atS: number) =>
  readiness(book, 2, 'process', atS * second, true).reasons.filter((reason) => !reason.startsWith('Ingest'));

describe('several processors processes', () => {
  it('ready needs every partition from any of them', () => {
    expect(reasons(bookOf(report('a', 1, { 0: 1 }), report('b', 1, { 1: 1 })), 2)).toEqual([]);
    expect(reasons(bookOf(report('a', 1, { 0: 1 }), report('b', 1, {})), 2)).toEqual([
      'No worker reports for partition 1.',
    ]);
    // b died: what it said counts for 5 s.
    expect(reasons(bookOf(report('b', 1, { 1: 1 }), report('a', 6.5, { 0: 1 })), 7)).toEqual([
      'No worker reports for partition 1.',
    ]);
  });

  it('a partition that changes hands counts once, as whoever was heard last says', () => {
    const book = bookOf(report('a', 1, { 0: 10, 1: 20 }), report('b', 2, { 1: 21 }));
    const figures = pipelineFigures(book, own, 2 * second);
    expect(figures.processors).toMatchObject({ workers: 2, partitions: [{ partition: 0 }, { partition: 1 }] });
    expect(figures.ledger).toMatchObject({ received: 31, stored: 31, difference: 0 });
  });

  it('the ledger of a partition that nobody has for a moment is what was known last', () => {
    const book = bookOf(report('b', 1, { 1: 20 }), report('a', 8, { 0: 10 }));
    expect(totalLedger(partitionLedgers(book, 9 * second), book.known('processors'))).toMatchObject({ received: 30 });
    expect(partitionLedgers(book, 30 * second)).toEqual([]);
  });

  it('totals are sums, and what comes along with a partition is no growth', () => {
    const book = bookOf(
      report('a', 1, { 0: 1_000, 1: 5_000 }, 0),
      report('b', 1, {}, 0),
      report('a', 2, { 0: 1_100 }, 100),
      report('b', 2, { 1: 5_000 }, 0),
      report('b', 3, { 1: 5_200 }, 400),
      report('a', 3, { 0: 1_200 }, 200),
    );
    const figures = pipelineFigures(book, own, 3 * second);
    expect(figures.processors!.readingsPerS).toBe(100 + 200);
    expect(figures.influx!.storedPerS).toBe(100);
  });
});
