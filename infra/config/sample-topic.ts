import type { Config } from './schema.ts';
import { takesPlainJson } from './topic-schema.ts';

/**
 * A topic of a device that is taken in: of the first template that takes a JSON object.
 * @param tags what fills other placeholders; `other` those that are not known
 */
export function sampleTopic(
  { topics }: Pick<Config, 'topics'>,
  device: string,
  tags: Readonly<Record<string, string>>,
  other = 'home',
): string {
  const usable = topics.filter(({ template }) => template.includes('{device}'));
  const { template } = usable.find(takesPlainJson) ?? usable[0] ?? topics[0]!;
  return template.replaceAll(/\{([a-z][a-z0-9_]*)(?:\.\.\.)?\}/gi, (_, word: string) => {
    if (word === 'device') return device;
    return word === 'field' ? 'temperature' : (tags[word] ?? other);
  });
}
