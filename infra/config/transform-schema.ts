import { z } from 'zod';
import { name } from './name-schema.ts';
import { duration } from './units.ts';

const fieldName = z.string().min(1);
const where = z.record(z.string(), z.string());
const cell = z.union([z.string(), z.number(), z.boolean()], 'must be a text, a number, true or false');

/** A step of the way from what a device sent to what is stored and judged; transform-checks.ts says which keys go together. */
export const transform = z.strictObject({
  name,
  where: where.default({}).describe('tags (and device) that must be equal; others pass unchanged'),
  field: fieldName.optional().describe('the field that range, deadband, convert, scale and offset are about'),
  drop: z.array(fieldName).min(1).optional().describe('fields to leave out'),
  range: z.tuple([z.number(), z.number()]).optional().describe('[least, greatest]: a value outside is left out'),
  deadband: z.number().min(0).optional().describe('a value no further than this from the last one kept is left out'),
  every: duration().optional().describe('with deadband: one value is kept at least so often'),
  sample: duration().optional().describe('at most one reading per device and so much event time'),
  convert: z
    .strictObject({ from: z.string(), to: z.string() })
    .optional()
    .describe('from one unit of measurement to another, such as °F to °C'),
  scale: z.number().optional().describe('the field times this'),
  offset: z.number().optional().describe('and plus this'),
  set: fieldName.optional().describe('the field that the expression computes'),
  expression: z.string().min(1).optional().describe('computed from the fields of the reading: voltage * current'),
  enrich: name.optional().describe('a table: the row whose key the reading has'),
  tags: z.array(z.string().min(1)).optional().describe('columns of the row that become tags'),
  fields: z.array(fieldName).optional().describe('columns of the row that become fields'),
});

/** A table that transforms look things up in. */
export const table = z.strictObject({
  name,
  key: z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1)], 'must be a column or a list of columns')
    .describe('columns that tell a row: device, or tags such as site; several as a list'),
  rows: z.array(z.record(z.string(), cell)).optional().describe('maps of column to value'),
  file: z.string().min(1).optional().describe('a CSV file with a header line, relative to this file'),
  kv: name.optional().describe('a key of the NATS bucket `tables`: JSON rows or CSV, read by `up`'),
});

const side = z.strictObject({
  field: fieldName.describe('its value is called left or right in the expression'),
  where: where.default({}).describe('tags (and device) that must be equal'),
});

/** Two fields, of two devices or of one, joined on event time. */
export const join = z.strictObject({
  name: name.describe('of the join, and of the field it computes'),
  left: side,
  right: side,
  by: z
    .array(z.string().min(1))
    .default([])
    .describe('tags that both sides must share; [device]: fields of one device'),
  tolerance: duration().describe('how far apart the two may be in event time'),
  lateness: duration().prefault('5s').describe('how far readings may be behind the clock of the log'),
  expression: z.string().min(1).describe('computed from left and right: left - right'),
});
