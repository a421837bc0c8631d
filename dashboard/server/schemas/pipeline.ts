import { z } from 'zod';
import type { PipelineFigures, PipelineSeries, TransformFigures } from '../../../events/pipeline.ts';
import { alertCounts, latency, ledgerFigures, timeUs } from './parts.ts';

const counts = z.record(z.string(), z.number());

export const pipelineFigures: z.ZodType<PipelineFigures> = z.object({
  atUs: timeUs,
  nowUs: timeUs.nullable(),
  configVersion: z.int().nullable(),
  sensors: z.object({
    connected: z.int().nullable(),
    devices: z.int(),
    stale: z.int(),
    acknowledgedShare: z.number().nullable(),
  }),
  ingest: z
    .object({
      publishesPerS: z.number(),
      connections: z.int(),
      waiting: z.int(),
      batchRecords: z.number(),
      batchesPerS: z.number(),
      refusedPerS: z.number(),
      refused: counts,
      ack: latency,
      store: latency,
      writable: z.boolean(),
    })
    .nullable(),
  log: z
    .object({
      bytes: z.number(),
      maxBytes: z.number(),
      messages: z.number(),
      keptMs: z.number(),
      partitions: z.int(),
      fullInMs: z.number().nullable(),
    })
    .nullable(),
  processors: z
    .object({
      readingsPerS: z.number(),
      workers: z.int(),
      lagMs: z.number(),
      partitions: z.array(
        z.object({
          partition: z.int(),
          lagMs: z.number(),
          pending: z.number(),
          devices: z.int(),
          stopped: z.string(),
        }),
      ),
      lateShare: z.number().nullable(),
      quarantinedPerS: z.number(),
      read: latency,
    })
    .nullable(),
  processorsHeardUs: timeUs.nullable(),
  influx: z
    .object({
      storedPerS: z.number(),
      lagMs: z.number(),
      write: latency,
      error: z.string(),
      downSinceUs: timeUs.nullable(),
      nextTryAtUs: timeUs.nullable(),
    })
    .nullable(),
  live: z.object({ readingsPerS: z.number(), viewers: z.int(), screen: latency }),
  webhooks: z.object({ deliveredPerS: z.number(), total: z.int(), failing: z.int(), waiting: z.int() }).nullable(),
  ledger: ledgerFigures.nullable(),
  alerts: alertCounts,
  quarantine: z.object({ total: z.int(), unmatchedTopics: z.int() }),
  alarms: z.array(z.string()),
});

const column = z.array(z.number().nullable());

export const pipelineSeries: z.ZodType<PipelineSeries> = z.object({
  stepUs: z.int(),
  atUs: z.array(timeUs),
  received: column,
  stored: column,
  screenP50: column,
  screenP99: column,
  processorsLagMs: column,
  influxLagMs: column,
});

export const transformFigures: z.ZodType<TransformFigures> = z.object({
  name: z.string(),
  does: z.string().nullable(),
  filtered: z.int(),
  fields: z.int(),
  notFinite: z.int(),
  unmatched: z.int(),
});
