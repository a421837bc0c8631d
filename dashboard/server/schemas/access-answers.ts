import { z } from 'zod';
import type {
  AuditAnswer,
  CredentialCreated,
  CredentialRequest,
  CredentialsAnswer,
  RotateRequest,
} from '../../../events/api-access.ts';
import { timeUs } from './parts.ts';

const rules = z.array(z.string()).nullable();

const credentialShape = {
  name: z.string(),
  tags: z.record(z.string(), z.string()),
  publish: rules,
  subscribe: rules,
  secrets: z.array(z.object({ fromUs: timeUs, untilUs: timeUs.nullable() })),
  certificate: z.string().nullable(),
  createdAtUs: timeUs,
  revokedAtUs: timeUs.nullable(),
};

export const credentialsAnswer: z.ZodType<CredentialsAnswer> = z.object({
  total: z.int(),
  items: z.array(z.object(credentialShape)),
  next: z.string().nullable(),
});

export const credentialCreated: z.ZodType<CredentialCreated> = z.object({
  ...credentialShape,
  secret: z.string().nullable(),
});

const ruleList = z.array(z.string().min(1).max(256)).max(32);

export const credentialRequest: z.ZodType<CredentialRequest> = z.strictObject({
  name: z.string().min(1).max(128),
  tags: z.record(z.string(), z.string()).optional(),
  publish: ruleList.optional(),
  subscribe: ruleList.optional(),
  certificate: z.string().max(128).optional(),
});

export const rotateRequest: z.ZodType<RotateRequest> = z.strictObject({
  overlapS: z
    .int()
    .min(0)
    .max(30 * 86_400)
    .optional(),
});

export const auditAnswer: z.ZodType<AuditAnswer> = z.object({
  items: z.array(
    z.object({
      sequence: z.int(),
      atUs: timeUs,
      what: z.string(),
      who: z.string(),
      by: z.string(),
      address: z.string(),
      client: z.string(),
      topic: z.string(),
      reason: z.string(),
      folded: z.int(),
    }),
  ),
  next: z.int().nullable(),
});
