import { z } from 'zod';
import { apiPath } from '../../../events/api.ts';
import type { DevicesPage } from '../../../events/live.ts';
import type { DeviceAnswer } from '../../../events/api.ts';
import { isFleetWindow } from '../../../infra/config/fleet-scope.ts';
import type { WindowConfig } from '../../../infra/config/schema.ts';
import { MillraceError } from '../../../infra/errors.ts';
import { deviceRules } from '../alerts/device-rules.ts';
import type { DeviceEntry } from '../devices/device-entry.ts';
import { listDevices } from '../devices/device-list.ts';
import { parseSearch } from '../devices/search.ts';
import { workersOf } from '../figures/by-partition.ts';
import { deviceHistory } from '../history/device-history.ts';
import { ApiFailure } from '../http/api-failure.ts';
import type { App } from '../http/app.ts';
import { deviceAnswer, devicesAnswer, historyAnswer } from '../schemas/answers.ts';
import { apiError, historySpan } from '../schemas/parts.ts';
import type { Views } from '../views.ts';

const transitionsMax = 200;

/** What sensors measured. */
export function deviceRoutes(app: App, views: Views): void {
  const tags = ['devices'];
  const params = z.object({ key: z.string().describe('device key, as one encoded segment: plant1%2Fpress-7') });
  app.get(
    `${apiPath}/devices`,
    {
      schema: {
        tags,
        summary: 'Devices that match a search, in alert first, then silent, then by name',
        querystring: z.object({
          q: z.string().max(500).default('').describe('press line:bake temperature>80 is:stale'),
          limit: z.coerce.number().int().min(1).max(500).default(100),
          after: z.string().max(4_096).optional().describe('cursor: `next` of the page before'),
        }),
        response: { 200: devicesAnswer, 400: apiError },
      },
    },
    async ({ query }) => {
      const search = parseSearch(query.q);
      if (search.kind === 'wrong') throw new ApiFailure(400, 'BAD_QUERY', search.message);
      const list = listDevices(views.mirror, views.alerts, views.inForce.fields, {
        terms: search.terms,
        limit: query.limit,
        after: query.after ?? null,
      });
      return { ...list, beyondMax: beyondMax(views) };
    },
  );
  app.get(
    `${apiPath}/devices/:key`,
    {
      schema: {
        tags,
        summary: 'One device: state, rules, ledger',
        params,
        response: { 200: deviceAnswer, 404: apiError },
      },
    },
    async ({ params: { key } }) => oneDevice(views, find(views, key)),
  );
  app.get(
    `${apiPath}/devices/:key/history`,
    {
      schema: {
        tags,
        summary: 'A field over time, from InfluxDB up to the live feed',
        params,
        querystring: historySpan.extend({
          field: z.string().min(1).max(1_024),
          window: z.string().max(64).optional().describe('windows of this name instead of readings'),
        }),
        response: { 200: historyAnswer, 400: apiError, 404: apiError, 503: apiError },
      },
    },
    async ({ params: { key }, query }) => {
      const { state } = find(views, key);
      const toUs = query.to ?? Math.max(views.clockUs(), state.lastTimeUs);
      if (query.from >= toUs) throw new ApiFailure(400, 'BAD_RANGE', '"from" must be before "to".');
      const window = query.window === undefined ? null : findWindow(views, query.window);
      const { field, from: fromUs, points } = query;
      const sources = { influx: views.influx, statements: views.inForce.statements, tail: views.tail };
      return deviceHistory(sources, state, { field, fromUs, toUs, points, window });
    },
  );
}

function find(views: Views, key: string): DeviceEntry {
  const entry = views.mirror.get(key);
  if (entry === undefined) throw new ApiFailure(404, 'NOT_FOUND', `Nothing of a device "${key}" has arrived.`);
  return entry;
}

function findWindow({ inForce: { config } }: Views, name: string): { name: string; sizeUs: number } {
  const window = config.windows.find((one) => one.name === name);
  if (window === undefined) throw new ApiFailure(404, 'NOT_FOUND', `The configuration has no window "${name}".`);
  const sizeUs = stepUs(window);
  if (sizeUs === null) throw new ApiFailure(404, 'NOT_FOUND', `Window "${name}" has no history of steps.`);
  return { name, sizeUs };
}

/** The length of a device's windows that follow each other without overlap; null for others. */
function stepUs(window: WindowConfig): number | null {
  if (window.kind !== 'tumbling' || window.size === undefined || isFleetWindow(window)) return null;
  return window.size * 1_000;
}

async function oneDevice(views: Views, entry: DeviceEntry): Promise<DeviceAnswer> {
  const { alerts, mirror } = views;
  const { key } = entry.state;
  const page = await askWorker(views, entry);
  const { config, fields } = views.inForce;
  const { state } = entry;
  const names = Object.keys(state.fields);
  const statuses = page?.alerts ?? alerts.of(key).map(({ status }) => status);
  const windows = config.windows.filter((window) => window.fields.some((name) => name === '*' || names.includes(name)));
  return {
    state,
    partition: entry.partition,
    row: entry.row(mirror.nowUs ?? 0, alerts.worst(key), true),
    rules: deviceRules(config, state, statuses),
    transitions: alerts.steps((step) => step.key === key, transitionsMax),
    ledger: page?.ledger ?? null,
    partials: page?.partials ?? [],
    fields: names.map((name) => fields.of(name, state.topic)),
    windows: windows.flatMap((window) => {
      const sizeUs = stepUs(window);
      return sizeUs === null ? [] : [{ name: window.name, sizeUs }];
    }),
  };
}

/** The worker's page of a device. Null while it is away: what is known without it is shown, and the ledger is missing. */
async function askWorker(
  { feed, reports, clockUs }: Views,
  { partition, state }: DeviceEntry,
): Promise<DevicesPage | null> {
  // Nobody would answer, and a page would wait for the timeout.
  if (reports.heardUs('processors') !== null && reports.alive('processors', clockUs()).length === 0) return null;
  return feed.ask(partition, state.key).catch((error: unknown) => {
    if (error instanceof MillraceError && error.code === 'LOG_UNAVAILABLE') return null;
    throw error;
  });
}

/** Devices that workers know and the mirror has no room for. */
function beyondMax({ reports, mirror, clockUs }: Views): number {
  const workers = workersOf(reports.alive('processors', clockUs()));
  const known = workers.reduce((sum, worker) => sum + worker.devices, 0);
  return mirror.full ? Math.max(0, known - mirror.size) : 0;
}
