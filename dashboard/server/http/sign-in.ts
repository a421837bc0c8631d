import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { apiPath } from '../../../events/api.ts';
import { type PasswordAccess, type Refusal, sessionCookie } from '../access/password-access.ts';
import { sessionMs } from '../access/sessions.ts';
import { apiError } from '../schemas/parts.ts';
import { ApiFailure } from './api-failure.ts';
import type { App } from './app.ts';

/** What nobody has to sign in for: the sign-in page and its files, and whether the pipeline is alive and ready. */
const openPaths = ['/sign-in', `${apiPath}/session`, '/healthz', '/readyz', '/theme.js', '/icon.svg'];
const openFolder = '/assets/';

const tags = ['pipeline'];
const passwordMax = 1_024;
const passwordNeeded =
  'That needs the password of the dashboard: send it with Authorization: Basic (any user) or Bearer, or sign in. ' +
  'Commands of millrace take it from MILLRACE_PASSWORD.';

/** Asks for the password before everything that tells or changes something. To be called before routes are added. */
export function requireSignIn(app: App, access: PasswordAccess): void {
  app.addHook('onRequest', async (request, reply) => {
    // Answered already: by the guard, which comes before.
    if (reply.sent) return;
    const path = request.url.split('?')[0]!;
    if (openPaths.includes(path) || path.startsWith(openFolder)) return;
    const { cookie, authorization } = request.headers;
    const judgement = await access.judge({ cookie, authorization, address: request.ip });
    if (judgement.kind === 'allowed') return;
    if (isNavigation(request, path)) return reply.redirect(`/sign-in?to=${encodeURIComponent(request.url)}`, 303);
    return refuse(judgement, reply);
  });

  app.post(
    `${apiPath}/session`,
    {
      schema: {
        tags,
        summary: 'Sign in: the password for a session cookie',
        body: z.object({ password: z.string().max(passwordMax) }),
        response: { 204: z.null().describe('Signed in.'), 401: apiError, 429: apiError, 503: apiError },
      },
    },
    async (request, reply) => {
      const session = await access.signIn(request.body.password, request.ip);
      if (typeof session !== 'string') return refuse(session, reply);
      return reply
        .header('set-cookie', cookieText(request, session, sessionMs / 1000))
        .code(204)
        .send(null);
    },
  );
  app.delete(
    `${apiPath}/session`,
    { schema: { tags, summary: 'Sign out', response: { 204: z.null().describe('Signed out.') } } },
    async (request, reply) => {
      access.signOut(request.headers.cookie);
      return reply
        .header('set-cookie', cookieText(request, '', 0))
        .code(204)
        .send(null);
    },
  );
}

/** A person who opens an address; programs and the page's own requests get a status. */
function isNavigation({ method, headers }: FastifyRequest, path: string): boolean {
  return ['GET', 'HEAD'].includes(method) && !path.startsWith('/api/') && (headers.accept ?? '').includes('text/html');
}

function refuse({ status, retryAfterS }: Refusal, reply: FastifyReply): never {
  if (retryAfterS !== undefined) reply.header('retry-after', String(retryAfterS));
  // Not Basic, which is taken too: a browser would open a window for it, in the middle of the page.
  if (status === 401) reply.header('www-authenticate', 'Bearer realm="Millrace"');
  if (status === 401) throw new ApiFailure(401, 'PASSWORD_NEEDED', passwordNeeded);
  const wait = `Try again in ${retryAfterS} s.`;
  if (status === 429)
    throw new ApiFailure(429, 'TOO_MANY_ATTEMPTS', `Too many wrong passwords from this address. ${wait}`);
  throw new ApiFailure(503, 'BUSY', `Too many passwords are being checked. ${wait}`);
}

function cookieText({ protocol }: FastifyRequest, value: string, lifeS: number): string {
  const secure = protocol === 'https' ? '; Secure' : '';
  return `${sessionCookie}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${lifeS}${secure}`;
}
