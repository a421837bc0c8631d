import { compatibilityLevels, defaultLevel, type CompatibilityLevel } from '../../../infra/schemas/compatibility.ts';
import { RegistryFailure } from '../../../infra/schemas/registry-failure.ts';
import { parseVersion, subjectOf } from '../../../infra/schemas/registry-index.ts';
import type { RegistryContext, RegistryRoutes } from './registry-app.ts';
import { isAsked, schemaOf } from './requests.ts';

interface Subject {
  Params: { subject: string };
}
interface Version {
  Params: { subject: string; version: string };
}

/** Compatibility checks, the levels that they go by, and the mode, which is always READWRITE. */
export function compatibilityRoutes(routes: RegistryRoutes, { registry }: RegistryContext): void {
  const verdict = (problems: readonly string[], query: unknown) => ({
    is_compatible: problems.length === 0,
    ...(isAsked(query, 'verbose') && { messages: problems }),
  });
  routes.post<Version>('/compatibility/subjects/:subject/versions/:version', async ({ params, body, query }) =>
    verdict(await registry.check(params.subject, schemaOf(body), parseVersion(params.version)), query),
  );
  routes.post<Subject>('/compatibility/subjects/:subject/versions', async ({ params, body, query }) =>
    verdict(await registry.check(params.subject, schemaOf(body), null), query),
  );

  const global = async () => (await registry.store.index()).level ?? defaultLevel;
  routes.get('/config', async () => ({ compatibilityLevel: await global() }));
  routes.put('/config', async ({ body }) => {
    const compatibility = levelIn(body);
    await registry.setLevel(null, compatibility);
    return { compatibility };
  });
  routes.delete('/config', async () => ({ compatibilityLevel: (await registry.setLevel(null, null)) ?? defaultLevel }));
  routes.get<Subject>('/config/:subject', async ({ params: { subject }, query }) => {
    const level = subjectOf(await registry.store.index(), subject)?.level;
    if (level !== undefined) return { compatibilityLevel: level };
    if (isAsked(query, 'defaultToGlobal')) return { compatibilityLevel: await global() };
    throw notSet(subject);
  });
  routes.put<Subject>('/config/:subject', async ({ params: { subject }, body }) => {
    const compatibility = levelIn(body);
    await registry.setLevel(subject, compatibility);
    return { compatibility };
  });
  routes.delete<Subject>('/config/:subject', async ({ params: { subject } }) => {
    if (subjectOf(await registry.store.index(), subject)?.level === undefined) throw notSet(subject);
    return { compatibilityLevel: await registry.setLevel(subject, null) };
  });

  routes.get('/mode', async () => ({ mode: 'READWRITE' }));
  routes.get<Subject>('/mode/:subject', async ({ params: { subject }, query }) => {
    if (isAsked(query, 'defaultToGlobal')) return { mode: 'READWRITE' };
    throw new RegistryFailure(
      'SUBJECT_MODE_NOT_SET',
      `Subject '${subject}' does not have subject-level mode configured`,
    );
  });
  for (const path of ['/mode', '/mode/:subject'])
    routes.put(path, async ({ body }) => {
      if ((body as { mode?: unknown } | null)?.mode === 'READWRITE') return { mode: 'READWRITE' };
      throw new RegistryFailure('OPERATION_NOT_PERMITTED', 'Only mode READWRITE is offered.');
    });
}

function levelIn(body: unknown): CompatibilityLevel {
  const asked = (body as { compatibility?: unknown } | null)?.compatibility;
  const level = compatibilityLevels.find((one) => one === (typeof asked === 'string' ? asked.toUpperCase() : asked));
  if (level !== undefined) return level;
  throw new RegistryFailure(
    'INVALID_LEVEL',
    `Invalid compatibility level. Valid values are ${compatibilityLevels.join(', ')}`,
  );
}

function notSet(subject: string): RegistryFailure {
  return new RegistryFailure(
    'SUBJECT_LEVEL_NOT_SET',
    `Subject '${subject}' does not have subject-level compatibility configured`,
  );
}
