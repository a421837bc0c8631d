import { referencedBy } from '../../../infra/schemas/registry-deletion.ts';
import { parseVersion, versionsOf } from '../../../infra/schemas/registry-index.ts';
import type { RegistryContext, RegistryRoutes } from './registry-app.ts';
import { isAsked, queryText, schemaOf, schemaView } from './requests.ts';

interface Subject {
  Params: { subject: string };
}
interface Version {
  Params: { subject: string; version: string };
}

/** Subjects and their versions. What changes them is answered when it is in force. */
export function subjectRoutes(routes: RegistryRoutes, { registry, inForce }: RegistryContext): void {
  routes.get('/subjects', async ({ query }) => {
    const { subjects } = await registry.store.index();
    const prefix = queryText(query, 'subjectPrefix') ?? '';
    const isShown = ({ deleted }: { deleted?: true }) =>
      isAsked(query, 'deletedOnly') ? deleted === true : isAsked(query, 'deleted') || !deleted;
    return Object.keys(subjects)
      .filter((name) => name.startsWith(prefix) && subjects[name]!.versions.some(isShown))
      .toSorted();
  });
  routes.post<Subject>('/subjects/:subject', async ({ params: { subject }, body, query }) => {
    const found = await registry.lookUp(subject, schemaOf(body), isAsked(query, 'deleted'));
    const { id, version } = found;
    return { subject, version, id, ...schemaView(found) };
  });
  routes.delete<Subject>('/subjects/:subject', async ({ params: { subject }, query }) => {
    const versions = await registry.deleteSubject(subject, isAsked(query, 'permanent'));
    await inForce();
    return versions;
  });
  routes.get<Subject>('/subjects/:subject/versions', async ({ params: { subject }, query }) =>
    versionsOf(await registry.store.index(), subject, isAsked(query, 'deleted')).map(({ version }) => version),
  );
  routes.post<Subject>('/subjects/:subject/versions', async ({ params: { subject }, body }) => {
    const { id } = await registry.register(subject, schemaOf(body));
    await inForce();
    return { id };
  });
  routes.get<Version>('/subjects/:subject/versions/:version', async ({ params: { subject, version }, query }) => {
    const found = await registry.version(subject, parseVersion(version), isAsked(query, 'deleted'));
    return { subject, version: found.version, id: found.id, ...schemaView(found) };
  });
  routes.get<Version>(
    '/subjects/:subject/versions/:version/schema',
    async ({ params: { subject, version } }, reply) => {
      const { text } = await registry.version(subject, parseVersion(version));
      return reply.serializer(String).send(text);
    },
  );
  routes.get<Version>('/subjects/:subject/versions/:version/referencedby', async ({ params: { subject, version } }) => {
    const found = await registry.version(subject, parseVersion(version));
    return referencedBy(await registry.store.index(), subject, found.version);
  });
  routes.delete<Version>('/subjects/:subject/versions/:version', async ({ params: { subject, version }, query }) => {
    const removed = await registry.deleteVersion(subject, parseVersion(version), isAsked(query, 'permanent'));
    await inForce();
    return removed;
  });
}
