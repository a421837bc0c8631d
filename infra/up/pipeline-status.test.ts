import { expect, it } from 'vitest';
import type { IngestReport, ProcessorsReport } from '../../events/health.ts';
import { emptyLedger } from '../../events/ledger.ts';
import { createPipelineStatus } from './pipeline-status.ts';

const none = { p50: null, p99: null };
const facts = { instance: 'a', pid: 1, startedAtUs: 0, rssBytes: 0 };

function ingest(atS: number, publishes: number): IngestReport {
  return {
    ...facts,
    process: 'ingest',
    atUs: atS * 1e6,
    writable: true,
    connections: 1,
    publishes,
    acknowledged: publishes,
    waiting: 0,
    batchRecords: 1,
    batches: 1,
    refused: {},
    asksWho: false,
    unknown: { connected: 0, refused: 0 },
    ack: none,
    store: none,
  };
}

function processors(atS: number, stored: number, more: Partial<ProcessorsReport> = {}): ProcessorsReport {
  const storage = (partition: number) => ({
    partition,
    position: 1,
    lagMs: partition * 100,
    stopped: '',
    ledger: { ...emptyLedger, received: stored, stored },
  });
  return {
    ...facts,
    process: 'processors',
    holds: [],
    positions: [],
    fleet: null,
    atUs: atS * 1e6,
    workers: [],
    storages: [storage(0), storage(1)],
    readings: 0,
    late: 0,
    quarantined: {},
    read: { p50: 3, p99: 9 },
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
    ...more,
  };
}

it('rates over the last 10 s, the worst lag, sums over partitions', () => {
  const status = createPipelineStatus();
  for (let second = 0; second <= 30; second++) {
    status.take(ingest(second, second < 20 ? 0 : (second - 20) * 100));
    status.take(processors(second, second * 10));
  }
  expect(status.figures(31_000, 2)).toEqual({
    inPerS: 100,
    storedPerS: 20,
    p50Ms: 3,
    p99Ms: 9,
    lagMs: 100,
    alerts: 2,
    lost: 0,
    upMs: 31_000,
  });
  expect(status.ledger()).toMatchObject({ received: 600, stored: 600 });
});

it('what was stored before is no rate', () => {
  const status = createPipelineStatus();
  status.take(processors(0, 0, { storages: [] }));
  status.take(processors(1, 128_000));
  expect(status.figures(0, null).storedPerS).toBe(0);
  status.take(processors(2, 128_010));
  expect(status.figures(0, null).storedPerS).toBe(10);
});

it('a process that starts anew does not give a negative rate', () => {
  const status = createPipelineStatus();
  for (const [second, publishes] of [
    [1, 1000],
    [2, 2000],
    [3, 0],
    [4, 500],
  ] as const)
    status.take(ingest(second, publishes));
  expect(status.figures(0, null).inPerS).toBe(500);
});

it('says what does not work', () => {
  const status = createPipelineStatus();
  status.take({ ...ingest(1, 0), writable: false });
  const webhooks = [{ name: 'ops', waiting: 1, delivered: 0, failing: true, lastError: 'refused' }];
  status.take(
    processors(1, 0, { influxError: 'InfluxDB does not answer', webhooks, alarms: [{ code: null, message: 'a gap' }] }),
  );
  expect(status.problems().map(({ text }) => text)).toEqual([
    'the log takes no writes: nothing is acknowledged',
    'InfluxDB does not answer',
    'webhook ops: refused',
    'a gap',
  ]);
});

it('a condition keeps its id while its words change', () => {
  const status = createPipelineStatus();
  for (const message of ['full in 9 min', 'full in 8 min']) {
    status.take(processors(1, 0, { alarms: [{ code: 'log-full', message }] }));
    expect(status.problems()).toEqual([{ id: 'log-full', text: message }]);
  }
});

it('what is missing is lost, what the log grows by is known', () => {
  const status = createPipelineStatus();
  const log = (lastSequence: number) => ({
    bytes: 1_000_000,
    maxBytes: 2 ** 33,
    messages: 1000,
    keptMs: 1,
    firstSequence: 1,
    lastSequence,
    fullInMs: null,
  });
  expect(status.logBytesPerS()).toBeNull();
  const storages = [
    { partition: 0, position: 1, lagMs: 0, stopped: '', ledger: { ...emptyLedger, received: 5, stored: 3 } },
  ];
  status.take(processors(1, 0, { log: log(1000) }));
  status.take(processors(3, 0, { log: log(1020), storages }));
  expect(status.logBytesPerS()).toBe(10_000);
  expect(status.figures(0, null).lost).toBe(2);
});

it('several processes: rates and problems of all, one ledger for each partition, wherever it is', () => {
  const status = createPipelineStatus();
  const storage = (partition: number, stored: number) => ({
    partition,
    position: 1,
    lagMs: 0,
    stopped: '',
    ledger: { ...emptyLedger, received: stored, stored },
  });
  for (let second = 1; second <= 3; second++)
    for (const instance of ['i1', 'i2']) status.take({ ...ingest(second, second * 100), instance });
  status.take({ ...processors(1, 0, { storages: [storage(0, 10), storage(1, 20)] }), instance: 'p1' });
  // Partition 1 moves: both reports name it for a moment.
  status.take({
    ...processors(2, 0, { storages: [storage(1, 21)], alarms: [{ code: null, message: 'a gap' }] }),
    instance: 'p2',
  });
  status.take({
    ...processors(3, 0, { storages: [storage(0, 11)], alarms: [{ code: null, message: 'a gap' }] }),
    instance: 'p1',
  });
  expect(status.figures(0, null).inPerS).toBe(200);
  expect(status.ledger()).toMatchObject({ received: 32, stored: 32 });
  expect(status.problems()).toEqual([{ id: 'a gap', text: 'a gap' }]);
});
