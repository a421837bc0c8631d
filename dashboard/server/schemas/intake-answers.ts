import { z } from 'zod';
import type { LedgerAnswer, QuarantineAnswer, UnmatchedTopicsAnswer } from '../../../events/api-intake.ts';
import { quarantineReasons } from '../../../events/quarantine.ts';
import type { QuarantineReason } from '../../../events/quarantine.ts';
import * as part from './parts.ts';

const { timeUs } = part;

export const quarantineReason = z.enum(Object.keys(quarantineReasons) as [QuarantineReason, ...QuarantineReason[]]);

export const quarantineAnswer: z.ZodType<QuarantineAnswer> = z.object({
  total: z.int(),
  reasons: z.array(
    z.object({ reason: quarantineReason, sentence: z.string(), count: z.int(), lastAtUs: timeUs.nullable() }),
  ),
  items: z.array(
    z.object({
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
    }),
  ),
  next: z.string().nullable(),
});

export const unmatchedTopicsAnswer: z.ZodType<UnmatchedTopicsAnswer> = z.object({
  topics: z.array(
    z.object({
      topic: z.string(),
      count: z.int(),
      lastAtUs: timeUs,
      client: z.string(),
      firstBytes: z.string().describe('base64'),
      bytes: z.int(),
      suggestion: z.int().nullable(),
    }),
  ),
  suggestions: z.array(
    z.object({
      template: z.string(),
      format: part.payloadFormat,
      line: z.string(),
      topics: z.int(),
      count: z.int(),
      examples: z.array(z.string()),
    }),
  ),
  beyondMax: z.int(),
});

export const ledgerAnswer: z.ZodType<LedgerAnswer> = z.object({
  ...part.ledgerFiguresShape,
  atUs: timeUs,
  partitions: z.array(z.object({ partition: z.int(), ledger: part.ledger, difference: z.int() })),
});
