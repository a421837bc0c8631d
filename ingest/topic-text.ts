/** Why a topic cannot be published to, null when it can. */
export function topicProblem(topic: string): 'bad-topic' | 'wildcard-topic' | 'reserved-topic' | null {
  if (topic === '' || !isText(topic)) return 'bad-topic';
  if (topic.includes('+') || topic.includes('#')) return 'wildcard-topic';
  if (topic.startsWith('$SYS/') || topic === '$SYS') return 'reserved-topic';
  return null;
}

/**
 * MQTT text holds no NUL and is valid UTF-8 (1.5.3). The parser has put U+FFFD in place of what is not; a text that
 * really holds that character is refused with it, for it lost its own somewhere else.
 */
export function isText(text: string): boolean {
  return !text.includes('\0') && !text.includes('\uFFFD');
}

/** Bytes of a topic above which its publish is not taken at all. */
const topicBytesHardMax = 4 * 1024;

/**
 * Bytes that a topic may have to be taken in. One between `limits.topicBytesMax` and this is acknowledged, counted
 * (`topic-too-long`) and set aside by whoever reads the log: it can be seen, and a sensor does not send it for ever.
 */
export function topicBytesTaken(topicBytesMax: number): number {
  return Math.max(topicBytesMax, topicBytesHardMax);
}

/** Whether a topic has more than so many bytes as UTF-8. */
export function isLongerThan(topic: string, bytesMax: number): boolean {
  // No unit of a string takes more than 3 bytes: nearly always its length tells.
  return topic.length > bytesMax || (topic.length * 3 > bytesMax && Buffer.byteLength(topic) > bytesMax);
}
