import { z } from 'zod';
import { apiPath } from '../../../events/api.ts';
import { makeOrder, templatesFor } from '../commands/make-order.ts';
import { ApiFailure } from '../http/api-failure.ts';
import type { App } from '../http/app.ts';
import { commandBody, commandId, commandsAnswer, commandView } from '../schemas/command-answers.ts';
import { apiError } from '../schemas/parts.ts';
import type { Views } from '../views.ts';

/** What devices are asked to do. */
export function commandRoutes(app: App, views: Views): void {
  const tags = ['devices'];
  const params = z.object({ key: z.string().describe('device key, as one encoded segment: plant1%2Fpress-7') });
  const { commands, commandTemplates } = views;
  app.post(
    `${apiPath}/devices/:key/commands`,
    {
      schema: {
        tags,
        summary:
          'Sends a command to a device, at least once and under one id; it waits for the device until its timeout',
        params,
        body: commandBody,
        response: { 200: commandView, 202: commandView, 400: apiError, 404: apiError, 409: apiError, 503: apiError },
      },
    },
    async ({ params: { key }, body }, reply) => {
      const device = deviceOf(views, key);
      const [template] = templatesFor(commandTemplates, device);
      if (template === undefined)
        throw new ApiFailure(
          409,
          'NO_COMMAND_TOPIC',
          `No template of "commands" in millrace.yaml reaches "${key}": one with its placeholders is needed.`,
        );
      const order = makeOrder(template, device, body);
      if (typeof order === 'string') throw new ApiFailure(400, 'BAD_REQUEST', order);
      const answer = await commands.order(order);
      if (answer.kind === 'conflict')
        throw new ApiFailure(409, 'ID_TAKEN', `"${order.id}" is the id of another command.`);
      if (answer.kind === 'refused') throw new ApiFailure(409, 'TOO_MANY', answer.message);
      return reply.code(answer.kind === 'known' ? 200 : 202).send(answer.command);
    },
  );
  app.get(
    `${apiPath}/devices/:key/commands`,
    {
      schema: {
        tags,
        summary: 'Commands to a device with their steps, the latest first',
        params,
        querystring: z.object({ limit: z.coerce.number().int().min(1).max(200).default(50) }),
        response: { 200: commandsAnswer, 404: apiError, 503: apiError },
      },
    },
    async ({ params: { key }, query: { limit } }) => {
      const templates = templatesFor(commandTemplates, deviceOf(views, key)).map(({ template }) => template);
      return { items: await commands.list(key, limit), templates };
    },
  );
  app.get(
    `${apiPath}/devices/:key/commands/:id`,
    {
      schema: {
        tags,
        summary: 'One command with its steps',
        params: params.extend({ id: commandId }),
        response: { 200: commandView, 404: apiError, 503: apiError },
      },
    },
    async ({ params: { key, id } }) => {
      const found = await commands.find(key, id);
      if (found?.device !== key) throw new ApiFailure(404, 'NOT_FOUND', `There is no command "${id}" to "${key}".`);
      return found;
    },
  );
}

function deviceOf({ mirror }: Views, key: string) {
  const entry = mirror.get(key);
  if (entry === undefined) throw new ApiFailure(404, 'NOT_FOUND', `There is no device "${key}".`);
  return entry.state;
}
