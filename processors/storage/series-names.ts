import { compileTemplate, keyText } from '../../events/topics.ts';
import type { TopicTemplate } from '../../events/topics.ts';
import type { LineNames } from './line-protocol.ts';

/**
 * A series is told apart by device and tags, a device by its key. The two agree unless two topics name the same
 * placeholders in another order (`a/{site}/{device}` and `b/{device}/{site}`): then `x/y` and `y/x` can carry equal
 * tags. Where that can happen, the key of the later topic's devices becomes a tag of its own, and no series is shared.
 *
 * @param enriched tags that transforms add; none is called like a placeholder
 */
export function seriesNames(topics: readonly TopicTemplate[], enriched: readonly string[] = []): LineNames {
  const tags = new Set<string>();
  const orders = new Map<string, readonly string[]>();
  const ambiguous = new Set<string>();
  for (const topic of topics) {
    const names = compileTemplate(topic)
      .levels.map((level) => level.name)
      .filter((name) => name !== '' && name !== 'field');
    for (const name of names) if (name !== 'device') tags.add(name);
    const set = names.toSorted().join();
    const first = orders.get(set);
    if (first === undefined) orders.set(set, names);
    else if (first.join() !== names.join()) ambiguous.add(set);
  }
  const brought = new Set(enriched);
  for (const name of enriched) tags.add(name);
  return {
    tags,
    series: new WeakMap(),
    keyTag({ key, device, tags: own }) {
      if (ambiguous.size === 0) return null;
      const placeholders = Object.keys(own).filter((name) => !brought.has(name));
      const set = ['device', ...placeholders].toSorted().join();
      if (!ambiguous.has(set)) return null;
      const values = orders.get(set)!.map((name) => (name === 'device' ? device : own[name]!));
      return keyText(values) === key ? null : key;
    },
  };
}
