import { z } from 'zod';
import { severities, unknownReasons } from '../../../events/alert.ts';
import type { Transition } from '../../../events/alert.ts';
import type { ApiError, DeviceRow, DeviceRule, FieldInfo, Readiness } from '../../../events/api.ts';
import type { Delivery } from '../../../events/delivery.ts';
import type { DeviceState } from '../../../events/device.ts';
import type { Ledger } from '../../../events/ledger.ts';
import type { LedgerFigures } from '../../../events/pipeline.ts';
import type { Origin } from '../../../events/record.ts';
import { payloadFormats } from '../../../events/topics.ts';

/** Parts of several answers. Each schema is bound to its type in `events/`: the two cannot drift apart. */

/** Integer microseconds since the UTC epoch. */
export const timeUs = z.int().describe('integer microseconds since the UTC epoch');
export const severity = z.enum(severities);
export const alertState = z.enum(['ok', 'pending', 'firing', 'unknown']);
export const tags = z.record(z.string(), z.string());
export const fieldValue = z.union([z.number(), z.boolean(), z.string()]);
export const payloadFormat = z.enum(payloadFormats);

export const apiError: z.ZodType<ApiError> = z.object({ error: z.string(), message: z.string() });

export const origin: z.ZodType<Origin> = z.object({
  partition: z.int(),
  sequence: z.int(),
  index: z.int(),
  part: z.int().optional(),
});

const ledgerShape = {
  received: z.int(),
  stored: z.int(),
  quarantined: z.int(),
  duplicate: z.int(),
  filtered: z.int(),
  inFlight: z.int(),
  late: z.int(),
};
export const ledger: z.ZodType<Ledger> = z.object(ledgerShape);
export const ledgerFiguresShape = {
  ...ledgerShape,
  difference: z.int(),
  gaps: z.array(
    z.object({
      partition: z.int(),
      cause: z.enum(['removed', 'never-arrived']),
      from: z.int(),
      to: z.int(),
      messages: z.int(),
      sinceUs: timeUs,
      untilUs: timeUs,
    }),
  ),
};
export const ledgerFigures: z.ZodType<LedgerFigures> = z.object(ledgerFiguresShape);

export const latency = z.object({ p50: z.number().nullable(), p99: z.number().nullable() });
export const alertCounts = z.object({ info: z.int(), warning: z.int(), critical: z.int(), total: z.int() });

export const readiness: z.ZodType<Readiness> = z.object({
  ready: z.boolean(),
  durability: z.enum(['power-loss', 'process']),
  reasons: z.array(z.string()),
  degraded: z.array(z.string()),
});

export const fieldInfo: z.ZodType<FieldInfo> = z.object({
  name: z.string(),
  topic: z.string().nullable(),
  label: z.string(),
  unit: z.string(),
  range: z.tuple([z.number(), z.number()]).nullable(),
});

export const deviceRow: z.ZodType<DeviceRow> = z.object({
  key: z.string(),
  device: z.string(),
  tags,
  fields: z.record(z.string(), fieldValue),
  lastTimeUs: timeUs,
  lastSeenUs: timeUs,
  intervalUs: z.number().nullable(),
  stale: z.boolean(),
  ratePerS: z.number().nullable(),
  alert: z
    .object({
      rule: z.string(),
      field: z.string(),
      severity,
      state: alertState,
      sinceUs: timeUs,
      condition: z.string(),
    })
    .nullable(),
  spark: z
    .object({ field: z.string(), stepUs: z.int(), endUs: timeUs, points: z.array(z.number().nullable()) })
    .nullable(),
});

export const deviceState: z.ZodType<DeviceState> = z.object({
  key: z.string(),
  device: z.string(),
  tags,
  topic: z.string(),
  fields: z.record(z.string(), z.object({ value: fieldValue, timeUs, intervalUs: z.number().nullable() })),
  lastTimeUs: timeUs,
  lastSeenUs: timeUs,
  clockOffsetUs: z.number().nullable(),
  readings: z.int(),
});

export const deviceRule: z.ZodType<DeviceRule> = z.object({
  rule: z.string(),
  field: z.string(),
  window: z.string().nullable(),
  aggregate: z.string().nullable(),
  severity,
  above: z.number().nullable(),
  below: z.number().nullable(),
  clear: z.number().nullable(),
  forMs: z.number(),
  staleMs: z.number(),
  condition: z.string(),
  state: alertState,
  sinceUs: timeUs.nullable(),
  value: z.number().nullable(),
});

export const transition: z.ZodType<Transition> = z.object({
  id: z.string(),
  rule: z.string(),
  key: z.string(),
  device: z.string(),
  tags,
  field: z.string(),
  from: alertState,
  to: alertState,
  severity,
  value: z.number().nullable(),
  threshold: z.number(),
  timeUs,
  decidedAtUs: timeUs,
  sinceUs: timeUs,
  historical: z.boolean(),
  notify: z.enum(['firing', 'resolved']).nullable(),
  why: z.enum(unknownReasons).optional(),
  condition: z.string(),
  origin,
});

export const delivery: z.ZodType<Delivery> = z.object({
  webhook: z.string(),
  id: z.string(),
  rule: z.string(),
  key: z.string(),
  state: z.enum(['firing', 'resolved']),
  attempt: z.int(),
  atUs: timeUs,
  outcome: z.enum(['delivered', 'retry', 'dead-letter']),
  status: z.int().nullable(),
  durationMs: z.number(),
  error: z.string(),
  nextAttemptAtUs: timeUs.nullable(),
});

/** Beyond it numbers are not times. */
const timeMaxUs = Number.MAX_SAFE_INTEGER;

/** Which part of a history is asked for. */
export const historySpan = z.object({
  from: z.coerce.number().int().min(0).max(timeMaxUs).describe('us since the UTC epoch'),
  to: z.coerce.number().int().min(0).max(timeMaxUs).optional().describe('us; default: now'),
  points: z.coerce.number().int().min(10).max(5_000).default(1_000),
});
