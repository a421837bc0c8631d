import { compileTemplate, partitionOf, routeKey, type TopicTemplate } from '../events/topics.ts';

/** Topics whose partition is remembered: matching templates costs more than the rest of a publish. */
const topicsRememberedMax = 50_000;

/** Gives each topic's partition: the hash of its route key, so that all topics of a device share one. */
export function createPartitioner(templates: readonly TopicTemplate[], partitions: number): (topic: string) => number {
  const compiled = templates.map(compileTemplate);
  const remembered = new Map<string, number>();
  return (topic) => {
    const known = remembered.get(topic);
    if (known !== undefined) return known;
    if (remembered.size >= topicsRememberedMax) remembered.clear();
    const partition = partitionOf(routeKey(compiled, topic), partitions);
    remembered.set(topic, partition);
    return partition;
  };
}
