import type { QuarantineFilter, QuarantineItem } from '../../../events/api-intake.ts';

/** Whether an item is meant. */
export function isMeant(filter: QuarantineFilter, item: QuarantineItem): boolean {
  const { reason, key, topic, from, to, open } = filter;
  return (
    (reason === undefined || item.reason === reason) &&
    (key === undefined || item.key === key) &&
    (topic === undefined || beginsWith(item.topic, topic)) &&
    (from === undefined || item.receivedAtUs >= from) &&
    (to === undefined || item.receivedAtUs < to) &&
    (open !== true || item.outcome === null)
  );
}

function beginsWith(topic: string, levels: string): boolean {
  const whole = levels.endsWith('/') ? levels.slice(0, -1) : levels;
  return topic === whole || topic.startsWith(`${whole}/`);
}
