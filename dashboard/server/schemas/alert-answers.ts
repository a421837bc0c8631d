import { z } from 'zod';
import type {
  ActiveAlert,
  AlertAnswer,
  AlertsAnswer,
  DeliveriesAnswer,
  PastAlert,
  WebhookCreated,
  WebhookRequest,
  WebhooksAnswer,
  WebhookView,
} from '../../../events/api-alerts.ts';
import * as part from './parts.ts';

const { severity, tags, timeUs } = part;

export const activeAlert: z.ZodType<ActiveAlert> = z.object({
  id: z.string(),
  rule: z.string(),
  key: z.string(),
  device: z.string(),
  tags,
  field: z.string(),
  state: part.alertState,
  severity,
  value: z.number().nullable(),
  threshold: z.number(),
  sinceUs: timeUs,
  condition: z.string(),
  label: z.string(),
  firingSinceUs: timeUs,
  latest: part.fieldValue.nullable(),
  unit: z.string(),
});

const pastAlert: z.ZodType<PastAlert> = z.object({
  id: z.string(),
  rule: z.string(),
  key: z.string(),
  device: z.string(),
  label: z.string(),
  tags,
  field: z.string(),
  severity,
  condition: z.string(),
  value: z.number().nullable(),
  firingSinceUs: timeUs,
  resolvedAtUs: timeUs,
});

export const alertsAnswer: z.ZodType<AlertsAnswer> = z.object({
  counts: part.alertCounts,
  active: z.array(activeAlert),
  resolved: z.array(pastAlert),
});

export const alertAnswer: z.ZodType<AlertAnswer> = z.object({
  rule: part.deviceRule.nullable(),
  label: z.string(),
  steps: z.array(part.transition),
  unit: z.string(),
  deliveries: z.array(part.delivery),
});

const webhookShape = {
  name: z.string(),
  url: z.string(),
  rules: z.array(z.string()),
  source: z.enum(['config', 'api']),
  disabled: z.boolean(),
  waiting: z.int(),
  delivered: z.int(),
  failing: z.boolean(),
  lastError: z.string(),
};
const webhookView: z.ZodType<WebhookView> = z.object(webhookShape);

export const webhooksAnswer: z.ZodType<WebhooksAnswer> = z.object({ items: z.array(webhookView) });
export const webhookCreated: z.ZodType<WebhookCreated> = z.object({ ...webhookShape, secret: z.string() });
export const deliveriesAnswer: z.ZodType<DeliveriesAnswer> = z.object({ items: z.array(part.delivery) });

export const webhookName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'must be 1 to 64 letters, digits, - or _, not starting with - or _');

export const webhookRequest: z.ZodType<WebhookRequest> = z.strictObject({
  name: webhookName,
  url: z.string().max(2_048),
  rules: z.array(z.string().min(1).max(64)).min(1).max(100).optional(),
  secret: z
    .string()
    .regex(/^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/, 'must be whsec_ and 24 to 64 bytes in base64')
    .optional(),
});
