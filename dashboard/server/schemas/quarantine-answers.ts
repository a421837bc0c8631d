import { z } from 'zod';
import type {
  QuarantineAnswer,
  QuarantineGroupsAnswer,
  QuarantineItem,
  QuarantineItemAnswer,
  RedriveCommand,
  RedriveReport,
} from '../../../events/api-intake.ts';
import { quarantineReasons } from '../../../events/quarantine.ts';
import type { QuarantineReason, RedriveOutcome } from '../../../events/quarantine.ts';
import type { Redriven } from '../../../events/record.ts';
import { redrivePerRequestMax, type DecodeVerdict } from '../../../events/redrive.ts';
import * as part from './parts.ts';

const { timeUs } = part;

export const quarantineReason = z.enum(Object.keys(quarantineReasons) as [QuarantineReason, ...QuarantineReason[]]);
const by = z.enum(['worker', 'storage']);

const redriven: z.ZodType<Redriven> = z.object({
  partition: z.int(),
  sequence: z.int(),
  index: z.int(),
  part: z.int().nullable(),
  by,
});

const outcome: z.ZodType<RedriveOutcome> = z.object({
  of: redriven,
  origin: part.origin,
  atUs: timeUs,
  readings: z.int(),
  duplicate: z.int(),
  filtered: z.int(),
  quarantined: z.int(),
  reason: quarantineReason.nullable(),
});

const item: z.ZodType<QuarantineItem> = z.object({
  id: z.string(),
  reason: quarantineReason,
  sentence: z.string(),
  detail: z.string(),
  topic: z.string(),
  client: z.string(),
  key: z.string().nullable(),
  firstBytes: z.string().describe('base64'),
  bytes: z.int(),
  receivedAtUs: timeUs,
  origin: part.origin,
  several: z.literal(true).optional(),
  redriven: redriven.optional(),
  by,
  outcome: outcome.nullable(),
});

export const quarantineAnswer: z.ZodType<QuarantineAnswer> = z.object({
  total: z.int(),
  reasons: z.array(
    z.object({ reason: quarantineReason, sentence: z.string(), count: z.int(), lastAtUs: timeUs.nullable() }),
  ),
  items: z.array(item),
  next: z.string().nullable(),
});

export const quarantineGroupsAnswer: z.ZodType<QuarantineGroupsAnswer> = z.object({
  groups: z.array(
    z.object({
      reason: quarantineReason,
      by,
      key: z.string().nullable(),
      topic: z.string(),
      template: z.string().nullable(),
      count: z.int(),
      firstAtUs: timeUs,
      lastAtUs: timeUs,
    }),
  ),
  beyondMax: z.int(),
});

const verdict: z.ZodType<DecodeVerdict> = z.union([
  z.object({
    kind: z.literal('reading'),
    reading: z.object({
      key: z.string(),
      timeUs,
      ownTime: z.boolean(),
      fields: z.record(z.string(), part.fieldValue),
      tags: part.tags,
    }),
  }),
  z.object({ kind: z.literal('refused'), reason: quarantineReason, detail: z.string() }),
  z.object({ kind: z.literal('filtered'), transform: z.string().nullable() }),
  z.object({ kind: z.literal('repeat') }),
]);

export const quarantineItemAnswer: z.ZodType<QuarantineItemAnswer> = z.object({
  item,
  payload: z.string().nullable().describe('base64'),
  now: z.object({ version: z.int(), verdicts: z.array(verdict) }).nullable(),
});

const text = z.string().min(1).max(4_096);

/** Of a query string, where all is text. */
export const quarantineFilter = z.object({
  reason: quarantineReason.optional(),
  key: text.optional().describe('device key'),
  topic: text.optional().describe('whole levels that the topic begins with'),
  from: z.coerce.number().int().optional().describe('arrived at or after, us'),
  to: z.coerce.number().int().optional().describe('arrived before, us'),
  open: z.stringbool().optional().describe('only those that still stand'),
});

export const redriveCommand: z.ZodType<RedriveCommand> = z.strictObject({
  ids: z.array(z.string().max(64)).min(1).max(redrivePerRequestMax).optional(),
  filter: z
    .strictObject({
      reason: quarantineReason.optional(),
      key: text.optional(),
      topic: text.optional(),
      from: z.int().optional(),
      to: z.int().optional(),
      open: z.boolean().optional(),
    })
    .optional(),
  after: z.string().max(64).optional(),
  until: z.int().min(0).optional(),
  limit: z.int().min(1).max(redrivePerRequestMax).optional(),
  dryRun: z.boolean().optional(),
});

export const redriveReport: z.ZodType<RedriveReport> = z.object({
  dryRun: z.boolean(),
  considered: z.int(),
  appended: z.int(),
  gone: z.int(),
  skipped: z.int(),
  would: z.object({ readings: z.int(), refused: z.record(z.string(), z.int()), filtered: z.int() }).nullable(),
  next: z.string().nullable(),
  until: z.int(),
});
