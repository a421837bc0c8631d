import { z } from 'zod';
import { optionalAggregateNames, type WindowResult } from '../../../events/window.ts';
import * as part from './parts.ts';

const number = z.number().nullable();

/** A window's result; with `partial` it is open still, and this is what it holds so far. */
export const windowResult: z.ZodType<WindowResult> = z.object({
  window: z.string(),
  key: z.string(),
  device: z.string(),
  field: z.string(),
  tags: z.record(z.string(), z.string()),
  startUs: part.timeUs,
  endUs: part.timeUs,
  revision: z.int(),
  partial: z.literal(true).optional(),
  varies: z.literal(true).optional(),
  incomplete: z.literal(true).optional(),
  origin: part.origin,
  count: z.number(),
  min: number,
  max: number,
  mean: number,
  sum: number,
  first: number,
  last: number,
  stddev: number,
  ...Object.fromEntries(optionalAggregateNames.map((name) => [name, z.number().optional()])),
  durations: z.record(z.string(), z.number()).optional(),
});
