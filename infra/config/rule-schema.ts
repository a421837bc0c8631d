import { z } from 'zod';
import { severities } from '../../events/alert.ts';
import { optionalAggregateNames, windowAggregateNames } from '../../events/window.ts';
import { name } from './name-schema.ts';
import { duration } from './units.ts';

/** A rule of the configuration. */
export const rule = z
  .strictObject({
    name,
    window: name.optional().describe('judges this window; without it, each reading'),
    field: z.string().min(1),
    aggregate: z
      .enum([...windowAggregateNames, ...optionalAggregateNames])
      .optional()
      .describe('what of the window is judged'),
    above: z.number().optional().describe('fires when greater'),
    below: z.number().optional().describe('fires when less'),
    outside: z
      .tuple([z.number(), z.number()])
      .optional()
      .describe('fires when less than the first or greater than the second'),
    clear: z.number().optional().describe('firing ends below this (above: for "below" rules)'),
    for: duration().prefault('0s').describe('how long it must hold before it fires'),
    stale: duration().prefault('5m').describe('without a reading for so long the state is unknown'),
    severity: z.enum(severities).default('warning'),
    where: z.record(z.string(), z.string()).default({}).describe('tags (and device) that must be equal'),
  })
  .check(({ value, issues }) => {
    const say = (path: string, message: string) => issues.push({ code: 'custom', path: [path], message, input: value });
    const limits = [value.above, value.below, value.outside].filter((limit) => limit !== undefined);
    if (limits.length !== 1) say('above', 'needs exactly one of above, below and outside');
    if (value.window === undefined && value.aggregate !== undefined) say('aggregate', 'needs a window');
    if (value.window !== undefined && value.aggregate === undefined)
      say('aggregate', 'is missing: a window rule names one');
    if (value.outside && value.outside[0] >= value.outside[1])
      say('outside', 'must be [low, high] with low below high');
    if (value.outside && value.clear !== undefined) say('clear', 'is for above and below only');
    if (value.above !== undefined && value.clear !== undefined && value.clear > value.above)
      say('clear', `must be below "above" (${value.above}), is ${value.clear}`);
    if (value.below !== undefined && value.clear !== undefined && value.clear < value.below)
      say('clear', `must be above "below" (${value.below}), is ${value.clear}`);
  });
