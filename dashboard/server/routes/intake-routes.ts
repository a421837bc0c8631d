import { z } from 'zod';
import { apiPath } from '../../../events/api.ts';
import type { App } from '../http/app.ts';
import { unmatchedTopicsAnswer } from '../schemas/intake-answers.ts';
import type { Views } from '../views.ts';

/** Topics that nobody takes in. */
export function intakeRoutes(app: App, { unmatched }: Views): void {
  const tags = ['intake'];
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
