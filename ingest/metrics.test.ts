import { expect, it } from 'vitest';
import { IngestMetrics } from './metrics.ts';
import { Refusals } from './refusals.ts';

it('are what was counted, under their names', async () => {
  const refusals = new Refusals();
  refusals.count('busy');
  const metrics = new IngestMetrics({
    refusals,
    connections: () => 3,
    waiting: () => 4,
    ticksDropped: () => 5,
    httpRequests: () => [{ route: '/write', status: 204, count: 3 }],
    bridges: () => [{ name: 'plant', connected: true, sinceUs: 0, error: '', messages: 7, inFlight: 2 }],
    writable: () => false,
  });
  metrics.onPublish();
  metrics.onPublish();
  metrics.onAcknowledged(7);
  metrics.onStored(2, 3);
  // Collected twice: what is read at collection must not add up.
  await metrics.registry.metrics();
  const lines = (await metrics.registry.metrics()).split('\n');
  expect(lines).toEqual(
    expect.arrayContaining([
      'millrace_ingest_publishes_total 2',
      'millrace_ingest_acknowledged_total 1',
      'millrace_ingest_ticks_dropped_total 5',
      'millrace_ingest_connections 3',
      'millrace_ingest_waiting_records 4',
      'millrace_ingest_writable 0',
      'millrace_ingest_http_requests_total{route="/write",status="204"} 3',
      'millrace_ingest_bridge_connected{bridge="plant"} 1',
      'millrace_ingest_bridge_in_flight{bridge="plant"} 2',
      'millrace_ingest_bridge_messages{bridge="plant"} 7',
      'millrace_ingest_refused_total{reason="busy"} 1',
      'millrace_ingest_refused_total{reason="malformed"} 0',
      'millrace_ingest_ack_seconds_bucket{le="0.005"} 0',
      'millrace_ingest_ack_seconds_bucket{le="0.01"} 1',
      'millrace_ingest_batch_records_sum 2',
    ]),
  );
  expect(metrics.latencies()).toMatchObject({ batchRecords: 2, ack: { p50: expect.closeTo(7, 0) } });
});
