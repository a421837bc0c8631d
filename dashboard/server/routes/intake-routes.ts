import { z } from 'zod';
import { apiPath } from '../../../events/api.ts';
import type { App } from '../http/app.ts';
import { quarantineAnswer, quarantineReason, unmatchedTopicsAnswer } from '../schemas/intake-answers.ts';
import type { Views } from '../views.ts';

/** What was set aside. */
export function intakeRoutes(app: App, { quarantine, unmatched }: Views): void {
  const tags = ['intake'];
  app.get(
    `${apiPath}/quarantine`,
    {
      schema: {
        tags,
        summary: 'What could not become a stored reading: counts by reason, and the latest 500',
        querystring: z.object({
          reason: quarantineReason.optional(),
          limit: z.coerce.number().int().min(1).max(200).default(50),
          after: z.string().max(64).optional().describe('cursor: `next` of the page before'),
        }),
        response: { 200: quarantineAnswer },
      },
    },
    async ({ query: { reason, limit, after } }) => quarantine.answer(reason ?? null, limit, after ?? null),
  );
  app.get(
    `${apiPath}/topics/unmatched`,
    {
      schema: {
        tags,
        summary: 'Topics that match no template, with the lines that would take them in',
        querystring: z.object({ limit: z.coerce.number().int().min(1).max(1_000).default(100) }),
        response: { 200: unmatchedTopicsAnswer },
      },
    },
    async ({ query: { limit } }) => unmatched.answer(limit),
  );
}
