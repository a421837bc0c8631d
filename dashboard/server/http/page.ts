import { existsSync } from 'node:fs';
import { join, sep } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { App } from './app.ts';

const notBuilt = { error: 'PAGE_NOT_BUILT', message: 'The page is not built: npm start and npm run demo build it.' };

const yearS = 365 * 86_400;

/** Serves the built page: files as they are, and `index.html` for every address that the page itself resolves. */
export async function servePage(app: App, webRoot: string, needsPassword: boolean): Promise<void> {
  const built = existsSync(join(webRoot, 'index.html'));
  if (built)
    await app.register(fastifyStatic, {
      root: webRoot,
      cacheControl: false,
      dotfiles: 'ignore',
      schemaHide: true,
      setHeaders(response, path) {
        // Files under assets/ carry a hash of their content in their name.
        const hashed = path.includes(`${sep}assets${sep}`);
        response.header('cache-control', hashed ? `public, max-age=${yearS}, immutable` : 'no-cache');
      },
    });
  app.get('/sign-in', { schema: { hide: true } }, async (_, reply) => {
    if (!needsPassword) return reply.redirect('/', 303);
    if (built) return reply.header('cache-control', 'no-cache').sendFile('sign-in.html');
    return reply.code(503).send(notBuilt);
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0]!;
    const isPage = ['GET', 'HEAD'].includes(request.method) && !path.startsWith('/api/') && !/\.[a-z0-9]+$/i.test(path);
    if (!isPage) return reply.code(404).send({ error: 'NOT_FOUND', message: `There is nothing at ${path}.` });
    if (built) return reply.sendFile('index.html');
    return reply.code(503).send(notBuilt);
  });
}
