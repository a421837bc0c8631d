import { type Entry, entries, entry } from './check-entries.ts';
import { suggestion } from './nearest-name.ts';
import { expandProfile, profile } from './topic-profiles.ts';
import { defaultTopics } from './topic-schema.ts';

/** Stands among tags where payloads may bring any. */
const anyTag = '*';

/** Tags that topics and payloads bring (and device). */
export function placeholdersOf(raw: Entry): string[] {
  const found = topicsOf(raw).flatMap(([, topic]) => {
    const { template, format, tags } = topic;
    const argument = format === 'line-protocol' ? 'precision' : 'field';
    const placeholders = typeof template === 'string' ? [...template.matchAll(/\{(\w+)(?:\.\.\.)?\}/g)] : [];
    return [
      ...placeholders.map((match) => match[1]!).filter((name) => name !== argument),
      ...(Array.isArray(tags) ? texts(tags) : Object.keys(entry(tags))),
      ...(typeof format === 'string' && bringsAnyTag.has(format) ? [anyTag] : []),
    ];
  });
  return [...new Set(found)];
}

/** Formats whose payloads name their tags themselves. */
const bringsAnyTag: ReadonlySet<string> = new Set(['line-protocol']);

/** The topics as written, each with its place; what a profile stands for has the profile's. */
export function topicsOf(raw: Entry): [number, Entry][] {
  return entries(raw['topics'] ?? defaultTopics).flatMap(([i, one]): [number, Entry][] => {
    if (one['profile'] === undefined) return [[i, one]];
    const parsed = profile.safeParse(one);
    return parsed.success ? expandProfile(parsed.data).map((topic) => [i, entry(topic)]) : [];
  });
}

/** Tags that readings have after all transforms: placeholders, `device`, and what tables bring. */
export function tagNames(raw: Entry): string[] {
  return [...placeholdersOf(raw), ...entries(raw['transforms']).flatMap(([, { tags }]) => texts(tags))];
}

/** Names under `fields:`. */
export function declaredFields(raw: Entry): string[] {
  return entries(raw['fields']).flatMap(([, { name }]) => (typeof name === 'string' ? [name] : []));
}

/** Fields that readings have after all transforms, as far as is declared; null when nothing is: then any may be. */
export function knownFields(raw: Entry): readonly string[] | null {
  const declared = declaredFields(raw);
  if (declared.length === 0) return null;
  const made = entries(raw['transforms']).flatMap(([, { set, fields }]) => [...texts([set]), ...texts(fields)]);
  return [...declared, ...made];
}

/** What is wrong with a field that no reading has; null when some have it, or nothing is known of fields. */
export function fieldProblem(field: unknown, known: readonly string[] | null): string | null {
  if (known === null || typeof field !== 'string' || field === '' || known.includes(field)) return null;
  return `names an unknown field: "${field}"${suggestion(field, known)}; fields are declared under "fields:"`;
}

/** What is wrong with a tag that no reading has; null when some have it. */
export function tagProblem(tag: string, known: readonly string[]): string | null {
  if (known.includes(tag) || known.includes(anyTag)) return null;
  return `no topic has {${tag}}${suggestion(tag, known) || `; known: ${known.join(', ')}`}`;
}

/** The texts of a list as it is written. */
export function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

/** Characters of a field or tag name, as decoding bounds them. */
const nameCharsMax = 256;

/** What is wrong with a name that becomes a field or a tag of readings; null when nothing is. */
export function nameProblem(name: string): string | null {
  if (name === '') return 'is empty';
  if (name.length > nameCharsMax) return `has more than ${nameCharsMax} characters`;
  if (['__proto__', 'constructor', 'prototype'].includes(name)) return 'is a reserved name';
  // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
  return /[\u0000-\u001f\u007f-\u009f\ufffd]/.test(name) ? 'holds control characters' : null;
}
