import swagger from '@fastify/swagger';
import fastify from 'fastify';
import { jsonSchemaTransform, serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Server as TlsServer } from 'node:tls';
import type { Log } from '../../../infra/log.ts';
import type { TlsFiles } from '../../../infra/tls/tls-files.ts';
import { errorAnswer } from './error-answers.ts';
import type { Guard } from './guard.ts';

const bodyBytesMax = 16 * 1024;
/** Device keys are percent-encoded topic levels. */
const pathSegmentMax = 4_096;
const requestTimeoutMs = 30_000;

const securityHeaders = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; connect-src 'self'; " +
    "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const;

export type App = Awaited<ReturnType<typeof createApp>>;

/** The HTTP server without its routes: who is answered, how errors look, what is checked. `tls` null: without TLS. */
export async function createApp(guard: Guard, log: Log, version: string, tls: TlsFiles | null) {
  const app = fastify({
    bodyLimit: bodyBytesMax,
    requestTimeout: requestTimeoutMs,
    routerOptions: { maxParamLength: pathSegmentMax },
    forceCloseConnections: true,
    // One type for both: what is done with the server is the same.
    ...(tls === null ? {} : { https: tls.material.options }),
  }).withTypeProvider<ZodTypeProvider>();
  tls?.onRenewed(({ options }) => (app.server as unknown as TlsServer).setSecureContext(options));
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);

  app.addHook('onRequest', async (request, reply) => {
    reply.headers(securityHeaders);
    const { host, origin } = request.headers;
    const verdict = guard.judge({ host, origin, needsOrigin: !['GET', 'HEAD'].includes(request.method) });
    if (verdict.kind === 'refused')
      return reply.code(verdict.status).send({ error: verdict.error, message: verdict.message });
  });
  app.setErrorHandler((error, request, reply) => {
    const { status, body, unexpected } = errorAnswer(error);
    if (unexpected) log.error({ err: error, method: request.method, url: request.url }, 'a request failed');
    return reply.code(status).type('application/json').send(JSON.stringify(body));
  });

  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Millrace', version, description: 'Readings, alerts, webhooks and the state of the pipeline.' },
      tags: [
        { name: 'pipeline', description: 'How the way of a reading is doing.' },
        { name: 'devices', description: 'What sensors measured.' },
        { name: 'alerts', description: 'What rules judged, and who was told.' },
        { name: 'intake', description: 'What was set aside, and where everything went.' },
        { name: 'access', description: 'Who may do what, and what was refused.' },
      ],
    },
    transform: jsonSchemaTransform,
  });
  return app;
}
