import { z } from 'zod';
import type { DeviceAnswer, DevicesAnswer, HistoryAnswer, OverviewAnswer, StatusAnswer } from '../../../events/api.ts';
import { activeAlert } from './alert-answers.ts';
import * as part from './parts.ts';
import { windowResult } from './window-result.ts';
import { pipelineFigures, pipelineSeries, transformFigures } from './pipeline.ts';

const { timeUs } = part;

export const statusAnswer: z.ZodType<StatusAnswer> = z.object({
  needsPassword: z.boolean(),
  version: z.string(),
  instance: z.string(),
  atUs: timeUs,
  startedAtUs: timeUs,
  readiness: part.readiness,
  processes: z.array(
    z.object({
      process: z.enum(['ingest', 'processors', 'dashboard']),
      instance: z.string(),
      pid: z.int(),
      startedAtUs: timeUs,
      atUs: timeUs,
      alive: z.boolean(),
      rssBytes: z.number(),
    }),
  ),
  fields: z.array(part.fieldInfo),
  topics: z.array(z.object({ template: z.string(), format: part.payloadFormat })),
  asksWho: z.boolean(),
  mqttUrl: z.string(),
});

export const overviewAnswer: z.ZodType<OverviewAnswer> = z.object({
  figures: pipelineFigures,
  series: pipelineSeries,
  transforms: z.array(transformFigures),
  alerts: z.array(activeAlert),
  silent: z.array(part.deviceRow),
});

export const devicesAnswer: z.ZodType<DevicesAnswer> = z.object({
  total: z.int(),
  matched: z.int(),
  stale: z.int(),
  retired: z.int(),
  items: z.array(part.deviceRow),
  columns: z.array(z.object({ name: z.string(), label: z.string(), unit: z.string(), devices: z.int() })),
  tags: z.array(z.object({ name: z.string(), values: z.array(z.string()) })),
  next: z.string().nullable(),
  beyondMax: z.int(),
});

export const deviceAnswer: z.ZodType<DeviceAnswer> = z.object({
  state: part.deviceState,
  partition: z.int(),
  row: part.deviceRow,
  rules: z.array(part.deviceRule),
  transitions: z.array(part.transition),
  ledger: part.ledger.nullable(),
  fields: z.array(part.fieldInfo),
  windows: z.array(z.object({ name: z.string(), sizeUs: z.int() })),
  partials: z.array(windowResult),
});

const column = z.array(z.number().nullable());

export const historyAnswer: z.ZodType<HistoryAnswer> = z.object({
  key: z.string(),
  field: z.string(),
  fromUs: timeUs,
  toUs: timeUs,
  kind: z.enum(['raw', 'buckets', 'window', 'text']),
  stepUs: z.int().nullable(),
  timesUs: z.array(timeUs),
  values: column,
  min: column,
  max: column,
  texts: z.array(z.string().nullable()),
  gapUs: z.number(),
  upToUs: timeUs.nullable(),
  storedUpToUs: timeUs.nullable(),
});
