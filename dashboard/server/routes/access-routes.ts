import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { apiPath } from '../../../events/api.ts';
import type { CredentialView } from '../../../events/api-access.ts';
import type { Credential } from '../../../events/credential.ts';
import {
  type Actor,
  type Change,
  type CredentialAdmin,
  credentialsMax,
} from '../../../infra/access/credential-admin.ts';
import type { CredentialBook } from '../../../infra/access/credential-book.ts';
import type { AuditPage } from '../../../infra/access/audit-trail.ts';
import { fingerprintOf } from '../../../infra/access/secrets.ts';
import { ApiFailure } from '../http/api-failure.ts';
import type { App } from '../http/app.ts';
import {
  auditAnswer,
  credentialCreated,
  credentialRequest,
  credentialsAnswer,
  rotateRequest,
} from '../schemas/access-answers.ts';
import { apiError } from '../schemas/parts.ts';

export interface AccessViews {
  readonly credentials: CredentialBook;
  readonly credentialAdmin: CredentialAdmin;
  audit(limit: number, before: number | null): Promise<AuditPage>;
}

/** Who may do what, and what was done and refused. */
export function accessRoutes(app: App, { credentials, credentialAdmin, audit }: AccessViews): void {
  const tags = ['access'];
  const params = z.object({ name: z.string().min(1).max(256) });
  const failures = { 400: apiError, 404: apiError, 409: apiError, 503: apiError };
  app.get(
    `${apiPath}/credentials`,
    {
      schema: {
        tags,
        summary: 'Credentials of devices by name, without their secrets',
        querystring: z.object({
          limit: z.coerce.number().int().min(1).max(1_000).default(100),
          after: z.string().optional(),
        }),
        response: { 200: credentialsAnswer },
      },
    },
    async ({ query: { limit, after = '' } }) => {
      await credentials.loaded;
      const all = credentials.list();
      const rest = all.filter(({ name }) => name > after);
      const items = rest.slice(0, limit).map(viewOf);
      return { total: all.length, items, next: rest.length > limit ? items.at(-1)!.name : null };
    },
  );
  app.post(
    `${apiPath}/credentials`,
    {
      schema: {
        tags,
        summary: 'Adds a credential; the only answer that shows its secret',
        body: credentialRequest,
        response: { 201: credentialCreated, ...failures },
      },
    },
    async (request, reply) => {
      await credentials.loaded;
      const change = await credentialAdmin.add(request.body, actorOf(request), credentials.list().length);
      return reply.code(201).send(createdOf(change, request.body.name));
    },
  );
  app.post(
    `${apiPath}/credentials/:name/rotate`,
    {
      schema: {
        tags,
        summary: 'Gives a new secret; the one before stays valid for overlapS seconds',
        params,
        body: rotateRequest.optional(),
        response: { 200: credentialCreated, ...failures },
      },
    },
    async (request) => {
      const { name } = request.params;
      const overlapUs = (request.body?.overlapS ?? 0) * 1e6;
      return createdOf(await credentialAdmin.rotate(name, overlapUs, actorOf(request)), name);
    },
  );
  app.delete(
    `${apiPath}/credentials/:name`,
    {
      schema: {
        tags,
        summary:
          'Revokes a credential, or with sha256:<fingerprint> a client certificate; who is connected with it is disconnected',
        params,
        querystring: z.object({
          ban: z.stringbool().default(false).describe('also a name without a credential: of certificates or tokens'),
        }),
        response: { 204: z.null(), ...failures },
      },
    },
    async (request, reply) => {
      const { name } = request.params;
      const fingerprint = name.startsWith('sha256:') ? fingerprintOf(name) : null;
      if (fingerprint !== null) await credentialAdmin.revokeCertificate(fingerprint, actorOf(request));
      else {
        const change = await credentialAdmin.revoke(name, actorOf(request));
        const isUnknown = change.kind === 'missing' && request.query.ban;
        createdOf(isUnknown ? await credentialAdmin.ban(name, actorOf(request)) : change, name);
      }
      return reply.code(204).send(null);
    },
  );
  app.get(
    `${apiPath}/audit`,
    {
      schema: {
        tags,
        summary: 'What was done to credentials, and what was refused, newest first',
        querystring: z.object({
          limit: z.coerce.number().int().min(1).max(500).default(100),
          before: z.coerce.number().int().min(1).optional(),
        }),
        response: { 200: auditAnswer, 503: apiError },
      },
    },
    async ({ query: { limit, before } }) => audit(limit, before ?? null),
  );
}

function actorOf(request: FastifyRequest): Actor {
  return { by: 'api', address: request.ip };
}

function viewOf({ secrets, ...rest }: Credential): CredentialView {
  return { ...rest, secrets: secrets.map(({ fromUs, untilUs }) => ({ fromUs, untilUs })) };
}

/** @throws ApiFailure for what is not done */
function createdOf(change: Change, name: string): CredentialView & { readonly secret: string | null } {
  switch (change.kind) {
    case 'done':
      return { ...viewOf(change.credential), secret: change.secret };
    case 'exists':
      throw new ApiFailure(409, 'EXISTS', `There is a credential "${name}" already. Rotate it, or revoke it first.`);
    case 'missing':
      throw new ApiFailure(404, 'NOT_FOUND', `There is no valid credential "${name}".`);
    case 'too-many':
      throw new ApiFailure(409, 'TOO_MANY', `There are ${credentialsMax} credentials, which is the limit.`);
    case 'busy':
      throw new ApiFailure(409, 'BUSY', `Somebody else changes "${name}" at this moment. Try again.`);
    case 'refused':
      throw new ApiFailure(400, 'BAD_CREDENTIAL', change.reason);
  }
}
