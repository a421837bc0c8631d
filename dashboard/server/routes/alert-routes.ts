import { z } from 'zod';
import type { Transition } from '../../../events/alert.ts';
import { apiPath } from '../../../events/api.ts';
import type { HistoryAnswer } from '../../../events/api.ts';
import type { AlertAnswer, PastAlert } from '../../../events/api-alerts.ts';
import type { AlertStatus } from '../../../events/device.ts';
import { activeAlerts } from '../alerts/active-alerts.ts';
import { deviceRules, ruleState } from '../alerts/device-rules.ts';
import { groupHistory } from '../history/group-history.ts';
import { ApiFailure } from '../http/api-failure.ts';
import type { App } from '../http/app.ts';
import { alertAnswer, alertsAnswer } from '../schemas/alert-answers.ts';
import { historyAnswer } from '../schemas/answers.ts';
import { apiError, historySpan } from '../schemas/parts.ts';
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
      resolved: state === 'active' ? [] : pastAlerts(views, limit),
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
  app.get(
    `${apiPath}/alerts/:id/history`,
    {
      schema: {
        tags,
        summary: 'Of an alert of a group of devices: the windows that were judged, from InfluxDB',
        params: z.object({ id: z.string().max(64) }),
        querystring: historySpan,
        response: { 200: historyAnswer, 400: apiError, 404: apiError, 503: apiError },
      },
    },
    async ({ params: { id }, query }) => judgedHistory(views, id, query),
  );
}

function pastAlerts({ alerts, mirror, clockUs }: Views, limit: number): PastAlert[] {
  const past = alerts.past((mirror.nowUs ?? clockUs()) - dayUs, limit);
  return past.map((alert) => ({ ...alert, label: mirror.get(alert.key)?.state.life.label ?? '' }));
}

async function judgedHistory(views: Views, id: string, span: z.infer<typeof historySpan>): Promise<HistoryAnswer> {
  const { rule: name, key, field, device, tags } = find(views, id);
  const { config, statements } = views.inForce;
  const rule = config.rules.find((one) => one.name === name && one.field === field);
  const window = config.windows.find((one) => one.name === rule?.window);
  if (device !== '' || rule?.aggregate === undefined || window?.kind !== 'tumbling' || window.size === undefined)
    throw new ApiFailure(404, 'NOT_FOUND', 'What was judged has no history of windows of one length.');
  const toUs = span.to ?? views.clockUs();
  if (span.from >= toUs) throw new ApiFailure(400, 'BAD_RANGE', '"from" must be before "to".');
  const series = { window: window.name, field, aggregate: rule.aggregate, tags };
  const sources = { influx: views.influx, statements };
  const sizeUs = window.size * 1_000;
  return groupHistory(sources, { key, series, sizeUs, points: span.points, fromUs: span.from, toUs });
}

function find({ alerts }: Views, id: string): AlertStatus | Transition {
  const about = alerts.transition(id) ?? alerts.active().find(({ status }) => status.id === id)?.status;
  if (about === undefined) throw new ApiFailure(404, 'NOT_FOUND', 'This alert is not known any more.');
  return about;
}

function oneAlert(views: Views, id: string): AlertAnswer {
  const { alerts, mirror, deliveries } = views;
  const { config, fields } = views.inForce;
  const { key, rule, field, device: name } = find(views, id);
  const steps = alerts.steps((step) => step.key === key && step.rule === rule && step.field === field, stepsMax);
  const device = mirror.get(key)?.state;
  const statuses = alerts.of(key).map(({ status }) => status);
  // A group of devices has no page of its own; its rules are those of their names.
  const ofGroup = () => config.rules.map((one) => ruleState(one, statuses));
  const rules = name === '' ? ofGroup() : device === undefined ? [] : deviceRules(config, device, statuses);
  return {
    rule: rules.find((one) => one.rule === rule && one.field === field) ?? null,
    label: device?.life.label ?? '',
    steps,
    unit: fields.of(field, device?.topic ?? '').unit,
    deliveries: deliveries.about(new Set(steps.map((step) => step.id)), deliveriesMax),
  };
}
