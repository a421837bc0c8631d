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
