import { RegistryFailure } from './registry-failure.ts';
import {
  findVersion,
  subjectOf,
  versionsOf,
  withSubject,
  type AskedVersion,
  type RegistryIndex,
  type VersionEntry,
} from './registry-index.ts';

/** Deletions, each in two steps as the API has it: a version is removed first (its id is still served), then for good. */

export interface Deletion<Answer> {
  readonly index: RegistryIndex;
  readonly answer: Answer;
}

/** Removes all versions of a subject, or those that were removed before for good. The answer: which. */
export function deleteSubject(index: RegistryIndex, subject: string, permanent: boolean): Deletion<number[]> {
  const all = versionsOf(index, subject, true);
  const live = all.filter(({ deleted }) => !deleted);
  if (permanent && live.length > 0)
    throw new RegistryFailure(
      'SUBJECT_NOT_SOFT_DELETED',
      `Subject '${subject}' was not deleted first before being permanently deleted`,
    );
  if (!permanent && live.length === 0)
    throw new RegistryFailure(
      'SUBJECT_SOFT_DELETED',
      `Subject '${subject}' was soft deleted. Set permanent=true to delete permanently`,
    );
  const going = permanent ? all : live;
  for (const { version } of going) refuseReferenced(index, subject, version);
  const answer = going.map(({ version }) => version);
  if (!permanent) return { index: marked(index, subject, new Set(answer)), answer };
  const subjects = Object.fromEntries(Object.entries(index.subjects).filter(([name]) => name !== subject));
  return { index: withoutUnused({ ...index, subjects }), answer };
}

/** Removes one version. The answer: its number. */
export function deleteVersion(
  index: RegistryIndex,
  subject: string,
  asked: AskedVersion,
  permanent: boolean,
): Deletion<number> {
  const entry = findVersion(index, subject, asked, asked !== 'latest' || permanent);
  const { version } = entry;
  if (permanent && !entry.deleted)
    throw new RegistryFailure(
      'VERSION_NOT_SOFT_DELETED',
      `Subject '${subject}' Version ${version} was not deleted first before being permanently deleted`,
    );
  if (!permanent && entry.deleted)
    throw new RegistryFailure(
      'VERSION_SOFT_DELETED',
      `Subject '${subject}' Version ${version} was soft deleted. Set permanent=true to delete permanently`,
    );
  refuseReferenced(index, subject, version);
  if (!permanent) return { index: marked(index, subject, new Set([version])), answer: version };
  const one = subjectOf(index, subject)!;
  const versions = one.versions.filter((other) => other.version !== version);
  return { index: withoutUnused(withSubject(index, subject, { ...one, versions })), answer: version };
}

/** Ids of the schemas that need this version. */
export function referencedBy(index: RegistryIndex, subject: string, version: number): number[] {
  return Object.entries(index.schemas)
    .filter(([, { references }]) => references?.some((one) => one.subject === subject && one.version === version))
    .map(([id]) => Number(id));
}

function refuseReferenced(index: RegistryIndex, subject: string, version: number): void {
  const users = new Set(referencedBy(index, subject, version));
  const isUsed = Object.values(index.subjects).some(({ versions }) =>
    versions.some(({ id, deleted }) => !deleted && users.has(id)),
  );
  if (isUsed)
    throw new RegistryFailure(
      'REFERENCE_EXISTS',
      `One or more references exist to the schema {subject=${subject},version=${version}}.`,
    );
}

function marked(index: RegistryIndex, subject: string, going: ReadonlySet<number>): RegistryIndex {
  const entry = subjectOf(index, subject)!;
  const versions = entry.versions.map((one): VersionEntry =>
    going.has(one.version) ? { ...one, deleted: true } : one,
  );
  return withSubject(index, subject, { ...entry, versions });
}

/** Without the schemas that no subject names any more. Their texts stay: what the log holds may have to be read again. */
function withoutUnused(index: RegistryIndex): RegistryIndex {
  const used = new Set(Object.values(index.subjects).flatMap(({ versions }) => versions.map(({ id }) => id)));
  const schemas = Object.fromEntries(Object.entries(index.schemas).filter(([id]) => used.has(Number(id))));
  return { ...index, schemas };
}
