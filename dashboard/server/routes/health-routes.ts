import { readiness as readinessSchema } from '../schemas/parts.ts';
import type { App } from '../http/app.ts';
import { prometheusContentType, prometheusText } from '../figures/metrics.ts';
import type { Views } from '../views.ts';

/** For those who watch over the process: alive, ready, metrics of the whole pipeline. */
export function healthRoutes(app: App, views: Views): void {
  app.get('/healthz', { schema: { hide: true } }, async (_, reply) => reply.send('ok'));
  app.get(
    '/readyz',
    { schema: { tags: ['pipeline'], summary: 'Ready', response: { 200: readinessSchema, 503: readinessSchema } } },
    async (_, reply) => {
      const readiness = views.readiness();
      return reply.code(readiness.ready ? 200 : 503).send(readiness);
    },
  );
  app.get('/metrics', { schema: { hide: true } }, async (_, reply) => {
    const text = await prometheusText(views.reports.metrics(views.clockUs()), views.figures());
    return reply.type(prometheusContentType).send(text);
  });
  app.get('/api/openapi.json', { schema: { hide: true } }, async () => app.swagger());
}
