import { z } from 'zod';
import type { LedgerAnswer, UnmatchedTopicsAnswer } from '../../../events/api-intake.ts';
import * as part from './parts.ts';

const { timeUs } = part;

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
