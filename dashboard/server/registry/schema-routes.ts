import { RegistryFailure } from '../../../infra/schemas/registry-failure.ts';
import type { RegistryIndex } from '../../../infra/schemas/registry-index.ts';
import type { RegistryContext, RegistryRoutes } from './registry-app.ts';
import { isAsked, queryText, schemaView } from './requests.ts';

interface ById {
  Params: { id: string };
}

/** Schemas by their global ids. */
export function schemaRoutes(routes: RegistryRoutes, { registry }: RegistryContext): void {
  routes.get('/schemas/types', async () => ['JSON', 'PROTOBUF', 'AVRO']);
  routes.get('/contexts', async () => ['.']);
  routes.get('/schemas', async ({ query }) => {
    const index = await registry.store.index();
    const prefix = queryText(query, 'subjectPrefix') ?? '';
    const shown = Object.keys(index.subjects)
      .filter((subject) => subject.startsWith(prefix))
      .toSorted()
      .flatMap((subject) => {
        const versions = index.subjects[subject]!.versions.filter(
          ({ deleted }) => isAsked(query, 'deleted') || !deleted,
        );
        const taken = isAsked(query, 'latestOnly') ? versions.slice(-1) : versions;
        return taken.map(({ version }) => ({ subject, version }));
      });
    const found = await Promise.all(shown.map(({ subject, version }) => registry.version(subject, version, true)));
    return found.map((one) => ({ subject: one.subject, version: one.version, id: one.id, ...schemaView(one) }));
  });
  routes.get<ById>('/schemas/ids/:id', async ({ params, query }) => {
    const view = schemaView(await registry.byId(idOf(params.id)));
    if (!isAsked(query, 'fetchMaxId')) return view;
    return { ...view, maxId: (await registry.store.index()).lastId };
  });
  routes.get<ById>('/schemas/ids/:id/schema', async ({ params }, reply) => {
    const { text } = await registry.byId(idOf(params.id));
    return reply.serializer(String).send(text);
  });
  routes.get<ById>('/schemas/ids/:id/subjects', async ({ params, query }) => [
    ...new Set(places(await known(params.id), params.id, isAsked(query, 'deleted')).map(({ subject }) => subject)),
  ]);
  routes.get<ById>('/schemas/ids/:id/versions', async ({ params, query }) =>
    places(await known(params.id), params.id, isAsked(query, 'deleted')),
  );

  async function known(id: string): Promise<RegistryIndex> {
    await registry.byId(idOf(id));
    return registry.store.index();
  }
}

function places({ subjects }: RegistryIndex, id: string, withDeleted: boolean) {
  return Object.entries(subjects).flatMap(([subject, { versions }]) =>
    versions
      .filter((one) => one.id === Number(id) && (withDeleted || !one.deleted))
      .map(({ version }) => ({ subject, version })),
  );
}

function idOf(text: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw new RegistryFailure('SCHEMA_NOT_FOUND', `Schema ${text.slice(0, 40)} not found`);
}
