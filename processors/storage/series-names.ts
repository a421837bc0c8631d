import { compileTemplate, keyText } from '../../events/topics.ts';
import { namesDevice, type TopicConfig } from '../../infra/config/topic-schema.ts';
import { payloadTags, topicTags } from '../../infra/config/topic-tags.ts';
import type { LineNames } from './line-protocol.ts';

/**
 * A series is told apart by device and tags, a device by its key. The two agree unless two topics make the key of
 * devices with the same names of tags in different ways: of the same placeholders in another order (`a/{site}/{device}`
 * and `b/{device}/{site}`: then `x/y` and `y/x` can carry equal tags), or with a tag, a device or several levels where
 * the other has a placeholder. Where that can happen, the key of the later topic's devices becomes a tag of its own, and
 * no series is shared.
 *
 * @param enriched tags that transforms add; none is called like a placeholder
 */
export function seriesNames(topics: readonly TopicConfig[], enriched: readonly string[] = []): LineNames {
  const orders = new Map<string, { readonly names: readonly string[]; readonly way: string }>();
  const ambiguous = new Set<string>();
  for (const topic of topics) {
    if (topic.format === 'drop') continue;
    const order = keyOrder(topic);
    const set = [...new Set([...order.names, ...payloadTags(topic)])].toSorted().join();
    const first = orders.get(set);
    if (first === undefined) orders.set(set, order);
    else if (first.way !== order.way) ambiguous.add(set);
  }
  const brought = new Set(enriched);
  const tags = topicTags(topics);
  for (const name of enriched) tags.add(name);
  return {
    tags,
    series: new WeakMap(),
    keyTag({ key, device, tags: own }) {
      if (ambiguous.size === 0) return null;
      const placeholders = Object.keys(own).filter((name) => !brought.has(name));
      const set = ['device', ...placeholders].toSorted().join();
      if (!ambiguous.has(set)) return null;
      const values = orders.get(set)!.names.map((name) => (name === 'device' ? device : own[name]!));
      return keyText(values) === key ? null : key;
    },
  };
}

/** What a topic's device keys are made of, in order, and how: the same way gives the same key for the same names. */
function keyOrder(topic: TopicConfig): { names: readonly string[]; way: string } {
  const { levels, manyAt } = compileTemplate(topic);
  const names = levels.filter(({ name, isArgument }) => name !== '' && !isArgument).map(({ name }) => name);
  const parts = levels.flatMap(({ name, isArgument }, at) =>
    name === '' || isArgument ? [] : [at === manyAt ? `${name}...` : name],
  );
  if (!namesDevice(topic)) return { names, way: parts.join() };
  if (names.includes('device')) return { names, way: `${parts.join()},+` };
  return { names: [...names, 'device'], way: [...parts, 'device'].join() };
}
