import { z } from 'zod';
import { name } from './name-schema.ts';
import { duration } from './units.ts';

/** A window of the configuration. */
export const window = z.strictObject({
  name,
  kind: z.enum(['tumbling']).default('tumbling'),
  size: duration().describe('length; windows are [start, end), aligned to the UTC epoch'),
  lateness: duration().prefault('5s').describe("how far a device's readings may be out of order"),
  idle: duration().prefault('30s').describe('a device silent for so long gets its windows closed'),
  fields: z.array(z.string().min(1)).min(1).default(['*']).describe('field names, or * for every number'),
});
