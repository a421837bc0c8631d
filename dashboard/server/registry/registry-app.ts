import type { FastifyInstance } from 'fastify';
import { MillraceError } from '../../../infra/errors.ts';
import type { Log } from '../../../infra/log.ts';
import { registryErrors, RegistryFailure } from '../../../infra/schemas/registry-failure.ts';
import { registryBounds } from '../../../infra/schemas/registry-index.ts';
import type { Registry } from '../../../infra/schemas/registry.ts';
import type { App } from '../http/app.ts';
import { compatibilityRoutes } from './compatibility-routes.ts';
import { schemaRoutes } from './schema-routes.ts';
import { subjectRoutes } from './subject-routes.ts';

/** Base URL of the Confluent Schema Registry API (https://docs.confluent.io/platform/current/schema-registry/develop/api.html). */
const registryPath = '/schema-registry';

const contentType = 'application/vnd.schemaregistry.v1+json';
/** A schema is a string within JSON, where each of its characters may take six bytes. */
const bodyBytesMax = 6 * registryBounds.schemaBytesMax + 16 * 1024;

export interface RegistryContext {
  readonly registry: Registry;
  /**
   * Resolves when what is registered now is in force: then a device may use it. @throws LOG_UNAVAILABLE when nobody says so
   */
  readonly inForce: () => Promise<void>;
  readonly log: Log;
}

export type RegistryRoutes = Pick<FastifyInstance, 'get' | 'post' | 'put' | 'delete'>;

/** Serves the schema registry to the clients that there are for it. Errors are `{error_code, message}`, as they expect. */
export async function serveRegistry(app: App, context: RegistryContext): Promise<void> {
  await app.register(
    async (plain) => {
      const routes = plain as unknown as FastifyInstance;
      routes.addContentTypeParser(
        ['application/vnd.schemaregistry.v1+json', 'application/vnd.schemaregistry+json', 'application/octet-stream'],
        { parseAs: 'string', bodyLimit: bodyBytesMax },
        routes.getDefaultJsonParser('error', 'error'),
      );
      routes.addHook('onSend', async (_, reply) => void reply.header('content-type', contentType));
      routes.addHook('onRoute', (route) => {
        route.bodyLimit = bodyBytesMax;
        route.schema = { hide: true };
      });
      routes.setErrorHandler((error, request, reply) => {
        const { status, code, message } = failureOf(error);
        if (code === registryErrors.STORE_FAILED)
          context.log.error({ err: error, method: request.method, url: request.url }, 'a registry request failed');
        return reply.code(status).send({ error_code: code, message });
      });
      // Before the page's own wildcard, which would answer with the page.
      routes.all('/*', async (_, reply) => reply.code(404).send({ error_code: 404, message: 'HTTP 404 Not Found' }));
      routes.get('/', async () => ({}));
      subjectRoutes(routes, context);
      schemaRoutes(routes, context);
      compatibilityRoutes(routes, context);
    },
    { prefix: registryPath },
  );
}

function failureOf(error: unknown): { readonly status: number; readonly code: number; readonly message: string } {
  if (error instanceof RegistryFailure)
    return { status: statusOf(error.code), code: error.code, message: error.message };
  if (error instanceof MillraceError && error.code === 'LOG_UNAVAILABLE')
    return { status: 500, code: registryErrors.TIMED_OUT, message: error.message };
  const { statusCode, message } = error as { statusCode?: number; message: string };
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return { status: statusCode, code: statusCode, message };
  return {
    status: 500,
    code: registryErrors.STORE_FAILED,
    message: "The registry failed; the dashboard's log says why.",
  };
}

/** 40401 is a 404, 409 is one itself. */
function statusOf(code: number): number {
  return code < 1_000 ? code : Math.floor(code / 100);
}
