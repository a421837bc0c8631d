import type { Fate } from './readings.ts';

/** The device, or its tags as `name=value` joined by `,`; `fleet` without any. Null: the reading lacks one of the tags. */
export function groupKey(by: readonly string[], { key, tags }: Pick<Fate, 'key' | 'tags'>): string | null {
  if (by.includes('device')) return key;
  if (by.some((name) => tags[name] === undefined)) return null;
  const parts = by.map((name) => [name, tags[name]!].map(encodeURIComponent).join('='));
  return parts.join(',') || 'fleet';
}

/** The tags that a group's devices have in common, by which it is one. */
export function groupTags(by: readonly string[], { tags }: Pick<Fate, 'tags'>): Record<string, string> {
  return Object.fromEntries(by.map((name) => [name, tags[name]!]));
}
