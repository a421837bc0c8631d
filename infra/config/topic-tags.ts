import { compileTemplate, templateTags } from '../../events/topics.ts';
import type { TopicConfig } from './topic-schema.ts';

/** Tags that a topic's payloads are told to bring. Those of line protocol are known only with each payload. */
export function payloadTags(topic: TopicConfig): readonly string[] {
  if (topic.format === 'json') return Object.keys(topic.tags ?? {});
  return topic.format === 'csv' ? (topic.tags ?? []) : [];
}

/** Names of the tags that readings of these topics have, from topics and payloads. */
export function topicTags(topics: readonly TopicConfig[]): Set<string> {
  return new Set(topics.flatMap((topic) => [...templateTags(compileTemplate(topic)), ...payloadTags(topic)]));
}
