import type { CompatibilityLevel } from './compatibility.ts';
import { RegistryFailure } from './registry-failure.ts';
import type { SchemaReference, SchemaType } from './schema-text.ts';

/** What the registry knows, without the texts: one value, so that a change of it is one compare-and-set. */
export interface RegistryIndex {
  /** Null: the default. */
  readonly level: CompatibilityLevel | null;
  readonly subjects: Readonly<Record<string, SubjectEntry>>;
  /** By id, which counts up from 1 and is never given again. */
  readonly schemas: Readonly<Record<number, SchemaEntry>>;
  /** The greatest id given so far. */
  readonly lastId: number;
}

export interface SubjectEntry {
  readonly level?: CompatibilityLevel;
  /** In order of version. */
  readonly versions: readonly VersionEntry[];
  /** The greatest version given so far: one that was removed is not given again. */
  readonly lastVersion: number;
}

export interface VersionEntry {
  readonly version: number;
  readonly id: number;
  /** Removed, but not for good. */
  readonly deleted?: true;
}

export interface SchemaEntry {
  readonly type: SchemaType;
  /** Of text and references: the key under which they are stored. */
  readonly hash: string;
  readonly references?: readonly SchemaReference[];
}

export const emptyIndex: RegistryIndex = { level: null, subjects: {}, schemas: {}, lastId: 0 };

export const registryBounds = {
  subjectsMax: 500,
  versionsPerSubjectMax: 200,
  schemasMax: 1_000,
  /** Of one schema's text, UTF-8. */
  schemaBytesMax: 64 * 1024,
  referencesMax: 32,
  /** Of a subject's name. */
  subjectCharsMax: 255,
} as const;

/** A version as it is asked for: a number, `latest`, or -1, which means the same. */
export type AskedVersion = number | 'latest';

/** @throws RegistryFailure INVALID_VERSION */
export function parseVersion(text: string): AskedVersion {
  if (text === 'latest' || text === '-1') return 'latest';
  const version = Number(text);
  if (/^\d+$/.test(text) && version >= 1 && version < 2 ** 31) return version;
  throw new RegistryFailure(
    'INVALID_VERSION',
    `The specified version '${text}' is not a valid version id. Allowed values are between [1, 2^31-1] and the string "latest"`,
  );
}

export function subjectOf(index: RegistryIndex, subject: string): SubjectEntry | null {
  return Object.hasOwn(index.subjects, subject) ? index.subjects[subject]! : null;
}

/** The versions of a subject that count: all, or those not removed. @throws RegistryFailure SUBJECT_NOT_FOUND */
export function versionsOf(index: RegistryIndex, subject: string, withDeleted = false): readonly VersionEntry[] {
  const all = subjectOf(index, subject)?.versions ?? [];
  const found = withDeleted ? all : all.filter(({ deleted }) => !deleted);
  if (found.length === 0) throw new RegistryFailure('SUBJECT_NOT_FOUND', `Subject '${subject}' not found.`);
  return found;
}

/** @throws RegistryFailure SUBJECT_NOT_FOUND, VERSION_NOT_FOUND */
export function findVersion(
  index: RegistryIndex,
  subject: string,
  asked: AskedVersion,
  withDeleted = false,
): VersionEntry {
  const found = versionsOf(index, subject, withDeleted);
  const entry = asked === 'latest' ? found.at(-1) : found.find(({ version }) => version === asked);
  if (entry === undefined) throw new RegistryFailure('VERSION_NOT_FOUND', `Version ${asked} not found.`);
  return entry;
}

/** The id under which exactly this schema is known; null when it is not. */
export function idOf(index: RegistryIndex, type: SchemaType, hash: string): number | null {
  for (const [id, entry] of Object.entries(index.schemas))
    if (entry.type === type && entry.hash === hash) return Number(id);
  return null;
}

/** Which level a subject's schemas are judged by. */
export function levelOf(index: RegistryIndex, subject: string): CompatibilityLevel | null {
  return subjectOf(index, subject)?.level ?? index.level;
}

/** Adds a schema as the subject's next version, under the id that it has already or the next one. */
export function withVersion(
  index: RegistryIndex,
  subject: string,
  schema: SchemaEntry,
): { readonly index: RegistryIndex; readonly id: number; readonly version: number } {
  const { subjectsMax, versionsPerSubjectMax, schemasMax } = registryBounds;
  const entry = subjectOf(index, subject) ?? { versions: [], lastVersion: 0 };
  const refuse = (what: string) => {
    throw new RegistryFailure('OPERATION_NOT_PERMITTED', `${what}: delete some for good first.`);
  };
  const used = Object.values(index.subjects).filter(({ versions }) => versions.length > 0).length;
  if (entry.versions.length === 0 && used >= subjectsMax)
    refuse(`There are ${subjectsMax} subjects, which is the limit`);
  if (entry.versions.length >= versionsPerSubjectMax)
    refuse(`Subject '${subject}' has ${versionsPerSubjectMax} versions, which is the limit`);
  const known = idOf(index, schema.type, schema.hash);
  if (known === null && Object.keys(index.schemas).length >= schemasMax)
    refuse(`There are ${schemasMax} schemas, which is the limit`);
  const id = known ?? index.lastId + 1;
  const version = entry.lastVersion + 1;
  const versions = [...entry.versions, { version, id }];
  const schemas = known === null ? { ...index.schemas, [id]: schema } : index.schemas;
  const next = { ...index, schemas, lastId: Math.max(index.lastId, id) };
  return { index: withSubject(next, subject, { ...entry, versions, lastVersion: version }), id, version };
}

export function withSubject(index: RegistryIndex, subject: string, entry: SubjectEntry): RegistryIndex {
  return { ...index, subjects: { ...index.subjects, [subject]: entry } };
}
