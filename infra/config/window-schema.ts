import { z } from 'zod';
import { askedAggregateNames, windowKinds } from '../../events/window.ts';
import { name } from './name-schema.ts';
import { duration } from './units.ts';

/** The settings that a kind of window cannot do without. */
const needs = {
  tumbling: ['size'],
  hopping: ['size', 'every'],
  sliding: ['size'],
  session: ['gap'],
  count: ['count'],
} as const;

/** A window of the configuration; docs/windows.md says what each kind does. */
export const window = z
  .strictObject({
    name,
    kind: z.enum(windowKinds).default('tumbling'),
    size: duration().optional().describe('length of a tumbling, hopping or sliding window'),
    every: duration().optional().describe('of a hopping window: one begins so often'),
    gap: duration().optional().describe('of a session: silence of event time that ends it'),
    count: z.int().min(1).max(1_000_000).optional().describe('of a count window: values of a field in each'),
    from: name.optional().describe('a shorter window that this one is folded from'),
    by: z
      .array(z.string().min(1))
      .default(['device'])
      .describe('device, or tags: one window over all devices with the same; [] is the whole fleet'),
    timezone: z.string().optional().describe('windows of whole days begin at midnight there (IANA name)'),
    lateness: duration().prefault('5s').describe("how far a device's readings may be out of order"),
    idle: duration().prefault('30s').describe('a device silent for so long gets its windows closed that are over'),
    retain: duration().prefault('5m').describe('for so long after its end a late reading still revises a window'),
    fields: z.array(z.string().min(1)).min(1).default(['*']).describe('field names, or * for every number'),
    aggregates: z.array(z.enum(askedAggregateNames)).default([]).describe('what is computed besides the usual eight'),
  })
  .check(({ value, issues }) => {
    for (const key of needs[value.kind]) {
      if (value[key] !== undefined) continue;
      issues.push({ code: 'custom', path: [key], message: `is missing: a ${value.kind} window has one`, input: value });
    }
  });
