import { z } from 'zod';
import { apiPath, overviewRanges } from '../../../events/api.ts';
import { activeAlerts } from '../alerts/active-alerts.ts';
import { partitionLedgers, totalLedger } from '../figures/ledger-figures.ts';
import { transformFigures } from '../figures/transform-figures.ts';
import { ApiFailure } from '../http/api-failure.ts';
import type { App } from '../http/app.ts';
import { overviewAnswer, statusAnswer } from '../schemas/answers.ts';
import { ledgerAnswer } from '../schemas/intake-answers.ts';
import { apiError } from '../schemas/parts.ts';
import type { Views } from '../views.ts';

const alertsMax = 10;
const silentMax = 10;

/** How the way of a reading is doing. */
export function pipelineRoutes(app: App, views: Views): void {
  const tags = ['pipeline'];
  app.get(
    `${apiPath}/status`,
    {
      schema: {
        tags,
        summary: 'What runs, and what the configuration says of fields and topics',
        response: { 200: statusAnswer },
      },
    },
    async () => {
      const { mqtt, version, instance, startedAtUs, needsPassword } = views;
      const { config, fields } = views.inForce;
      const atUs = views.clockUs();
      const host = mqtt.host.includes(':') ? `[${mqtt.host}]` : mqtt.host;
      return {
        needsPassword,
        version,
        instance,
        atUs,
        startedAtUs,
        readiness: views.readiness(),
        processes: views.reports.statuses(atUs),
        fields: fields.all,
        topics: config.topics,
        asksWho: views.reports.alive('ingest', atUs).some((report) => report.asksWho),
        mqttUrl: views.hasTls ? `mqtts://${host}:${mqtt.tls}` : `mqtt://${host}:${mqtt.port}`,
      };
    },
  );
  const range = z.enum(overviewRanges).default('15m');
  app.get(
    `${apiPath}/overview`,
    {
      schema: {
        tags,
        summary: 'All figures, their last hours, what is in alert and what is silent',
        querystring: z.object({ range }),
        response: { 200: overviewAnswer },
      },
    },
    async ({ query }) => ({
      figures: views.figures(),
      transforms: transformFigures(views.inForce.config.transforms, views.reports.known('processors')),
      series: views.samples.series(query.range, views.clockUs()),
      alerts: activeAlerts(views, alertsMax),
      silent: silent(views),
    }),
  );
  app.get(
    `${apiPath}/ledger`,
    {
      schema: {
        tags: ['intake'],
        summary: 'What became of every reading',
        response: { 200: ledgerAnswer, 503: apiError },
      },
    },
    async () => {
      const atUs = views.clockUs();
      const partitions = partitionLedgers(views.reports, atUs);
      const total = totalLedger(partitions, views.reports.known('processors'));
      if (total === null)
        throw new ApiFailure(503, 'NO_REPORT', 'The processors have not reported for 5 s, and they keep the ledger.');
      return { ...total, atUs, partitions };
    },
  );
}

/** The devices that fell silent last. */
function silent({ mirror, alerts }: Views) {
  const entries = [...mirror.entries()].filter((entry) => entry.stale);
  entries.sort((a, b) => b.state.lastSeenUs - a.state.lastSeenUs);
  const nowUs = mirror.nowUs ?? 0;
  return entries.slice(0, silentMax).map((entry) => entry.row(nowUs, alerts.worst(entry.state.key), false));
}
