import { z } from 'zod';
import { apiPath } from '../../../events/api.ts';
import type { AlertAnswer } from '../../../events/api-alerts.ts';
import { activeAlerts } from '../alerts/active-alerts.ts';
import { deviceRules, ruleState } from '../alerts/device-rules.ts';
import { ApiFailure } from '../http/api-failure.ts';
import type { App } from '../http/app.ts';
import { alertAnswer, alertsAnswer } from '../schemas/alert-answers.ts';
import { apiError } from '../schemas/parts.ts';
import type { Views } from '../views.ts';

const dayUs = 86_400_000_000;
const stepsMax = 50;
const deliveriesMax = 50;

/** What rules judged. */
export function alertRoutes(app: App, views: Views): void {
  const tags = ['alerts'];
  app.get(
    `${apiPath}/alerts`,
    {
      schema: {
        tags,
        summary: 'Alerts that are on, and those that ended in the last 24 h',
        querystring: z.object({
          state: z.enum(['active', 'resolved', 'all']).default('all'),
          limit: z.coerce.number().int().min(1).max(1_000).default(200),
        }),
        response: { 200: alertsAnswer },
      },
    },
    async ({ query: { state, limit } }) => ({
      counts: views.alerts.counts(),
      active: state === 'resolved' ? [] : activeAlerts(views, limit),
      resolved: state === 'active' ? [] : views.alerts.past((views.mirror.nowUs ?? views.clockUs()) - dayUs, limit),
    }),
  );
  app.get(
    `${apiPath}/alerts/:id`,
    {
      schema: {
        tags,
        summary: 'What was seen, step by step, and who was told',
        params: z.object({ id: z.string().max(64) }),
        response: { 200: alertAnswer, 404: apiError },
      },
    },
    async ({ params: { id } }) => oneAlert(views, id),
  );
}

function oneAlert({ alerts, mirror, inForce: { config }, deliveries }: Views, id: string): AlertAnswer {
  const about = alerts.transition(id) ?? alerts.active().find(({ status }) => status.id === id)?.status;
  if (about === undefined) throw new ApiFailure(404, 'NOT_FOUND', 'This alert is not known any more.');
  const { key, rule, field, device: name } = about;
  const steps = alerts.steps((step) => step.key === key && step.rule === rule && step.field === field, stepsMax);
  const device = mirror.get(key)?.state;
  const statuses = alerts.of(key).map(({ status }) => status);
  // A group of devices has no page of its own; its rules are those of their names.
  const ofGroup = () => config.rules.map((one) => ruleState(one, statuses));
  const rules = name === '' ? ofGroup() : device === undefined ? [] : deviceRules(config, device, statuses);
  return {
    rule: rules.find((one) => one.rule === rule && one.field === field) ?? null,
    steps,
    deliveries: deliveries.about(new Set(steps.map((step) => step.id)), deliveriesMax),
  };
}
