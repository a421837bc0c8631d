import { z } from 'zod';
import { apiPath } from '../../../events/api.ts';
import type { WebhookView } from '../../../events/api-alerts.ts';
import type { WebhookDefinition } from '../../../events/delivery.ts';
import { ApiFailure } from '../http/api-failure.ts';
import type { App } from '../http/app.ts';
import {
  deliveriesAnswer,
  webhookCreated,
  webhookName,
  webhookRequest,
  webhooksAnswer,
} from '../schemas/alert-answers.ts';
import { apiError } from '../schemas/parts.ts';
import type { Views } from '../views.ts';
import { webhooksMax } from '../webhooks/webhook-store.ts';

/** Who is told of alerts. */
export function webhookRoutes(app: App, views: Views): void {
  const tags = ['alerts'];
  const params = z.object({ name: webhookName });
  const { webhooks, deliveries } = views;
  app.get(
    `${apiPath}/webhooks`,
    { schema: { tags, summary: 'Webhooks, without their secrets', response: { 200: webhooksAnswer } } },
    async () => ({ items: webhooks.list().map((webhook) => view(views, webhook)) }),
  );
  app.post(
    `${apiPath}/webhooks`,
    {
      schema: {
        tags,
        summary: 'Adds a webhook; the only answer that shows its secret',
        body: webhookRequest,
        response: { 201: webhookCreated, 400: apiError, 409: apiError, 503: apiError },
      },
    },
    async ({ body }, reply) => {
      const url = checkedUrl(views, body.url);
      checkRules(views, body.rules ?? []);
      const creation = await webhooks.create({ ...body, url });
      if (creation.kind === 'exists') throw new ApiFailure(409, 'EXISTS', `There is a webhook "${body.name}" already.`);
      if (creation.kind === 'too-many')
        throw new ApiFailure(
          409,
          'TOO_MANY',
          `There are ${webhooksMax} webhooks, which is the limit. Delete one first.`,
        );
      const { secret } = creation.webhook;
      return reply.code(201).send({ ...view(views, creation.webhook), secret });
    },
  );
  app.delete(
    `${apiPath}/webhooks/:name`,
    {
      schema: {
        tags,
        summary: 'Deletes a webhook that was made by this interface',
        params,
        response: { 204: z.null(), 404: apiError, 409: apiError, 503: apiError },
      },
    },
    async ({ params: { name } }, reply) => {
      const webhook = find(views, name);
      if (webhook.source === 'config')
        throw new ApiFailure(409, 'READ_ONLY', `Webhook "${name}" stands in millrace.yaml; delete it there.`);
      await webhooks.delete(name);
      return reply.code(204).send(null);
    },
  );
  app.get(
    `${apiPath}/webhooks/:name/deliveries`,
    {
      schema: {
        tags,
        summary: 'The attempts made, latest first',
        params,
        querystring: z.object({ limit: z.coerce.number().int().min(1).max(200).default(50) }),
        response: { 200: deliveriesAnswer, 404: apiError },
      },
    },
    async ({ params: { name }, query: { limit } }) => ({ items: deliveries.of(find(views, name).name, limit) }),
  );
}

function find({ webhooks }: Views, name: string): WebhookDefinition {
  const webhook = webhooks.get(name);
  if (webhook === undefined) throw new ApiFailure(404, 'NOT_FOUND', `There is no webhook "${name}".`);
  return webhook;
}

function view({ reports, clockUs }: Views, { name, url, rules, source, disabled }: WebhookDefinition): WebhookView {
  const reported = reports.alive('processors', clockUs()).flatMap((report) => report.webhooks);
  const report = reported.find((one) => one.name === name);
  const { waiting = 0, delivered = 0, failing = false, lastError = '' } = report ?? {};
  return { name, url: withoutPassword(url), rules, source, disabled, waiting, delivered, failing, lastError };
}

function checkedUrl({ targetRefusal }: Views, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new ApiFailure(400, 'BAD_URL', `"${text}" is no http:// or https:// address.`);
  if (url.username !== '' || url.password !== '')
    throw new ApiFailure(
      400,
      'BAD_URL',
      'The address may not hold a user or password: they would be shown. Deliveries are signed.',
    );
  const refusal = targetRefusal(url.href);
  if (refusal !== null) throw new ApiFailure(400, 'TARGET_REFUSED', refusal);
  return url.href;
}

function checkRules({ inForce: { config } }: Views, names: readonly string[]): void {
  const unknown = names.filter((name) => name !== '*' && !config.rules.some((rule) => rule.name === name));
  if (unknown.length > 0) throw new ApiFailure(400, 'UNKNOWN_RULE', `There is no rule "${unknown.join('", "')}".`);
}

/** The configuration may hold such an address. */
function withoutPassword(text: string): string {
  if (!URL.canParse(text)) return text;
  const url = new URL(text);
  url.password = '';
  return url.href;
}
