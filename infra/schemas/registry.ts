import {
  compatibilityProblems,
  defaultLevel,
  isOffered,
  schemaProblem,
  type CompatibilityLevel,
} from './compatibility.ts';
import { deleteSubject, deleteVersion } from './registry-deletion.ts';
import { RegistryFailure } from './registry-failure.ts';
import {
  findVersion,
  idOf,
  levelOf,
  registryBounds,
  subjectOf,
  versionsOf,
  withSubject,
  withVersion,
  type AskedVersion,
  type RegistryIndex,
} from './registry-index.ts';
import { hashOf, type SchemaStore } from './schema-store.ts';
import { comparableText, type ResolveReference, type SchemaText } from './schema-text.ts';

/** A schema with where it is registered. */
export interface Registered extends SchemaText {
  readonly subject: string;
  readonly version: number;
  readonly id: number;
}

/** The schema registry: what its REST interface and the command line do. Each call reads what is stored. */
export class Registry {
  readonly store: SchemaStore;

  constructor(store: SchemaStore) {
    this.store = store;
  }

  /**
   * Registers a schema under a subject; one that is there already keeps its id and version.
   * @throws RegistryFailure INVALID_SCHEMA, INCOMPATIBLE, INVALID_LEVEL, INVALID_SUBJECT, OPERATION_NOT_PERMITTED
   */
  async register(subject: string, given: SchemaText): Promise<{ readonly id: number; readonly version: number }> {
    refuseBadSubject(subject);
    const schema = checkedText(given);
    return this.store.change(async (index) => {
      const hash = hashOf(schema);
      const known = idOf(index, schema.type, hash);
      const live = (subjectOf(index, subject)?.versions ?? []).filter(({ deleted }) => !deleted);
      const same = live.find(({ id }) => id === known);
      if (same !== undefined) return { index, answer: same };
      await this.#refuseInvalid(index, schema);
      const level = levelOf(index, subject) ?? defaultLevel;
      const problems = await this.#judge(index, subject, schema, level);
      if (problems.length > 0)
        throw new RegistryFailure(
          'INCOMPATIBLE',
          `Schema being registered is incompatible with an earlier schema for subject "${subject}" (${level}): ${problems.join('; ')}`,
        );
      await this.store.put(schema);
      const { type, references } = schema;
      const added = withVersion(index, subject, { type, hash, ...(references.length > 0 && { references }) });
      return { index: added.index, answer: { id: added.id, version: added.version } };
    });
  }

  /** The subject's version that holds exactly this schema. @throws RegistryFailure SUBJECT_NOT_FOUND, SCHEMA_NOT_FOUND */
  async lookUp(subject: string, given: SchemaText, withDeleted: boolean): Promise<Registered> {
    const schema = checkedText(given);
    const index = await this.store.index();
    const versions = versionsOf(index, subject, withDeleted);
    const known = idOf(index, schema.type, hashOf(schema));
    const found = versions.findLast(({ id }) => id === known);
    if (found === undefined) throw new RegistryFailure('SCHEMA_NOT_FOUND', 'Schema not found');
    return { ...schema, subject, version: found.version, id: found.id };
  }

  /** @throws RegistryFailure SUBJECT_NOT_FOUND, VERSION_NOT_FOUND */
  async version(subject: string, asked: AskedVersion, withDeleted = false): Promise<Registered> {
    const index = await this.store.index();
    const { version, id } = findVersion(index, subject, asked, withDeleted);
    return { ...(await this.#textOf(index, id)), subject, version, id };
  }

  /** @throws RegistryFailure SCHEMA_NOT_FOUND */
  async byId(id: number): Promise<SchemaText> {
    const index = await this.store.index();
    if (!Object.hasOwn(index.schemas, id)) throw new RegistryFailure('SCHEMA_NOT_FOUND', `Schema ${id} not found`);
    return this.#textOf(index, id);
  }

  /**
   * What is wrong with a schema as the subject's next one: against one version, or, without it, against those that
   * its level asks for. @throws RegistryFailure INVALID_SCHEMA, INVALID_LEVEL, SUBJECT_NOT_FOUND, VERSION_NOT_FOUND
   */
  async check(subject: string, given: SchemaText, asked: AskedVersion | null): Promise<string[]> {
    const schema = checkedText(given);
    const index = await this.store.index();
    const one = asked === null ? null : findVersion(index, subject, asked).version;
    await this.#refuseInvalid(index, schema);
    return this.#judge(index, subject, schema, levelOf(index, subject) ?? defaultLevel, one);
  }

  /** Sets a subject's level, or, without a subject, that of all without one; null: takes it back. @returns the one before. */
  setLevel(subject: string | null, level: CompatibilityLevel | null): Promise<CompatibilityLevel | null> {
    if (subject !== null) refuseBadSubject(subject);
    return this.store.change(async (index) => {
      if (subject === null) return { index: { ...index, level }, answer: index.level };
      const { level: before, ...rest } = subjectOf(index, subject) ?? { versions: [], lastVersion: 0 };
      const next = withSubject(index, subject, level === null ? rest : { ...rest, level });
      if (Object.keys(next.subjects).length > 2 * registryBounds.subjectsMax)
        throw new RegistryFailure('OPERATION_NOT_PERMITTED', 'There are too many subjects.');
      return { index: next, answer: before ?? null };
    });
  }

  deleteSubject(subject: string, permanent: boolean): Promise<number[]> {
    return this.store.change(async (index) => deleteSubject(index, subject, permanent));
  }

  deleteVersion(subject: string, asked: AskedVersion, permanent: boolean): Promise<number> {
    return this.store.change(async (index) => deleteVersion(index, subject, asked, permanent));
  }

  async #textOf(index: RegistryIndex, id: number): Promise<SchemaText> {
    return this.store.text(index.schemas[id]!.hash);
  }

  async #refuseInvalid(index: RegistryIndex, schema: SchemaText): Promise<void> {
    const problem = schemaProblem(schema, await this.#resolver(index, [schema]));
    if (problem !== null)
      throw new RegistryFailure('INVALID_SCHEMA', `Invalid schema of type ${schema.type}: ${problem}`);
  }

  async #judge(
    index: RegistryIndex,
    subject: string,
    schema: SchemaText,
    level: CompatibilityLevel,
    only: number | null = null,
  ): Promise<string[]> {
    const versions = (subjectOf(index, subject)?.versions ?? []).filter(
      ({ deleted, version }) => !deleted && (only === null || version === only),
    );
    if (versions.length === 0 || level === 'NONE') return [];
    if (!isOffered(level, schema.type))
      throw new RegistryFailure(
        'INVALID_LEVEL',
        `Compatibility ${level} is not offered for JSON Schema, only NONE: set it with PUT /config/${subject} {"compatibility": "NONE"}.`,
      );
    const earlier = await Promise.all(
      versions.map(async ({ id, version }) => ({ ...(await this.#textOf(index, id)), version })),
    );
    return compatibilityProblems(level, schema, earlier, await this.#resolver(index, [schema, ...earlier]));
  }

  /** Finds what these schemas need, read beforehand. */
  async #resolver(index: RegistryIndex, schemas: readonly SchemaText[]): Promise<ResolveReference> {
    const found = new Map<string, SchemaText>();
    const key = (subject: string, version: number) => `${version}\0${subject}`;
    const wanted = schemas.flatMap(({ references }) => references);
    for (const { subject, version } of wanted) {
      const entry = subjectOf(index, subject)?.versions.find((one) => one.version === version);
      if (entry === undefined || found.has(key(subject, version))) continue;
      const schema = await this.#textOf(index, entry.id);
      found.set(key(subject, version), schema);
      wanted.push(...schema.references);
    }
    return ({ subject, version }) => found.get(key(subject, version)) ?? null;
  }
}

/** The schema as it is stored. @throws RegistryFailure INVALID_SCHEMA */
function checkedText({ type, text, references }: SchemaText): SchemaText {
  const bytes = Buffer.byteLength(text);
  const { schemaBytesMax, referencesMax } = registryBounds;
  if (bytes > schemaBytesMax)
    throw new RegistryFailure('INVALID_SCHEMA', `The schema has ${bytes} bytes, at most ${schemaBytesMax} are taken.`);
  if (references.length > referencesMax)
    throw new RegistryFailure(
      'INVALID_SCHEMA',
      `The schema has ${references.length} references, at most ${referencesMax} are taken.`,
    );
  if (text.trim() === '') throw new RegistryFailure('INVALID_SCHEMA', 'The schema is empty.');
  return { type, text: comparableText(type, text), references };
}

function refuseBadSubject(subject: string): void {
  const { subjectCharsMax } = registryBounds;
  // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
  const isBad = subject === '' || subject.length > subjectCharsMax || /[\u0000-\u001f\u007f]/.test(subject);
  if (isBad || ['__proto__', '__GLOBAL', '__EMPTY'].includes(subject))
    throw new RegistryFailure(
      'INVALID_SUBJECT',
      `The specified subject is not valid: 1 to ${subjectCharsMax} characters, no control characters.`,
    );
}
